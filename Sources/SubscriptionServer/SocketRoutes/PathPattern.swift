/// The path of a route: segments between slashes, of which those in braces stand for any one segment that is not empty,
/// as in `/ws/jobs/{id}`.
package struct PathPattern: Sendable, Hashable, ExpressibleByStringInterpolation,
    CustomStringConvertible
{
    private enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
    }

    private let segments: [Segment]
    package let description: String

    package init(_ text: String) {
        self.description = text
        self.segments = text.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .parameter(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
    }

    package init(stringLiteral value: String) {
        self.init(value)
    }

    /// The parameters of a path by name, percent-decoded (RFC 3986 §2.1); nil when the path is another one, or when a
    /// parameter is not UTF-8.
    /// - Parameter path: as it came, without query.
    package func match(_ path: some StringProtocol) -> [String: String]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == self.segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(self.segments, parts) {
            switch segment {
            case .literal(let text):
                guard part == text else { return nil }
            case .parameter(let name):
                guard !part.isEmpty, let value = Self.decoded(part) else { return nil }
                parameters[name] = value
            }
        }
        return parameters
    }

    private static func decoded(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(), let value = self.hex(high, low) else {
                return nil
            }
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hex(_ high: UInt8, _ low: UInt8) -> UInt8? {
        let digits = [high, low].compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return digits.count == 2 ? UInt8(digits[0] << 4 | digits[1]) : nil
    }
}
