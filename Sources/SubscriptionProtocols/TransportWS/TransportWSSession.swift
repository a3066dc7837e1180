package import GraphQLCore

/// The rules of one graphql-transport-ws connection: what has to be done about each message and each event.
///
/// A value without clock, channel or task. Whoever drives it tells it what happened and does what it answers;
/// `Handle` is whatever the driver needs to stop an operation, and opaque here.
///
/// An operation holds its id from the moment its `subscribe` was received until exactly one of: its end was sent
/// (`finish`), the client completed it, the connection ended. Whatever comes later for the operation finds its token
/// unknown, also when the id is in use again.
package struct TransportWSSession<Handle> {
    /// How far the connection has come. Each phase is followed only by those after it.
    package enum Phase: Sendable, Hashable {
        /// No `connection_init` yet.
        case awaitingInit
        /// `connection_init` was received and is being decided.
        case deciding
        /// Acknowledged: operations may run.
        case ready
        /// Closed by either side; nothing is answered any more.
        case closed
    }

    /// How far the connection has come.
    package private(set) var phase = Phase.awaitingInit
    /// Empty unless `ready`.
    private var operations: OperationTable<Handle>

    /// - Parameter operationLimit: how many operations may be open at a time, inclusive.
    package init(operationLimit: Int = .max) {
        self.operations = OperationTable(limit: operationLimit)
    }

    /// The number of operations that hold an id.
    package var openOperations: Int { self.operations.count }

    /// The operations that are open, in no order, and what stops each, unless it has nothing yet.
    package var open: [(token: OperationToken, handle: Handle?)] { self.operations.all }

    /// Whether an operation holds the id.
    package func isInUse(_ id: OperationID) -> Bool { self.operations.isInUse(id) }

    // MARK: Messages from the client

    package enum OnMessage {
        /// Nothing is to be done.
        case ignore
        /// Send this message.
        case send([UInt8])
        /// Decide about the connection, then report `admitted`, `refused` or `decisionFailed`. The wait for
        /// `connection_init` is over.
        case decide(payload: JSONObject?)
        /// Start the operation, then `attach` what stops it.
        case start(OperationToken, SubscribePayload)
        /// Stop the operation; it must not send anything more.
        case stop(Handle)
        /// Close the connection.
        case close(OnClose)
    }

    /// What ends with the connection.
    package struct OnClose {
        /// What to say to the client.
        package let close: Close
        /// The operations to stop.
        package let stopping: [Handle]
    }

    /// A valid message was received.
    package mutating func receive(_ message: ClientMessage) -> OnMessage {
        guard self.phase != .closed else { return .ignore }
        switch message {
        case .ping(let payload): return .send(ServerMessage.pong(payload: payload))
        case .pong: return .ignore
        case .connectionInit(let payload): return self.receiveInit(payload)
        case .subscribe(let id, let payload): return self.receiveSubscribe(id, payload)
        case .complete(let id): return self.receiveComplete(id)
        }
    }

    /// ConnectionInit: one per connection, at any time; a second one ends it even while the first is undecided.
    private mutating func receiveInit(_ payload: JSONObject?) -> OnMessage {
        guard self.phase == .awaitingInit else { return .close(self.end(.tooManyInitialisations)) }
        self.phase = .deciding
        return .decide(payload: payload)
    }

    /// Subscribe: only after the acknowledgement, and with an id that no other operation holds.
    private mutating func receiveSubscribe(_ id: OperationID, _ payload: SubscribePayload) -> OnMessage {
        guard self.phase == .ready else { return .close(self.end(.unauthorized)) }
        guard !self.operations.isInUse(id) else { return .close(self.end(.subscriberExists(id))) }
        guard let token = self.operations.open(id) else {
            let error: JSONValue = ["message": "Too many operations on this connection"]
            return .send(ServerMessage.error(id, errors: JSONValue.array([error]).encoded()))
        }
        return .start(token, payload)
    }

    /// Complete: an unknown id is no mistake, for the operation may have ended while the message was on its way.
    private mutating func receiveComplete(_ id: OperationID) -> OnMessage {
        guard case .closed(let handle?) = self.operations.close(id) else { return .ignore }
        return .stop(handle)
    }

    /// A message was received that is not valid.
    package mutating func receiveInvalid() -> OnClose? {
        self.closing(.invalidMessage)
    }

    // MARK: The connection

    /// The wait for `connection_init` is over. Nil when it came in time.
    package mutating func initTimedOut() -> OnClose? {
        guard self.phase == .awaitingInit else { return nil }
        return self.end(.initialisationTimeout)
    }

    /// The connection was admitted. Returns the message to send, or nil when it has ended meanwhile.
    package mutating func admitted(ackPayload: JSONObject?) -> [UInt8]? {
        guard self.phase == .deciding else { return nil }
        self.phase = .ready
        return ServerMessage.connectionAck(payload: ackPayload)
    }

    /// The connection was refused. Nil when it has ended meanwhile.
    /// - Parameter close: what the client is told; anything but the default says that trying again later can help.
    package mutating func refused(_ close: Close = .forbidden) -> OnClose? {
        guard self.phase == .deciding else { return nil }
        return self.end(close)
    }

    /// Deciding about the connection failed. Nil when it has ended meanwhile.
    package mutating func decisionFailed() -> OnClose? {
        guard self.phase == .deciding else { return nil }
        return self.end(.internalError)
    }

    /// Something else ends the connection, such as the server going down. Nil when it has ended already.
    package mutating func closing(_ close: Close) -> OnClose? {
        guard self.phase != .closed else { return nil }
        return self.end(close)
    }

    /// The socket is gone, or its client closes it. Returns the operations to stop.
    package mutating func disconnected() -> [Handle] {
        guard self.phase != .closed else { return [] }
        return self.end(.internalError).stopping
    }

    private mutating func end(_ close: Close) -> OnClose {
        self.phase = .closed
        return OnClose(close: close, stopping: self.operations.closeAll())
    }

    // MARK: Operations

    /// The operation runs and is stopped with the handle. False when it has ended meanwhile: then stop it now.
    package mutating func attach(_ handle: Handle, to token: OperationToken) -> Bool {
        self.operations.attach(handle, to: token)
    }

    /// Whether a `next` of the operation may be sent.
    package func isOpen(_ token: OperationToken) -> Bool {
        self.operations.isOpen(token)
    }

    /// The operation has ended by itself. True exactly once, and only while it is open: then send its `complete` or
    /// its `error`. Its id is free.
    package mutating func finish(_ token: OperationToken) -> Bool {
        self.operations.finish(token)
    }

    /// The server ends an operation that goes on: then stop it and send its `error`. Nil when it is not open. Its id is
    /// free.
    package mutating func end(_ id: OperationID) -> Handle? {
        self.forget(id)
    }

    /// Lets go of an id while its operation goes on. No server may do that; a misbehaving one does.
    /// - Returns: what would have stopped the operation, for the operation lives no longer than that is kept.
    package mutating func forget(_ id: OperationID) -> Handle? {
        guard case .closed(let handle) = self.operations.close(id) else { return nil }
        return handle
    }
}
