extension Target.RedisAddress {
    /// Reads `redis://host:port/database`; port 6379 and database 0 if they are left out. `nil` for anything else, also
    /// for a URL with a user or a password.
    package init?(url: String) {
        guard url.hasPrefix("redis://") else { return nil }
        let parts = url.dropFirst("redis://".count).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let address = parts[0].split(separator: ":", omittingEmptySubsequences: false)
        guard !parts[0].contains("@"), address.count <= 2, let host = address.first, !host.isEmpty else { return nil }
        let port = address.count == 2 ? Int(address[1]) : 6379
        let database = parts.count == 2 && !parts[1].isEmpty ? Int(parts[1]) : 0
        guard let port, (1...65_535).contains(port), let database, database >= 0 else { return nil }
        self.init(host: String(host), port: port, database: database)
    }
}
