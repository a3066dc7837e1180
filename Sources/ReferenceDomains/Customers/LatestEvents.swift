import Synchronization

/// The newest event of each of the customers that were heard of last.
final class LatestEvents: Sendable {
    private struct Entry {
        var event: PayloadObject
        var turn: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var turn: UInt64 = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: How many customers are remembered. When one more comes, the half that was not heard of for
    ///   longest is forgotten.
    init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    subscript(customerID: String) -> PayloadObject? {
        self.state.withLock { $0.entries[customerID]?.event }
    }

    func record(_ event: PayloadObject, of customerID: String) {
        self.state.withLock { state in
            state.turn += 1
            state.entries[customerID] = Entry(event: event, turn: state.turn)
            guard state.entries.count > self.capacity else { return }
            let turns = state.entries.values.map(\.turn).sorted()
            let median = turns[turns.count / 2]
            state.entries = state.entries.filter { $0.value.turn >= median }
        }
    }
}
