import GraphQLCore
import Synchronization

/// The newest event of each of the customers that were heard of last, by tenant.
final class LatestEvents: Sendable {
    private struct Key: Hashable {
        let tenant: ByteString
        let customer: ByteString

        init(_ customerID: String, _ tenant: String) {
            self.tenant = ByteString(tenant)
            self.customer = ByteString(customerID)
        }
    }

    private struct Entry {
        var event: JSONObject
        var turn: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var turn: UInt64 = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: How many customers are remembered. When one more comes, the half that was not heard of for
    ///   longest is forgotten.
    init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    subscript(customerID: String, of tenant: String) -> JSONObject? {
        self.state.withLock { $0.entries[Key(customerID, tenant)]?.event }
    }

    /// Whether any tenant has such a customer. No client may learn it.
    func isKnown(_ customerID: String) -> Bool {
        let customer = ByteString(customerID)
        return self.state.withLock { $0.entries.keys.contains { $0.customer == customer } }
    }

    func record(_ event: JSONObject, of customerID: String, in tenant: String) {
        self.state.withLock { state in
            state.turn += 1
            state.entries[Key(customerID, tenant)] = Entry(event: event, turn: state.turn)
            guard state.entries.count > self.capacity else { return }
            let turns = state.entries.values.map(\.turn).sorted()
            let median = turns[turns.count / 2]
            state.entries = state.entries.filter { $0.value.turn >= median }
        }
    }
}
