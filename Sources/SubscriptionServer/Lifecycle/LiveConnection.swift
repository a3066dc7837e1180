package import GraphQLCore
import Logging
package import SubscriptionProtocols
import Synchronization

/// A client's connection for as long as it lives: what limits count, and what expiry, revocation, an administrator or
/// a shutdown ends. Made when the gate has admitted the client.
package final class LiveConnection: Sendable {
    /// What the connection is.
    package enum Transport: Sendable, Hashable {
        /// A WebSocket with that subprotocol.
        case webSocket(subprotocol: String)
        /// One operation whose results are the body of an answer (GraphQL over SSE, distinct connections mode).
        case eventStream
        /// A reservation with its stream, opened or not (GraphQL over SSE, single connection mode).
        case reservation
        /// A stream of the application's, by the pattern of its path.
        case route(String)
    }

    private static let lastID = Atomic<UInt64>(0)

    /// Its number in logs and for administrators; never used twice by one process.
    package let id = LiveConnection.lastID.add(1, ordering: .relaxed).newValue
    private let admittedAt = LogTimestamp.Moment()
    /// Where it belongs in a trace, as far as its client says.
    package let trace: TraceContext?
    /// Whose it is.
    package let principal: Principal
    /// What it is.
    package let transport: Transport
    /// The address of the client, when it is known.
    package let peer: String?
    /// Open operations; kept by the owner of the connection.
    let operations = InlineCounter()
    /// Events that wait for the client, and their bytes.
    let queuedEvents = InlineCounter()
    let queuedBytes = InlineCounter()
    /// Its place among those whose token ends; only for the one who keeps them, under its lock.
    let expiryPlace = Atomic(-1)
    private let ending: @Sendable (ConnectionEnd) -> Void
    private let isEnding = Atomic(false)

    /// - Parameter ending: ends the connection; called at most once, from any thread, and must not block.
    package init(
        principal: Principal, transport: Transport, peer: String?, trace: TraceContext? = nil,
        ending: @escaping @Sendable (ConnectionEnd) -> Void
    ) {
        self.trace = trace
        self.principal = principal
        self.transport = transport
        self.peer = peer
        self.ending = ending
    }

    /// When it was admitted, as in RFC 3339.
    package var since: String { self.admittedAt.text }

    /// How many operations are open.
    package var openOperations: Int { self.operations.value }

    /// Ends the connection and everything that runs on it; from any thread. Only the first call counts.
    package func end(_ end: ConnectionEnd) {
        if !self.isEnding.exchange(true, ordering: .acquiringAndReleasing) {
            self.ending(end)
        }
    }
}

/// Why a connection is ended by the server, in the words of each transport.
package struct ConnectionEnd: Sendable, Equatable {
    /// What a WebSocket is closed with.
    package var close: Close
    /// What the operations of an event stream get as their last result, before `complete`. Without one the stream just
    /// ends, which tells the client that the operation has not.
    package var error: GraphQLError?
    /// Whether the operations of a WebSocket get the error as well, before the close.
    package var failsOperations = false

    package init(close: Close, error: GraphQLError?, failsOperations: Bool = false) {
        self.close = close
        self.error = error
        self.failsOperations = failsOperations
    }

    /// The server is going down.
    package static let goingAway = ConnectionEnd(close: .goingAway, error: nil)
    /// An operator has ended the connection; the client may come back.
    package static let byOperator = ConnectionEnd(close: Close(.tryAgainLater, "Ended by the operator"), error: nil)
}

/// Is told of connections as they come and go, from any thread.
protocol ConnectionWatch: Sendable {
    func added(_ connection: LiveConnection)
    func removed(_ connection: LiveConnection)
}

/// Every live connection of a server.
package final class LiveConnections: Sendable {
    private let connections = Mutex<[ObjectIdentifier: LiveConnection]>([:])
    private let watch: (any ConnectionWatch)?

    private let logger: Logger?

    package convenience init() {
        self.init(watch: nil)
    }

    /// - Parameter logger: told of each connection that comes and goes.
    init(watch: (any ConnectionWatch)?, logger: Logger? = nil) {
        self.watch = watch
        self.logger = logger
    }

    /// The connections of this moment, in no order.
    package var all: [LiveConnection] { self.connections.withLock { Array($0.values) } }

    /// Adds a connection until it is removed.
    package func add(_ connection: LiveConnection) {
        self.connections.withLock { $0[ObjectIdentifier(connection)] = connection }
        self.logger?.record(.connectionEstablished(connection))
        self.watch?.added(connection)
    }

    /// Removes a connection; nothing happens when it is not there.
    package func remove(_ connection: LiveConnection) {
        let wasThere = self.connections.withLock { connections in
            let wasThere = connections.removeValue(forKey: ObjectIdentifier(connection)) != nil
            // Removing keeps the storage of the busiest moment.
            if connections.isEmpty { connections = [:] }
            return wasThere
        }
        if wasThere {
            self.logger?.record(.connectionEnded(connection))
        }
        self.watch?.removed(connection)
    }

    /// Ends the connections that meet the condition.
    /// - Returns: how many.
    @discardableResult
    package func end(_ end: ConnectionEnd, where condition: (LiveConnection) -> Bool = { _ in true }) -> Int {
        let ending = self.all.filter(condition)
        for connection in ending {
            connection.end(end)
        }
        return ending.count
    }
}
