package import GraphQLCore

/// The rules of one connection of the legacy dialect `graphql-ws`: what has to be done about each message and each
/// event.
///
/// A value without clock, channel or task, like `TransportWSSession`, from which it differs in that
/// - mistakes are answered and keep the connection open;
/// - what comes behind `connection_init` waits for the decision, since old clients do not wait for the acknowledgement;
/// - an id in use names the newest operation, and `stop` is answered with `complete`.
package struct LegacyWSSession<Handle> {
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

    /// What came while the connection was being decided.
    package enum Waiting {
        case message(LegacyClientMessage)
        case invalid(LegacyInvalidMessage)
    }

    /// How much may wait for the decision. Both are inclusive.
    package struct WaitingLimit: Sendable, Hashable {
        package var messages: Int
        package var bytes: Int

        package init(messages: Int = 1000, bytes: Int) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    /// How far the connection has come.
    package private(set) var phase = Phase.awaitingInit
    /// Empty unless `ready`.
    private var operations: OperationTable<Handle>
    /// In the order in which they came; taken out by `nextWaiting`.
    private var waiting: ArraySlice<Waiting> = []
    private var waitingBytes = 0
    private let waitingLimit: WaitingLimit

    /// - Parameter operationLimit: how many operations may be open at a time, inclusive.
    package init(operationLimit: Int = .max, waitingLimit: WaitingLimit) {
        self.operations = OperationTable(limit: operationLimit)
        self.waitingLimit = waitingLimit
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
        /// Stop the operation that had the id before, if any; then start this one and `attach` what stops it.
        case start(OperationToken, SubscribePayload, replacing: Handle?)
        /// Stop the operation, which must not send anything more, and send this message.
        case stop(Handle?, answer: [UInt8])
        /// Close the connection.
        case close(OnClose)
    }

    /// What ends with the connection.
    package struct OnClose {
        /// What to send before, if anything.
        package let message: [UInt8]?
        /// How to close.
        package let close: Close
        /// The operations to stop.
        package let stopping: [Handle]

        package init(message: [UInt8]?, close: Close, stopping: [Handle]) {
            self.message = message
            self.close = close
            self.stopping = stopping
        }
    }

    /// A valid message was received.
    /// - Parameter bytes: how long it was.
    package mutating func receive(_ message: LegacyClientMessage, bytes: Int) -> OnMessage {
        switch (self.phase, message) {
        case (.closed, _):
            return .ignore
        case (_, .connectionTerminate):
            return .close(self.end(.terminated))
        case (.awaitingInit, .connectionInit(let payload)):
            self.phase = .deciding
            return .decide(payload: payload)
        case (_, .connectionInit):
            return .close(self.end(.tooManyInitialisations, isTold: true))
        case (.awaitingInit, .start(let id, _)):
            // Running it, as old servers do, would let anybody past the gate.
            return .send(LegacyServerMessage.error(id, message: "connection_init has to come first"))
        case (.awaitingInit, .stop):
            return .ignore
        case (.deciding, .start), (.deciding, .stop):
            return self.wait(.message(message), bytes: bytes)
        case (.ready, .start(let id, let payload)):
            return self.start(id, payload)
        case (.ready, .stop(let id)):
            return self.stop(id)
        }
    }

    /// A message was received that is not valid. It is answered, and touches no operation.
    /// - Parameter bytes: how long it was.
    package mutating func receive(_ invalid: LegacyInvalidMessage, bytes: Int) -> OnMessage {
        switch self.phase {
        case .closed: return .ignore
        case .deciding: return self.wait(.invalid(invalid), bytes: bytes)
        case .awaitingInit, .ready: return .send(self.answer(to: invalid))
        }
    }

    /// `error` ends an operation for the client, so it may not name one that goes on.
    private func answer(to invalid: LegacyInvalidMessage) -> [UInt8] {
        if let id = invalid.id, !self.operations.isInUse(id) {
            LegacyServerMessage.error(id, message: invalid.reason)
        } else {
            LegacyServerMessage.connectionError(invalid.reason)
        }
    }

    /// Init is answered before anything else (graphql-ws, GQL_CONNECTION_INIT).
    private mutating func wait(_ item: Waiting, bytes: Int) -> OnMessage {
        self.waitingBytes += bytes
        guard self.waitingBytes <= self.waitingLimit.bytes, self.waiting.count < self.waitingLimit.messages else {
            return .close(self.end(.tooMuchBeforeAcknowledgement, isTold: true))
        }
        self.waiting.append(item)
        return .ignore
    }

    /// The text says nothing about an id in use; its reference server stops the older operation, and clients of its
    /// time count on the newer one.
    private mutating func start(_ id: OperationID, _ payload: SubscribePayload) -> OnMessage {
        var replaced: Handle?
        if case .closed(let handle) = self.operations.close(id) {
            replaced = handle
        }
        guard let token = self.operations.open(id) else {
            return .send(LegacyServerMessage.error(id, message: "Too many operations on this connection"))
        }
        return .start(token, payload, replacing: replaced)
    }

    /// An unknown id is no mistake, for the operation may have ended while the message was on its way.
    private mutating func stop(_ id: OperationID) -> OnMessage {
        guard case .closed(let handle) = self.operations.close(id) else { return .ignore }
        return .stop(handle, answer: LegacyServerMessage.complete(id))
    }

    // MARK: The connection

    /// The connection was admitted. Returns the messages to send: the acknowledgement, and the first keep-alive behind
    /// it; then `receive` what `nextWaiting` gives. Nil when the connection has ended meanwhile.
    package mutating func admitted(ackPayload: JSONObject?) -> [[UInt8]]? {
        guard self.phase == .deciding else { return nil }
        self.phase = .ready
        return [LegacyServerMessage.connectionAck(payload: ackPayload), LegacyServerMessage.keepAlive]
    }

    /// The next of what came before the decision; nil when nothing is left.
    package mutating func nextWaiting() -> Waiting? {
        self.waiting.popFirst()
    }

    /// The keep-alive is due. Nil when the connection is not acknowledged: none may come before.
    package func keepAliveDue() -> [UInt8]? {
        self.phase == .ready ? LegacyServerMessage.keepAlive : nil
    }

    /// The wait for `connection_init` is over. Nil when it came in time.
    package mutating func initTimedOut() -> OnClose? {
        guard self.phase == .awaitingInit else { return nil }
        return self.end(.initialisationTimeout, isTold: true)
    }

    /// The connection was refused; the client is told the reason of the close. Nil when it has ended meanwhile.
    package mutating func refused(_ close: Close = .forbidden) -> OnClose? {
        guard self.phase == .deciding else { return nil }
        return self.end(close, isTold: true)
    }

    /// Deciding about the connection failed. Nil when it has ended meanwhile.
    package mutating func decisionFailed() -> OnClose? {
        guard self.phase == .deciding else { return nil }
        return self.end(.internalError, isTold: true)
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

    /// - Parameter isTold: whether the dialect's own message comes before the close frame.
    private mutating func end(_ close: Close, isTold: Bool = false) -> OnClose {
        self.phase = .closed
        self.waiting = []
        return OnClose(
            message: isTold ? LegacyServerMessage.connectionError(close.reason.text) : nil, close: close,
            stopping: self.operations.closeAll())
    }

    // MARK: Operations

    /// The operation runs and is stopped with the handle. False when it has ended meanwhile: then stop it now.
    package mutating func attach(_ handle: Handle, to token: OperationToken) -> Bool {
        self.operations.attach(handle, to: token)
    }

    /// Whether `data` of the operation may be sent.
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
