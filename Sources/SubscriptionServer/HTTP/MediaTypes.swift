/// A media type for answers with GraphQL results (GraphQL over HTTP, "Media Types").
enum ResultType: String, Sendable, CaseIterable {
    /// For clients that know nothing else.
    case json = "application/json"
    /// For results of GraphQL requests and nothing else.
    case graphQLResponse = "application/graphql-response+json"

    /// The value of `Content-Type`.
    var contentType: String { "\(self.rawValue); charset=utf-8" }

    /// The type that a client likes best (RFC 9110 §12.5.1).
    /// - Parameter accept: the lines of the `Accept` field; without any, or with `*/*`, JSON is taken.
    /// - Returns: nil when nothing is acceptable.
    static func negotiate(_ accept: [String]) -> ResultType? {
        self.negotiate(MediaRange.list(accept))
    }

    /// The same for elements that were read already.
    static func negotiate(_ ranges: [MediaRange]) -> ResultType? {
        guard !ranges.isEmpty else { return .json }
        let rated = Self.allCases.map { type in (type, MediaRange.quality(of: type.rawValue, in: ranges)) }
        // Of equals, the one that comes first in the header, and JSON when a wildcard stands for both.
        guard let best = rated.map(\.1.weight).max(), best > 0 else { return nil }
        return rated.filter { $0.1.weight == best }.min { $0.1.position < $1.1.position }?.0
    }
}

/// One element of an `Accept` field.
struct MediaRange: Equatable {
    /// In lower case, such as `text/*`.
    var type: String
    /// Thousandths, 0...1000.
    var weight: Int

    /// The elements of a field; what cannot be read is left out.
    static func list(_ field: String) -> [MediaRange] {
        self.split(field, at: ",").compactMap { element in
            let parts = self.split(element, at: ";").map(self.trimmed)
            guard let type = parts.first, type.contains("/") else { return nil }
            var weight = 1000
            for parameter in parts.dropFirst() where parameter.lowercased().hasPrefix("q=") {
                weight = self.weight(parameter.dropFirst(2))
            }
            return MediaRange(type: type.lowercased(), weight: weight)
        }
    }

    /// The elements of all lines of a field.
    static func list(_ lines: [String]) -> [MediaRange] {
        lines.flatMap { self.list($0) }
    }

    /// How much a client likes an event stream, and where it says so. Wildcards for every type do not count: who takes
    /// anything is served with what ends by itself.
    static func eventStreamQuality(in ranges: [MediaRange]) -> (weight: Int, position: Int) {
        self.quality(
            of: "text/event-stream", in: ranges.map { $0.type == "*/*" ? MediaRange(type: "", weight: 0) : $0 })
    }

    /// Whether a client likes an event stream better than a result, or likes them equally and names the stream first.
    static func prefersEventStream(_ ranges: [MediaRange]) -> Bool {
        let stream = self.eventStreamQuality(in: ranges)
        guard stream.weight > 0 else { return false }
        return ResultType.allCases.allSatisfy { type in
            let other = self.quality(of: type.rawValue, in: ranges)
            return other.weight < stream.weight
                || (other.weight == stream.weight
                    && (other.position > stream.position || ranges[other.position].type == "*/*"))
        }
    }

    /// How much a type is liked, and where in the list that is said: the most specific range counts.
    static func quality(of type: String, in ranges: [MediaRange]) -> (weight: Int, position: Int) {
        for range in [type, type.prefix { $0 != "/" } + "/*", "*/*"] {
            if let position = ranges.firstIndex(where: { $0.type == range }) {
                return (ranges[position].weight, position)
            }
        }
        return (0, .max)
    }

    /// The media type of a `Content-Type` field in lower case, and its charset if it names one.
    static func contentType(_ field: String) -> (type: String, charset: String?) {
        let parts = self.split(field, at: ";").map(self.trimmed)
        let charset = parts.dropFirst().first { $0.lowercased().hasPrefix("charset=") }
        let value = charset.map { $0.dropFirst("charset=".count).filter { $0 != "\"" }.lowercased() }
        return (parts.first?.lowercased() ?? "", value)
    }

    private static func weight(_ text: Substring) -> Int {
        guard let value = Double(text), (0...1).contains(value) else { return 0 }
        return Int((value * 1000).rounded())
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(String(text.drop(while: isSpace).reversed()).drop(while: isSpace).reversed())
    }

    /// Splits outside quoted strings.
    private static func split(_ text: some StringProtocol, at separator: Character) -> [Substring] {
        var isQuoted = false
        return Substring(text).split(omittingEmptySubsequences: true) { character in
            if character == "\"" {
                isQuoted.toggle()
            }
            return character == separator && !isQuoted
        }
    }
}
