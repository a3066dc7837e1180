/// Where some nodes of a Redis cluster are and how to sign in to all: `redis-cluster://[[user]:password@]host[:port][,…]`,
/// or `rediss-cluster` for TLS.
///
/// User and password may be percent-encoded. The port is 6379 unless given. A cluster has no database but 0. Described
/// without user and password, so that it can be logged.
package struct RedisClusterURL: Sendable, Hashable {
    /// What the URL begins with.
    enum Scheme: String, CaseIterable {
        case plain = "redis-cluster://"
        case secure = "rediss-cluster://"

        /// nil when the text begins with none.
        init?(of text: String) {
            guard let scheme = Self.allCases.first(where: { text.hasPrefix($0.rawValue) }) else { return nil }
            self = scheme
        }
    }

    /// The nodes that are named, at least one, each with user and password.
    package let seeds: [RedisURL]

    package init(_ text: String) throws(RedisURL.ParseError) {
        guard let scheme = Scheme(of: text) else {
            throw RedisURL.ParseError(
                description: "the URL of a Redis cluster starts with redis-cluster:// or rediss-cluster://, as in "
                    + "redis-cluster://127.0.0.1:7000,127.0.0.1:7001")
        }
        let rest = text.dropFirst(scheme.rawValue.count)
        let start = rest.lastIndex(of: "@").map { rest.index(after: $0) } ?? rest.startIndex
        let credentials = rest[..<start]
        var nodes = rest[start...]
        if let slash = nodes.firstIndex(of: "/") {
            guard ["/", "/0"].contains(nodes[slash...]) else {
                throw RedisURL.ParseError(description: "a Redis cluster has no database but 0")
            }
            nodes = nodes[..<slash]
        }
        var seeds: [RedisURL] = []
        for node in nodes.split(separator: ",", omittingEmptySubsequences: false) {
            seeds.append(try RedisURL("\(scheme == .secure ? "rediss" : "redis")://\(credentials)\(node)"))
        }
        self.seeds = seeds
    }

    /// How a node is reached that the cluster tells of: signed in as at the nodes that are named.
    func node(at address: RedisEndpoint) -> RedisURL {
        var url = self.seeds[0]
        url.host = address.host
        url.port = address.port
        return url
    }
}

extension RedisClusterURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let nodes = self.seeds.map { "\($0.endpoint)" }
        return (self.seeds[0].isSecure ? Scheme.secure : .plain).rawValue + nodes.joined(separator: ",")
    }

    package var debugDescription: String { self.description }

    /// Nothing to look into: a dump of a value that holds the URL shows no password.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
