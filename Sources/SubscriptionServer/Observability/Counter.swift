import Synchronization

/// A number that many threads add to. Nothing else is ordered by it.
final class Counter: Sendable {
    private let storage = Atomic<Int>(0)

    /// The sum so far.
    var value: Int { self.storage.load(ordering: .relaxed) }

    /// Adds; a negative amount takes away.
    func add(_ amount: Int = 1) {
        self.storage.add(amount, ordering: .relaxed)
    }
}

/// The same as a part of its owner, for owners of which there are many.
struct InlineCounter: ~Copyable, Sendable {
    private let storage = Atomic<Int>(0)

    /// The sum so far.
    var value: Int { self.storage.load(ordering: .relaxed) }

    /// Adds; a negative amount takes away.
    borrowing func add(_ amount: Int = 1) {
        self.storage.add(amount, ordering: .relaxed)
    }
}

/// Counters by label, for what is rare.
final class LabelledCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Adds to that label.
    func add(_ label: String, _ amount: Int = 1) {
        self.counts.withLock { $0[label, default: 0] += amount }
    }

    /// The sums so far, by label in order.
    var values: [(label: String, count: Int)] {
        self.counts.withLock { $0.sorted { $0.key < $1.key } }.map { ($0.key, $0.value) }
    }
}
