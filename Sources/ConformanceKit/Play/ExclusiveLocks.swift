import Synchronization

/// Keeps cases that name the same resource from running side by side.
///
/// All resources of a case are taken at once, so no two cases can wait for each other in a circle; whoever waits longer
/// goes first among those that could.
package final class ExclusiveLocks: Sendable {
    private struct Waiter {
        var names: Set<String>
        var isAlone: Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var held: Set<String> = []
        /// How many run, and whether one of them runs alone.
        var running = 0
        var isAlone = false
        var waiters: [Waiter] = []

        func canRun(_ waiter: Waiter) -> Bool {
            !self.isAlone && self.held.isDisjoint(with: waiter.names) && (!waiter.isAlone || self.running == 0)
        }

        mutating func begin(_ waiter: Waiter) {
            self.held.formUnion(waiter.names)
            self.running += 1
            if waiter.isAlone { self.isAlone = true }
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Runs `body` while holding every name. Not cancellable while waiting: holders are bounded by their budget.
    ///
    /// - Parameter alone: Nobody else runs meanwhile, with names or without.
    package func withLock<Result: Sendable>(
        _ names: [String], alone: Bool = false, _ body: @Sendable () async -> Result
    ) async -> Result {
        let names = Set(names)
        await withCheckedContinuation { continuation in
            let isFree = self.state.withLock { state in
                let waiter = Waiter(names: names, isAlone: alone, continuation: continuation)
                // One that has to be alone is not overtaken for ever by those that need not.
                guard state.canRun(waiter), !state.waiters.contains(where: \.isAlone) else {
                    state.waiters.append(waiter)
                    return false
                }
                state.begin(waiter)
                return true
            }
            if isFree { continuation.resume() }
        }
        let result = await body()
        let next = self.state.withLock { state in
            state.held.subtract(names)
            state.running -= 1
            if alone { state.isAlone = false }
            var admitted: [Waiter] = []
            var left: [Waiter] = []
            for waiter in state.waiters {
                // One that has to be alone holds back those behind it.
                if state.canRun(waiter), !left.contains(where: \.isAlone) {
                    state.begin(waiter)
                    admitted.append(waiter)
                } else {
                    left.append(waiter)
                }
            }
            state.waiters = left
            return admitted.map(\.continuation)
        }
        for continuation in next { continuation.resume() }
        return result
    }
}
