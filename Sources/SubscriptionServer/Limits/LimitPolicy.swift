/// How many connections, operations and messages the server takes, and what happens beyond. All limits are inclusive;
/// nil is no limit.
package struct LimitPolicy: Sendable, Equatable {
    /// So many messages each second, and so many at once after a pause.
    package struct Rate: Sendable, Equatable {
        /// Messages per second, 1 to 1,000,000.
        package var perSecond: Int
        /// Messages that may come at once, at least 1.
        package var burst: Int

        /// - Parameter burst: what one second allows, unless told.
        package init(perSecond: Int, burst: Int? = nil) {
            self.perSecond = perSecond
            self.burst = burst ?? perSecond
        }
    }

    /// What happens to a message beyond the rate.
    package enum RateAction: String, Sendable, CaseIterable {
        /// An operation is refused with `error`, code `RATE_LIMITED`; other messages are dropped, except those that
        /// end something.
        case error
        /// The socket is closed with 4429 `Too many messages`.
        case close
    }

    /// Sockets and event streams of this process (429).
    package var connectionsPerServer: Int?
    /// Sockets and event streams from one address to this process (429).
    package var connectionsPerPeer: Int?
    /// Sockets and event streams of one tenant (close 4429, or 429).
    package var connectionsPerTenant: Int?
    /// Sockets and event streams of one user (close 4429, or 429). A client without a user has no such limit.
    package var connectionsPerUser: Int?
    /// Operations open at a time on one socket or event stream (`LIMIT_EXCEEDED`).
    package var operationsPerConnection: Int? = 1000
    /// Operations open at a time for one user, over all transports (`LIMIT_EXCEEDED`).
    package var operationsPerUser: Int?
    /// Messages of one socket.
    package var messagesPerConnection: Rate?
    /// Messages and HTTP requests of one tenant.
    package var messagesPerTenant: Rate?
    /// What happens beyond the two rates on a socket; an HTTP request gets 429.
    package var rateAction = RateAction.close
    /// After how many seconds a client that met a limit on what is open is told to come again. When a place becomes
    /// free is up to others, so this is the least time and not a promise; for rates the time is exact.
    package var retryAfter = 1

    package init() {}

    /// The limit on what is counted.
    func maximum(of kind: LimitKind) -> Int? {
        switch kind {
        case .connectionsPerServer: self.connectionsPerServer
        case .connectionsPerPeer: self.connectionsPerPeer
        case .connectionsPerTenant: self.connectionsPerTenant
        case .connectionsPerUser: self.connectionsPerUser
        case .operationsPerConnection: self.operationsPerConnection
        case .operationsPerUser: self.operationsPerUser
        case .messagesPerConnection, .messagesPerTenant, .store: nil
        }
    }

    /// Refuses what cannot be used.
    package func validate() throws(ServerConfiguration.Invalid) {
        for kind in LimitKind.allCases {
            if let maximum = self.maximum(of: kind), maximum < 1 {
                throw .init(setting: "limit \(kind.rawValue)", reason: "must be at least 1")
            }
        }
        for rate in [self.messagesPerConnection, self.messagesPerTenant] {
            guard let rate else { continue }
            guard (1...1_000_000).contains(rate.perSecond), (1...1_000_000).contains(rate.burst) else {
                throw .init(setting: "message rate", reason: "must be 1 to 1000000, and so must its burst")
            }
        }
        guard (1...3600).contains(self.retryAfter) else {
            throw .init(setting: "retryAfter", reason: "must be 1 to 3600 seconds")
        }
    }
}
