import NIOCore
import Synchronization

/// The history of one case while it is played: takes records from any thread, keeps what they amount to, and wakes
/// whoever waits for a change.
final class CaseSession: Sendable {
    /// Why nothing more is played.
    enum StepAbort: Error {
        /// An expectation failed or a step met a problem; it is in the history.
        case aborted
        /// An outcome ended the scenario early, well.
        case stopped
    }

    private struct State {
        var caseState = CaseState()
        var version = 0
        var isAborted = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
        var saved: [String: JSON] = [:]
        var topics: [String: String] = [:]
        var tokens: [String: MintedToken] = [:]
        var serial = 0
        var claims: Set<String> = []
        var received = 0
        var rounds = 0
    }

    let writer: HistoryWriter
    let now: @Sendable () -> UInt64
    private let timers: any EventLoop
    private let stalls: StallMeter
    private let state = Mutex(State())

    init(
        writer: HistoryWriter, now: @escaping @Sendable () -> UInt64, timers: any EventLoop, stalls: StallMeter,
        mostReceived: Int = CaseSession.mostReceived
    ) {
        self.mostReceived = mostReceived
        self.stalls = stalls
        self.writer = writer
        self.now = now
        self.timers = timers
    }

    // MARK: Recording

    /// Writes a record and applies it. Returns the item that it completed, if any.
    @discardableResult
    func record(
        _ event: HistoryRecord.Event, connection: String? = nil, step: String? = nil
    ) -> ConnectionState.Item? {
        let (item, waiters) = self.state.withLock { state in
            (self.append(event, connection, step, &state), Self.takeWaiters(&state))
        }
        for waiter in waiters { waiter.resume() }
        return item
    }

    private func append(
        _ event: HistoryRecord.Event, _ connection: String?, _ step: String?, _ state: inout State
    ) -> ConnectionState.Item? {
        state.version += 1
        return state.caseState.apply(self.writer.append(event, connection: connection, step: step))
    }

