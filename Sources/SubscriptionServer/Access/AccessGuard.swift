import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols
import Synchronization

/// Sees to it that nobody stays for longer than he may: ends connections when their token ends, and when it is revoked.
///
/// One timer for each connection whose token ends; none stays behind when the connection goes first.
final class AccessGuard: ConnectionWatch {
    /// Makes a call later, from any thread. What it returns takes the call back.
    typealias Schedule =
        @Sendable (_ delay: TimeAmount, _ call: @escaping @Sendable () -> Void) -> @Sendable () -> Void

    /// No timer is set for longer: tokens may be good for longer than a timer counts, and clocks may be set.
    private static let longestDelay = 3600.0

    private let policy: AccessPolicy.TokenExpiry
    private let revocations: RevocationBook?
    private let now: @Sendable () -> Double
    private let schedule: Schedule
    private let logger: Logger
    /// What takes the timer of a connection back.
    private let timers = Mutex<[ObjectIdentifier: @Sendable () -> Void]>([:])

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - schedule: sets timers.
    init(
        policy: AccessPolicy.TokenExpiry, revocations: RevocationBook?, now: @escaping @Sendable () -> Double,
        logger: Logger, schedule: @escaping Schedule
    ) {
        self.policy = policy
        self.revocations = revocations
        self.now = now
        self.schedule = schedule
        self.logger = logger
    }

    /// Timers that wait.
    var timerCount: Int { self.timers.withLock { $0.count } }

    /// The connections of a server, each of them guarded.
    static func live(
        _ configuration: ServerConfiguration, revocations: RevocationBook?, now: @escaping @Sendable () -> Double,
        logger: Logger, eventLoopGroup: any EventLoopGroup
    ) -> LiveConnections {
        let misbehaviour = configuration.testMode?.misbehaviour
        let isBlind = misbehaviour == .expiryNotEnforced || misbehaviour == .expiryAtNextEvent
        let guardian = AccessGuard(
            policy: isBlind ? .keep : configuration.access.tokenExpiry, revocations: revocations, now: now,
            logger: logger
        ) { delay, call in
            let timer = eventLoopGroup.any().scheduleTask(in: delay, call)
            return { timer.cancel() }
        }
        let live = LiveConnections(watch: guardian, logger: logger)
        if misbehaviour != .revocationNotPushed {
            revocations?.observe { [weak live] revoked in
                if let live { guardian.revoked(revoked, among: live) }
            }
        }
        return live
    }

    /// Ends the connections that the revocations are about.
    func revoked(_ revocations: Set<Revocation>, among connections: LiveConnections) {
        let count = connections.end(.revoked) { connection in
            connection.principal.revocations.contains(where: revocations.contains)
        }
        self.logger.record(.tokensRevoked(count: revocations.count, connections: count))
    }

    // MARK: Connections

    func added(_ connection: LiveConnection) {
        // It may have been revoked after the gate had looked.
        if self.revocations?.isRevoked(connection.principal) == true {
            connection.end(.revoked)
            return
        }
        if let expiry = connection.principal.expiry, self.policy != .keep {
            self.wait(for: expiry, connection)
        }
    }

    func removed(_ connection: LiveConnection) {
        self.timers.withLock { $0.removeValue(forKey: ObjectIdentifier(connection)) }?()
    }

    private func wait(for expiry: Double, _ connection: LiveConnection) {
        let seconds = expiry - self.now()
        guard seconds > 0 else {
            connection.end(.tokenExpired(failingOperations: self.policy == .endOperations))
            return
        }
        // Rounded up, so that the clock has passed the end when the timer fires.
        let delay = TimeAmount.milliseconds(Int64((min(seconds, Self.longestDelay) * 1000).rounded(.up)))
        let key = ObjectIdentifier(connection)
        // Held while the timer is set: it must not fire before it is in the books.
        self.timers.withLock { timers in
            timers[key] = self.schedule(delay) { [weak self, weak connection] in
                guard let self, let connection, self.timers.withLock({ $0.removeValue(forKey: key) }) != nil
                else { return }
                self.wait(for: expiry, connection)
            }
        }
    }
}

extension ConnectionEnd {
    /// The token with which the client came is not valid any more.
    package static func tokenExpired(failingOperations: Bool) -> ConnectionEnd {
        ConnectionEnd(
            close: .tokenExpired,
            error: GraphQLError(message: "The token has expired.", extensions: ["code": "TOKEN_EXPIRED"]),
            failsOperations: failingOperations)
    }

    /// The token, or its user, was revoked.
    package static let revoked = ConnectionEnd(
        close: .tokenRevoked,
        error: GraphQLError(message: "The token was revoked.", extensions: ["code": "UNAUTHENTICATED"]))
}
