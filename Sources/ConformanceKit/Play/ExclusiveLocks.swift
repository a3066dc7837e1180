import Synchronization

/// Keeps cases that name the same resource from running side by side.
///
/// All resources of a case are taken at once, so no two cases can wait for each other in a circle; whoever waits longer
/// goes first among those that could.
package final class ExclusiveLocks: Sendable {
    private struct Waiter {
        var names: Set<String>
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var held: Set<String> = []
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Runs `body` while holding every name. Not cancellable while waiting: holders are bounded by their budget.
    package func withLock<Result: Sendable>(
        _ names: [String], _ body: @Sendable () async -> Result
    ) async -> Result {
        let names = Set(names)
        guard !names.isEmpty else { return await body() }
        await withCheckedContinuation { continuation in
            let free = self.state.withLock { state in
                guard state.held.isDisjoint(with: names) else {
                    state.waiters.append(Waiter(names: names, continuation: continuation))
                    return false
                }
                state.held.formUnion(names)
                return true
            }
            if free { continuation.resume() }
        }
        let result = await body()
        let next = self.state.withLock { state in
            state.held.subtract(names)
            var admitted: [Waiter] = []
            state.waiters.removeAll { waiter in
                guard state.held.isDisjoint(with: waiter.names) else { return false }
                state.held.formUnion(waiter.names)
                admitted.append(waiter)
                return true
            }
            return admitted.map(\.continuation)
        }
        for continuation in next { continuation.resume() }
        return result
    }
}
