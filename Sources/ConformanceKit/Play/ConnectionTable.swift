import Synchronization

/// The open connections of a case.
final class ConnectionTable: Sendable {
    private let connections = Mutex<[String: WireConnection]>([:])

    func set(_ name: String, _ connection: WireConnection) {
        self.connections.withLock { $0[name] = connection }
    }

    func get(_ name: String) -> WireConnection? { self.connections.withLock { $0[name] } }

    var all: [(name: String, connection: WireConnection)] {
        self.connections.withLock { $0.map { ($0.key, $0.value) } }
    }
}
