import Synchronization

/// Tasks that outlive what started them, until they are done or their owner is gone.
final class BackgroundWork: Sendable {
    private struct State {
        var tasks: [Int: Task<Void, Never>] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())
    private let maximum: Int

    /// - Parameter maximum: How many there may be at a time, inclusive.
    init(maximum: Int) {
        self.maximum = maximum
    }

    deinit {
        for task in self.state.withLock({ $0.tasks.values }) { task.cancel() }
    }

    /// Runs the work; false when there is too much of it already.
    func run(_ work: @escaping @Sendable () async -> Void) -> Bool {
        self.state.withLock { state in
            guard state.tasks.count < self.maximum else { return false }
            state.lastNumber += 1
            let number = state.lastNumber
            state.tasks[number] = Task { [weak self] in
                await work()
                self?.state.withLock { $0.tasks[number] = nil }
            }
            return true
        }
    }
}
