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
        var serial = 0
    }

    let writer: HistoryWriter
    let now: @Sendable () -> UInt64
    private let timers: any EventLoop
    private let state = Mutex(State())

    init(writer: HistoryWriter, now: @escaping @Sendable () -> UInt64, timers: any EventLoop) {
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

    func setTopic(_ topic: String, connection: String, id: String) {
        self.state.withLock { $0.topics["\(connection) \(id)"] = topic }
    }

    func topic(connection: String, id: String) -> String? {
        self.state.withLock { $0.topics["\(connection) \(id)"] }
    }

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
        while true {
            let passed = self.now() >= deadline
            let (result, version, aborted) = self.state.withLock { state -> (Result?, Int, Bool) in
                if state.isAborted { return (nil, 0, true) }
                return (check(&state.caseState, passed), state.version, false)
            }
            if aborted { throw .aborted }
            if let result { return result }
            if passed { return nil }
            await self.change(since: version, deadline: deadline)
        }
    }

    /// Decides an expectation: waits, uses up what it matched, and writes the decision down in one step.
    func decide(
        _ expectation: Expectation, since: Int, deadline: UInt64, step: String?
    ) async throws(StepAbort) -> Evaluation {
        while true {
            let passed = self.now() >= deadline
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
                await self.change(since: version, deadline: deadline)
                continue
            }
            return evaluation
        }
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
