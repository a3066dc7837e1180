extension Target.RedisAddress {
    /// Reads `redis://user:password@host:port/database`, or the same with `rediss` for TLS; port 6379 and database 0 if
    /// they are left out, and `redis://:password@host` for a password without a user. What has a meaning of its own in a
    /// URL stands percent-encoded in user and password. `nil` for anything else.
    package init?(url: String) {
        let schemes = ["redis://": false, "rediss://": true]
        guard let (scheme, isSecure) = schemes.first(where: { url.hasPrefix($0.key) }) else { return nil }
        let parts = url.dropFirst(scheme.count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var place = parts[0]
        var user: String?
        var password: String?
        if let at = place.lastIndex(of: "@") {
            let credentials = place[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            place = place[place.index(after: at)...]
            guard credentials.count == 2, let name = Self.decoded(credentials[0]),
                let word = Self.decoded(credentials[1]), !word.isEmpty
            else { return nil }
            user = name.isEmpty ? nil : name
            password = word
        }
        guard let (host, port) = Self.hostAndPort(place) else { return nil }
        let database = parts.count == 2 && !parts[1].isEmpty ? Int(parts[1]) : 0
        guard let database, database >= 0 else { return nil }
        self.init(host: host, port: port, database: database)
        self.user = user
        self.password = password
        self.isSecure = isSecure
    }

    /// The same as a URL, with its password.
    package var url: String {
        var credentials = ""
        if let password = self.password {
            credentials = "\(StreamLink.encoded(self.user ?? "")):\(StreamLink.encoded(password))@"
        }
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "\(self.isSecure ? "rediss" : "redis")://\(credentials)\(host):\(self.port)/\(self.database)"
    }

    /// What a connection has to say first; empty where nobody asks for a password.
    var greeting: [String] {
        guard let password = self.password else { return [] }
        return ["AUTH"] + (self.user.map { [$0] } ?? []) + [password]
    }

    private static func hostAndPort(_ text: Substring) -> (String, Int)? {
        var host = text
        var port = 6379
        // A colon inside of brackets belongs to an IPv6 address.
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            guard let number = Int(text[text.index(after: colon)...]) else { return nil }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, (1...65_535).contains(port) else { return nil }
        return (String(host), port)
    }

    /// Percent-encoding undone (RFC 3986 §2.1); `nil` if it is broken.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
