/// Decides what a client does as its connection comes and goes. Knows no clock and no socket: what it asks for is done by
/// who drives it.
struct ConnectionMachine: Sendable {
    /// What happens.
    enum Input: Sendable, Equatable {
        /// The user wants to be connected.
        case start
        /// The server has agreed: events may come.
        case ready
        /// Something that shows that the server is alive has arrived.
        case heard
        /// The time until the next heartbeat has passed.
        case heartbeatDue
        /// The wait before an attempt is over.
        case retryDue
        /// The connection ended, or could not be made.
        case lost(Loss)
        /// The server has no more to say, and said so.
        case completed
        /// The server has ended what was asked for with an error that trying again would not change.
        case failed(String)
        /// The server proposes another first delay (`retry:` of an event stream).
        case firstDelay(Duration)
        /// The user has had enough.
        case close
    }

    /// What is to be done.
    enum Output: Sendable, Equatable {
        case connect
        /// Ends the connection that there is.
        case drop
        /// `retryDue` after this time.
        case wait(Duration)
        /// `heartbeatDue` after this time.
        case awaitHeartbeat(Duration)
        /// Asks the server for a sign of life.
        case beat
        /// Forgets all waits.
        case cancelWaits
        case state(ConnectionState)
    }

    private(set) var state = ConnectionState.disconnected
    private var backoff: Backoff
    private let heartbeat: Duration?
    private var hasStarted = false
    /// Attempts since the last time that the server agreed.
    private var attempt = 0
    private var isAnswerAwaited = false

    /// - Parameter heartbeat: The time between two heartbeats; nil for none.
    init(backoff: Backoff, heartbeat: Duration?) {
        self.backoff = backoff
        self.heartbeat = heartbeat
    }

    mutating func handle(_ input: Input) -> [Output] {
        if case .start = input {
            guard !self.hasStarted else { return [] }
            self.hasStarted = true
            return [self.turn(.connecting), .connect]
        }
        guard self.hasStarted, !self.state.isFinal else { return [] }
        switch input {
        case .start: return []
        case .ready: return self.becomeReady()
        case .heard:
            self.isAnswerAwaited = false
            return []
        case .heartbeatDue: return self.beat()
        case .retryDue:
            guard case .reconnecting = self.state else { return [] }
            return [.connect]
        case .lost(let loss): return self.lose(loss)
        case .completed: return [.cancelWaits, .drop, self.turn(.disconnected)]
        case .failed(let reason): return [.cancelWaits, .drop, self.turn(.error(reason))]
        case .firstDelay(let delay):
            self.backoff.first = min(delay, self.backoff.longest)
            return []
        case .close: return [.cancelWaits, .drop, self.turn(.disconnected)]
        }
    }

    private mutating func becomeReady() -> [Output] {
        guard self.state != .connected else { return [] }
        self.attempt = 0
        self.isAnswerAwaited = false
        return [self.turn(.connected)] + (self.heartbeat.map { [.awaitHeartbeat($0)] } ?? [])
    }

    private mutating func beat() -> [Output] {
        guard self.state == .connected, let heartbeat = self.heartbeat else { return [] }
        if self.isAnswerAwaited {
            return [.drop] + self.lose(.stale)
        }
        self.isAnswerAwaited = true
        return [.beat, .awaitHeartbeat(heartbeat)]
    }

    private mutating func lose(_ loss: Loss) -> [Output] {
        guard loss.isWorthRetrying else {
            return [.cancelWaits, self.turn(.error("\(loss)"))]
        }
        self.attempt += 1
        guard let delay = self.backoff.delay(before: self.attempt) else {
            let attempts = self.attempt == 2 ? "1 attempt" : "\(self.attempt - 1) attempts"
            return [.cancelWaits, self.turn(.error("gave up after \(attempts): \(loss)"))]
        }
        let wait = max(delay, loss.requestedDelay ?? .zero)
        return [.cancelWaits, self.turn(.reconnecting(attempt: self.attempt, delay: wait, loss: loss)), .wait(wait)]
    }

    private mutating func turn(_ state: ConnectionState) -> Output {
        self.state = state
        return .state(state)
    }
}
