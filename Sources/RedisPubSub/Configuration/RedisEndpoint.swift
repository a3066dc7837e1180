/// Where one process listens: a host and a port.
struct RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// Host name or address; an IPv6 address is without brackets.
    let host: String
    /// 1 to 65535.
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
