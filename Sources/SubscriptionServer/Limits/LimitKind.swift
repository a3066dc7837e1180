/// What is limited. The raw value is the name in metrics and logs.
package enum LimitKind: String, Sendable, Hashable, CaseIterable {
    /// Sockets and event streams of the whole process.
    case connectionsPerServer = "connections_per_server"
    /// Sockets and event streams from one address, in this process.
    case connectionsPerPeer = "connections_per_peer"
    /// Sockets and event streams of one tenant.
    case connectionsPerTenant = "connections_per_tenant"
    /// Sockets and event streams of one user of a tenant.
    case connectionsPerUser = "connections_per_user"
    /// Operations open at a time on one socket or event stream.
    case operationsPerConnection = "operations_per_connection"
    /// Operations open at a time for one user of a tenant, over all transports.
    case operationsPerUser = "operations_per_user"
    /// Messages per second of one socket.
    case messagesPerConnection = "messages_per_connection"
    /// Messages and HTTP requests per second of one tenant, in this process.
    case messagesPerTenant = "messages_per_tenant"
    /// The store that counts for several processes cannot be asked.
    case store
}

extension LimitKind {
    /// Those that count what is open and are counted apart from the connection itself.
    static let counted: [LimitKind] = [
        .connectionsPerServer, .connectionsPerPeer, .connectionsPerTenant, .connectionsPerUser, .operationsPerUser,
    ]
}
