import Synchronization

/// The background emitters of a case. Owns their tasks; each is stopped, or ends with the case.
final class EmitterTable: Sendable {
    private let tasks = Mutex<[String: Task<Void, Never>]>([:])

    /// Whether a new one was started.
    func start(_ name: String, _ body: @escaping @Sendable () async -> Void) -> Bool {
        self.tasks.withLock { tasks in
            guard tasks[name] == nil else { return false }
            tasks[name] = Task { await body() }
            return true
        }
    }

    /// Ends one behind its current event; false if there is none.
    func stop(_ name: String) async -> Bool {
        guard let task = self.tasks.withLock({ $0.removeValue(forKey: name) }) else { return false }
        task.cancel()
        await task.value
        return true
    }

    func stopAll() async {
        for name in self.tasks.withLock({ Array($0.keys) }) { _ = await self.stop(name) }
    }
}
