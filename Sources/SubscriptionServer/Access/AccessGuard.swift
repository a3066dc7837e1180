import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols
import Synchronization

/// Sees to it that nobody stays for longer than he may: ends connections when their token ends, and when it is revoked.
///
/// One timer for all connections whose tokens end: that of the next. None stays behind when they go first.
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
    private struct State {
        var expiries = ExpiryHeap()
        /// The timer that is set: when it fires, and what takes it back.
        var timer: (due: Double, cancel: @Sendable () -> Void)?
        /// Counts timers, so that one that fires too late to be taken back is known.
        var lastTimer: UInt64 = 0
    }

    private let state = Mutex(State())

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

    /// Connections whose end is waited for.
    var waitingCount: Int { self.state.withLock { $0.expiries.count } }

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
        guard let expiry = connection.principal.expiry, self.policy != .keep else { return }
        guard expiry > self.now() else {
            self.end(connection)
            return
        }
        self.state.withLock { state in
            state.expiries.add(connection, due: expiry)
            self.schedule(&state)
        }
    }

    func removed(_ connection: LiveConnection) {
        self.state.withLock { state in
            state.expiries.remove(connection)
            guard state.expiries.count == 0, let timer = state.timer else { return }
            timer.cancel()
            state.timer = nil
        }
    }

    private func end(_ connection: LiveConnection) {
        connection.end(.tokenExpired(failingOperations: self.policy == .endOperations))
    }

    /// Sets the timer for the next end, unless it is set for that or earlier; then it fires, and this comes again. The
    /// timer is set under the lock: it must not fire before it is in the books.
    private func schedule(_ state: inout State) {
        guard let due = state.expiries.nextDue else { return }
        if let timer = state.timer {
            guard due < timer.due else { return }
            timer.cancel()
        }
        let seconds = min(max(due - self.now(), 0), Self.longestDelay)
        state.lastTimer += 1
        let number = state.lastTimer
        // Rounded up, so that the clock has passed the end when the timer fires.
        let delay = TimeAmount.milliseconds(Int64((seconds * 1000).rounded(.up)))
        state.timer = (due, self.schedule(delay) { [weak self] in self?.timerFired(number) })
    }

    private func timerFired(_ number: UInt64) {
        let ended = self.state.withLock { state -> [LiveConnection] in
            guard number == state.lastTimer else { return [] }
            state.timer = nil
            let now = self.now()
            var ended: [LiveConnection] = []
            while let due = state.expiries.nextDue, due <= now, let connection = state.expiries.removeNext() {
                ended.append(connection)
            }
            self.schedule(&state)
            return ended
        }
        ended.forEach(self.end)
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
