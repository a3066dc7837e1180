import Synchronization

/// What may be read and asked for from any thread.
final class SharedClientState: Sendable {
    struct Values {
        var state = ConnectionState.disconnected
        var latency: Duration?
        var history: EventHistory
        var handlers = EventHandlers()
        var stateHandlers: [@Sendable (ConnectionState) -> Void] = []
    }

    private let values: Mutex<Values>

    init(historyCapacity: Int) {
        self.values = Mutex(Values(history: EventHistory(capacity: historyCapacity)))
    }

    func read<Value: Sendable>(_ body: (borrowing Values) -> Value) -> Value {
        self.values.withLock { body($0) }
    }

    @discardableResult
    func write<Value: Sendable>(_ body: (inout Values) -> Value) -> Value {
        self.values.withLock { body(&$0) }
    }
}