    private static func takeWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        let waiters = Array(state.waiters.values)
        state.waiters = [:]
        return waiters
    }

    /// Looks at what is known.
    func read<Result>(_ body: (CaseState) -> sending Result) -> sending Result {
        self.state.withLock { body($0.caseState) }
    }

    /// Nothing waits any longer, and no further step is played.
    func abort() {
        let waiters = self.state.withLock { state in
            state.isAborted = true
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Allows waiting again, for cleaning up after an abort.
    func resume() { self.state.withLock { $0.isAborted = false } }

    var isAborted: Bool { self.state.withLock { $0.isAborted } }

    // MARK: Names

    func save(_ name: String, _ value: JSON) { self.state.withLock { $0.saved[name] = value } }

    var saved: [String: JSON] { self.state.withLock { $0.saved } }

    func save(token: MintedToken, as name: String) { self.state.withLock { $0.tokens[name] = token } }

    func token(_ name: String) -> MintedToken? { self.state.withLock { $0.tokens[name] } }

    func setTopic(_ topic: String, connection: String, id: String) {
        self.state.withLock { $0.topics["\(connection) \(id)"] = topic }
    }

    func topic(connection: String, id: String) -> String? {
        self.state.withLock { $0.topics["\(connection) \(id)"] }
    }

    /// What a case may keep of what servers send, in bytes of memory; a server that goes on beyond is cut off.
    static let mostReceived = 128 << 20
    private let mostReceived: Int

    /// Counts bytes that were received in so many pieces. False when the case has kept as much as it may.
    func charge(bytes: Int, pieces: Int) -> Bool {
        self.state.withLock { state in
            // A byte stands in a record and in what was read from it; a piece has a record and an item around it.
            state.received += bytes * 3 + pieces * 1_024
            return state.received <= self.mostReceived
        }
    }

    /// Something was sent that may have an answer.
    func noteRound() { self.state.withLock { $0.rounds += 1 } }

    /// How many times something was sent.
    var rounds: Int { self.state.withLock { $0.rounds } }

    /// Whether the caller is the first to ask for a name.
    func claim(_ name: String) -> Bool { self.state.withLock { $0.claims.insert(name).inserted } }

    /// 1, 2, 3 and so on.
    func nextSerial() -> Int {
        self.state.withLock { state in
            state.serial += 1
            return state.serial
        }
    }

    // MARK: Waiting

    /// Waits until `check` gives a result: it is asked after every change, and once more when the deadline has passed.
    /// - Parameter deadline: On the clock of the run, in nanoseconds.
    /// - Returns: The result, or nil if there was none at the deadline.
    func wait<Result: Sendable>(
        until deadline: UInt64, _ check: @Sendable (inout CaseState, _ deadlinePassed: Bool) -> Result?
    ) async throws(StepAbort) -> Result? {
        let before = self.stalls.stalled
        while true {
            let passed = await self.hasPassed(deadline, stalledBefore: before)
            let (result, version, aborted) = self.state.withLock { state -> (Result?, Int, Bool) in
                if state.isAborted { return (nil, 0, true) }
                return (check(&state.caseState, passed), state.version, false)
            }
            if aborted { throw .aborted }
            if let result { return result }
            if passed { return nil }
            await self.change(since: version, deadline: self.later(deadline, stalledBefore: before))
        }
    }

    /// Decides an expectation: waits, uses up what it matched, and writes the decision down in one step.
    func decide(
        _ expectation: Expectation, since: Int, deadline: UInt64, step: String?
    ) async throws(StepAbort) -> Evaluation {
        let before = self.stalls.stalled
        while true {
            let passed = await self.hasPassed(deadline, stalledBefore: before)
            let began = self.now()
            let (evaluation, version, waiters) = try self.state.withLock {
                state throws(StepAbort) -> (Evaluation, Int, [CheckedContinuation<Void, Never>]) in
                if state.isAborted { throw .aborted }
                let until = self.writer.nextSequence - 1
                let window = EvaluationWindow(since: since, until: until, deadlinePassed: passed)
                let evaluation = expectation.evaluate(state.caseState, window)
                if case .pending = evaluation, !passed { return (evaluation, state.version, []) }
                let event = HistoryRecord.Event.expected(
                    expectation: expectation, since: since, until: until, deadlinePassed: passed)
                _ = self.append(event, expectation.connection, step, &state)
                if case .met(_, let consumed, _) = evaluation, let connection = expectation.connection {
                    state.caseState.consume(consumed, of: connection)
                }
                return (evaluation, state.version, Self.takeWaiters(&state))
            }
            for waiter in waiters { waiter.resume() }
            if case .pending = evaluation, !passed {
                try await self.rest(after: began, deadline: deadline)
                await self.change(since: version, deadline: self.later(deadline, stalledBefore: before))
                continue
            }
            return evaluation
        }
    }

    /// Whether a deadline is over, for a runner that may have stood still meanwhile: before it says so, everything that had
    /// come in by then has been read, and the time of its own stalls is added.
    private func hasPassed(_ deadline: UInt64, stalledBefore: UInt64) async -> Bool {
        guard self.now() >= self.later(deadline, stalledBefore: stalledBefore) else { return false }
        // A deadline of nothing at all is about what is known already.
        guard deadline > 0 else { return true }
        await self.stalls.settle()
        return self.now() >= self.later(deadline, stalledBefore: stalledBefore)
    }

    private func later(_ deadline: UInt64, stalledBefore: UInt64) -> UInt64 {
        deadline.addingReportingOverflow(self.stalls.stalled - stalledBefore).partialValue
    }

    /// A look that took long is not taken at every change: looking takes at most a tenth of the time, however many messages
    /// have piled up.
    private func rest(after began: UInt64, deadline: UInt64) async throws(StepAbort) {
        let cost = self.now() - began
        guard cost > 2_000_000 else { return }
        let end = min(self.now() + min(cost * 9, 250_000_000), deadline)
        let now = self.now()
        guard end > now else { return }
        try? await self.timers.scheduleTask(in: .nanoseconds(Int64(end - now))) {}.futureResult.get()
        if self.isAborted { throw .aborted }
    }

    private func change(since version: Int, deadline: UInt64) async {
        let now = self.now()
        guard deadline > now else { return }
        let delay = TimeAmount.nanoseconds(Int64(min(deadline - now, 3_600_000_000_000)))
        var timer: Scheduled<Void>?
        await withCheckedContinuation { continuation in
            let id = self.state.withLock { state -> Int? in
                guard state.version == version, !state.isAborted else { return nil }
                state.nextWaiter += 1
                state.waiters[state.nextWaiter] = continuation
                return state.nextWaiter
            }
            guard let id else {
                continuation.resume()
                return
            }
            timer = self.timers.scheduleTask(in: delay) {
                let waiter = self.state.withLock { $0.waiters.removeValue(forKey: id) }
                waiter?.resume()
            }
        }
        timer?.cancel()
    }
}

extension Expectation {
    /// The connection whose messages are looked at.
    package var connection: String? {
        switch self.subject {
        case .messages(let connection, _, _), .handshake(let connection): connection
        case .events(let events): events.connection
        case .value: nil
        }
    }
}
