import Synchronization

/// The open connections of a case: sockets, and those that are made of HTTP requests.
final class ConnectionTable: Sendable {
    private let connections = Mutex<[String: WireConnection]>([:])
    private let streams = Mutex<[String: StreamLink]>([:])

    func set(_ name: String, _ stream: StreamLink) {
        self.streams.withLock { $0[name] = stream }
    }

    func stream(_ name: String) -> StreamLink? { self.streams.withLock { $0[name] } }

    var allStreams: [(name: String, stream: StreamLink)] {
        self.streams.withLock { $0.map { ($0.key, $0.value) } }
    }

    func set(_ name: String, _ connection: WireConnection) {
        self.connections.withLock { $0[name] = connection }
    }

    /// The name may be used again.
    func forget(_ name: String) {
        self.connections.withLock { $0[name] = nil }
    }

    func get(_ name: String) -> WireConnection? { self.connections.withLock { $0[name] } }

    var all: [(name: String, connection: WireConnection)] {
        self.connections.withLock { $0.map { ($0.key, $0.value) } }
    }
}
