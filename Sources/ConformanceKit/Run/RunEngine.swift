import Synchronization

/// Plays cases side by side and gathers what became of them.
package struct RunEngine: Sendable {
    /// What happened during a run, for those who watch it. Called from any thread.
    package enum Event: Sendable {
        /// A case is being played.
        case started(ExpandedCase)
        /// A case has been played and judged.
        case finished(ExpandedCase, CaseResult, History)
        /// The server or its Redis has ended; no further case is played.
        case lost(HarnessError)
    }

    /// How many cases are played at a time, at least 1. A case mostly waits.
    package var jobs: Int
    /// How many times each case is played, at least 1.
    package var repetitions: Int
    /// Whether the run ends with the first case that fails.
    package var untilFail: Bool
    /// Whether merely acceptable outcomes count as failures.
    package var strict: Bool
    /// Ends the run early.
    package var stop: StopSwitch
    /// Plays and judges one case; ends soon after its task is cancelled.
    package var play: @Sendable (ExpandedCase) async -> (CaseResult, History)
    /// Why the server can no longer be judged; `nil` while it can.
    package var loss: @Sendable () -> HarnessError?
    /// Told of every event.
    package var observe: @Sendable (Event) -> Void

    /// An engine.
    package init(
        jobs: Int, repetitions: Int = 1, untilFail: Bool = false, strict: Bool = false, stop: StopSwitch = StopSwitch(),
        play: @escaping @Sendable (ExpandedCase) async -> (CaseResult, History),
        loss: @escaping @Sendable () -> HarnessError? = { nil },
        observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.jobs = jobs
        self.repetitions = repetitions
        self.untilFail = untilFail
        self.strict = strict
        self.stop = stop
        self.play = play
        self.loss = loss
        self.observe = observe
    }

    /// Plays the cases and returns an outcome for each, in the order given, whatever happened.
    package func run(_ cases: [ExpandedCase]) async -> [CaseOutcome] {
        var results = [[CaseResult]](repeating: [], count: cases.count)
        // Long cases first, so that none is left alone at the end; the sort keeps the order of equals.
        let order = cases.indices.sorted { left, right in
            let (a, b) = (cases[left].scenario.budget, cases[right].scenario.budget)
            return a == b ? left < right : a > b
        }
        for _ in 0..<max(1, self.repetitions) where self.stop.reason == nil {
            await self.round(order, cases) { index, result in results[index].append(result) }
        }
        let reason = self.stop.reason ?? "the run ended"
        return zip(cases, results).map { expanded, results in
            results.isEmpty
                ? CaseOutcome(expanded, skipped: .notReached(reason)) : CaseOutcome(expanded, results: results)
        }
    }

    private func round(
        _ order: [Int], _ cases: [ExpandedCase], _ keep: (Int, CaseResult) -> Void
    ) async {
        await withTaskGroup(of: (Int, CaseResult).self) { group in
            var waiting = order[...]
            var running = 0
            while true {
                while running < max(1, self.jobs), self.mayGoOn(), let index = waiting.popFirst() {
                    running += 1
                    group.addTask { (index, await self.playOne(cases[index])) }
                }
                guard let (index, result) = await group.next() else { return }
                running -= 1
                keep(index, result)
                let standing = CaseOutcome(cases[index], results: [result]).standing(strict: self.strict)
                if self.untilFail, standing == .failed { self.stop.request("a case failed") }
            }
        }
    }

    private func mayGoOn() -> Bool {
        guard self.stop.reason == nil, !Task.isCancelled else { return false }
        guard let loss = self.loss() else { return true }
        if self.stop.request("the server had ended") { self.observe(.lost(loss)) }
        return false
    }

    private func playOne(_ expanded: ExpandedCase) async -> CaseResult {
        self.observe(.started(expanded))
        let (result, history) = await self.play(expanded)
        self.observe(.finished(expanded, result, history))
        return result
    }
}

/// Lets a run be ended early from any thread.
package final class StopSwitch: Sendable {
    private let state = Mutex<String?>(nil)
    private let parent: StopSwitch?

    /// A switch that is not thrown.
    package init() {
        self.parent = nil
    }

    private init(parent: StopSwitch) {
        self.parent = parent
    }

    /// A switch for one part of the run: it ends with the whole, but not the whole with it.
    package func branch() -> StopSwitch { StopSwitch(parent: self) }

    /// Why the run is to end, as the end of "not played because …"; `nil` while it goes on.
    package var reason: String? { self.state.withLock { $0 } ?? self.parent?.reason }

    /// Ends the run; `false` if it was already to end.
    @discardableResult
    package func request(_ reason: String) -> Bool {
        self.state.withLock { state in
            guard state == nil else { return false }
            state = reason
            return true
        }
    }
}
