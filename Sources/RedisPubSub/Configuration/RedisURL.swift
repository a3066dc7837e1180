/// Where Redis is and how to sign in: `redis://[[user]:password@]host[:port][/database]`, or, where Sentinels know that,
/// `redis-sentinel://[[user]:password@]host[:port][,host[:port]…]/service[/database]`; each with `rediss` for TLS.
///
/// User and password, which are those of Redis, may be percent-encoded. The port is 6379, that of a Sentinel 26379, and
/// the database 0 unless given. Described without user and password, so that it can be logged.
package struct RedisURL: Sendable, Hashable {
    /// Why a text is no such URL; the message never repeats the part before `@`.
    package struct ParseError: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// What stands before `://`.
    package enum Scheme: String, Sendable, CaseIterable {
        case redis
        case rediss
        case sentinel = "redis-sentinel"
        case secureSentinel = "rediss-sentinel"

        /// Whether it asks for TLS.
        var isSecure: Bool { self == .rediss || self == .secureSentinel }
        /// Whether it names Sentinels.
        var asksSentinels: Bool { self == .sentinel || self == .secureSentinel }
    }

    package let scheme: Scheme
    /// Host name or address, that of the first Sentinel if there are any; an IPv6 address is without brackets.
    package internal(set) var host: String
    /// 1 to 65535.
    package internal(set) var port: Int
    /// Those who know where Redis is; nil when the URL itself says so.
    let sentinels: SentinelGroup?
    /// The number for SELECT, from 0.
    package let database: Int
    /// The user for AUTH; nil for Redis's default user.
    package let user: String?
    let password: String?

    /// Whether the links use TLS.
    package var isSecure: Bool { self.scheme.isSecure }

    /// Where Redis listens, or the first Sentinel.
    var endpoint: RedisEndpoint { RedisEndpoint(host: self.host, port: self.port) }

    package init(_ text: String) throws(ParseError) {
        guard let scheme = Scheme.allCases.first(where: { text.hasPrefix("\($0.rawValue)://") }) else {
            throw ParseError(
                description:
                    "a Redis URL starts with redis://, rediss://, redis-sentinel:// or rediss-sentinel://, as in redis://127.0.0.1:6379/0"
            )
        }
        self.scheme = scheme
        var rest = text.dropFirst(scheme.rawValue.count + 3)
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw ParseError(description: "what precedes @ in a Redis URL is user:password or :password")
            }
            self.user = parts[0].isEmpty ? nil : try Self.decode(parts[0])
            self.password = try Self.decode(parts[1])
            rest = rest[rest.index(after: at)...]
        } else {
            self.user = nil
            self.password = nil
        }
        var path = rest[rest.endIndex...]
        if let slash = rest.firstIndex(of: "/") {
            path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
        }
        if scheme.asksSentinels {
            let group = try Self.sentinels(rest, path)
            self.sentinels = group
            (self.host, self.port) = (group.endpoints[0].host, group.endpoints[0].port)
            path = path.dropFirst(group.service.count + 1)
        } else {
            self.sentinels = nil
            (self.host, self.port) = try Self.authority(rest, port: "6379")
        }
        let database = path.isEmpty ? "0" : path
        guard database.utf8.allSatisfy(Self.isDigit), let number = Int(database) else {
            throw ParseError(
                description: "the path of a Redis URL ends with a database number, as in /0, not \"/\(database)\"")
        }
        self.database = number
    }

    private static func sentinels(_ hosts: Substring, _ path: Substring) throws(ParseError) -> SentinelGroup {
        let service = path.prefix { $0 != "/" }
        guard !service.isEmpty, service.utf8.allSatisfy(self.isNameByte) else {
            throw ParseError(
                description:
                    "the path of a Redis URL with Sentinels begins with the name of the service, as in /events "
                    + "or /events/0; such a name has letters, digits, dots, hyphens and underscores")
        }
        var endpoints: [RedisEndpoint] = []
        for text in hosts.split(separator: ",", omittingEmptySubsequences: false) {
            let (host, port) = try self.authority(text, port: "26379")
            endpoints.append(RedisEndpoint(host: host, port: port))
        }
        return SentinelGroup(service: String(service), endpoints: endpoints)
    }

    /// What Sentinel lets a name have.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: self.isDigit(byte)
        }
    }

    private static func authority(_ text: Substring, port: Substring) throws(ParseError) -> (String, Int) {
        var host = text
        var port = port
        if text.hasPrefix("["), let bracket = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<bracket]
            let rest = text[text.index(after: bracket)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw ParseError(description: "after ] in a Redis URL comes :port, / or nothing")
            }
            if !rest.isEmpty { port = rest.dropFirst() }
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else {
            throw ParseError(description: "a Redis URL needs a host, as in redis://127.0.0.1:6379/0")
        }
        guard !host.contains(",") else {
            throw ParseError(description: "a Redis URL with one Redis has one host")
        }
        guard port.utf8.allSatisfy(self.isDigit), let number = Int(port), (1...65535).contains(number) else {
            throw ParseError(description: "the port of a Redis URL is a number from 1 to 65535, not \"\(port)\"")
        }
        return (String(host), number)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// RFC 3986 §2.1.
    private static func decode(_ text: Substring) throws(ParseError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(self.hexadecimal),
                let low = rest.popFirst().flatMap(self.hexadecimal)
            else {
                throw ParseError(description: "in a Redis URL, % before @ is followed by two hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

extension RedisURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let scheme = self.scheme.rawValue
        guard let group = self.sentinels else { return "\(scheme)://\(self.endpoint)/\(self.database)" }
        let endpoints = group.endpoints.map(\.description).joined(separator: ",")
        return "\(scheme)://\(endpoints)/\(group.service)/\(self.database)"
    }

    package var debugDescription: String { self.description }

    /// Nothing to look into: a dump of a value that holds the URL shows no password.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
