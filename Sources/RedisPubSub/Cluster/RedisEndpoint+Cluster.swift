extension RedisEndpoint: Comparable {
    /// Reads `host:port` as a redirection has it, where an IPv6 address has no brackets.
    ///
    /// - Parameter asked: The host of the node that says so, which stands for a host that is not named.
    init?(_ text: some StringProtocol, from asked: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65535).contains(port)
        else { return nil }
        let host = text[..<colon]
        guard host != "?" else { return nil }
        self.init(host: host.isEmpty ? asked : String(host), port: port)
    }

    static func < (one: RedisEndpoint, other: RedisEndpoint) -> Bool {
        (one.host, one.port) < (other.host, other.port)
    }
}
