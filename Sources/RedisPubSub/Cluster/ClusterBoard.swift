import PubSub
import Synchronization

/// What a cluster's bus tells any thread about itself.
final class ClusterBoard: Sendable {
    private struct Content {
        var status = BusStatus.reconnecting(attempt: 0)
        var isRunning = false
        var nodes: [RedisBus] = []
        /// Links that were lost to nodes that are no longer used, by what they were for.
        var earlierLosses: [String: Int] = [:]
        var waiters: [UInt64: @Sendable () -> Void] = [:]
        var lastWaiter: UInt64 = 0

        mutating func takeWaiters() -> [@Sendable () -> Void] {
            if case .reconnecting = self.status { return [] }
            defer { self.waiters = [:] }
            return Array(self.waiters.values)
        }
    }

    private let content = Mutex(Content())

    var status: BusStatus { self.content.withLock { $0.status } }

    /// Whether this is the first time.
    func begin() -> Bool {
        self.content.withLock { content in
            defer { content.isRunning = true }
            return !content.isRunning
        }
    }

    /// Sets the status, unless it is `closed` already, and calls those who wait for it.
    func show(_ status: BusStatus) {
        let waiters = self.content.withLock { content in
            if content.status != .closed { content.status = status }
            return content.takeWaiters()
        }
        waiters.forEach { $0() }
    }

    func whenConnected(_ body: @escaping @Sendable () -> Void) -> BusSubscription {
        let number = self.content.withLock { content -> UInt64? in
            guard case .reconnecting = content.status else { return nil }
            content.lastWaiter += 1
            content.waiters[content.lastWaiter] = body
            return content.lastWaiter
        }
        guard let number else {
            body()
            return BusSubscription {}
        }
        return BusSubscription { [weak self] in
            _ = self?.content.withLock { $0.waiters.removeValue(forKey: number) }
        }
    }

    func add(_ node: RedisBus) {
        self.content.withLock { $0.nodes.append(node) }
    }

    /// Keeps count of what the node lost.
    func remove(_ node: RedisBus) {
        let losses = node.linkFacts.map { ($0.name, $0.losses) }
        self.content.withLock { content in
            content.nodes.removeAll { $0 === node }
            for (name, count) in losses { content.earlierLosses[name, default: 0] += count }
        }
    }

    var linkFacts: [(name: String, isUp: Bool, losses: Int)] {
        let (nodes, earlier) = self.content.withLock { ($0.nodes, $0.earlierLosses) }
        let facts = nodes.flatMap(\.linkFacts)
        return [LinkRole.command, .subscriber].map { role in
            let own = facts.filter { $0.name == role.rawValue }
            let losses = own.reduce(earlier[role.rawValue, default: 0]) { $0 + $1.losses }
            return (role.rawValue, !own.isEmpty && own.allSatisfy(\.isUp), losses)
        }
    }
}
