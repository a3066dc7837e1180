/// Which web pages may talk to the server.
///
/// A browser says in `Origin` from where a page is that opens a WebSocket or sends a request, and sends along the
/// cookies that it has for the server, whoever made the page. So a page that is not ours has to be turned away, or it
/// acts as the user who visits it (RFC 6455 §10.2, Fetch §3.2). Clients that are no browsers send no `Origin` and are
/// not concerned.
package struct OriginPolicy: Sendable, Equatable {
    /// What becomes of a request.
    package enum Verdict: Sendable, Equatable {
        /// It names no origin.
        case absent
        /// The page is one of ours.
        case allowed(origin: String, isListed: Bool)
        /// The page is not.
        case refused
    }

    /// Whether pages from anywhere may.
    package let allowsAny: Bool
    private let listed: Set<String>

    /// Pages from the server itself, and none else.
    package init() {
        self.allowsAny = false
        self.listed = []
    }

    /// Pages from the server itself and those from the given origins, such as `https://app.example.com`; `*` is all.
    ///
    /// - Throws: `Unusable` for what is no origin (RFC 6454 §6.1), such as an address with a path.
    package init(allowing origins: [String]) throws(Unusable) {
        var listed: Set<String> = []
        for origin in origins where origin != "*" {
            guard origin == "null" || Self.isOrigin(origin) else { throw Unusable(origin: origin) }
            listed.insert(Self.normalised(origin))
        }
        self.allowsAny = origins.contains("*")
        self.listed = listed
    }

    /// What is no origin.
    package struct Unusable: Error, Sendable, Equatable, CustomStringConvertible {
        package let origin: String
        package var description: String {
            "\"\(self.origin)\" is no origin; one is written like https://app.example.com or http://localhost:8080"
        }
    }

    /// Judges a request by its fields `Origin` and `Host`.
    package func judge(origins: [String], host: String?) -> Verdict {
        guard let origin = origins.first else { return .absent }
        guard origins.count == 1 else { return .refused }
        let name = Self.normalised(origin)
        if self.listed.contains(name) { return .allowed(origin: origin, isListed: true) }
        if let host, Self.isOrigin(origin), Self.isSame(name, host: host.lowercased()) {
            return .allowed(origin: origin, isListed: true)
        }
        return self.allowsAny ? .allowed(origin: origin, isListed: false) : .refused
    }

    /// Whether it is a scheme with a host and perhaps a port, and nothing behind.
    private static func isOrigin(_ text: String) -> Bool {
        guard let mark = text.firstRange(of: "://") else { return false }
        let scheme = text[..<mark.lowerBound]
        let authority = text[mark.upperBound...]
        return !scheme.isEmpty && scheme.utf8.allSatisfy(Self.isSchemeByte) && !authority.isEmpty
            && authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Self.notInAuthority.contains($0) }
    }

    private static let notInAuthority = Array("/?#@,\\\"'<>".utf8)

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2B || byte == 0x2D
            || byte == 0x2E
    }

    /// In lower case and without the port that its scheme has anyway.
    private static func normalised(_ origin: String) -> String {
        let origin = origin.lowercased()
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")]
        where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
            return String(origin.dropLast(port.count))
        }
        return origin
    }

    /// Whether the page came from the host that is asked now. What stands before it may speak TLS for the server, so
    /// the scheme is not compared.
    private static func isSame(_ origin: String, host: String) -> Bool {
        ["http://", "https://"].contains { origin == self.normalised($0 + host) }
    }
}
