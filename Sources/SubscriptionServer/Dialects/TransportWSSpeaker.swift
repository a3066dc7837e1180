import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols

/// Speaks graphql-transport-ws on one socket: parses messages, does what the session says, and sends what operations
/// produce.
final class TransportWSSpeaker: SocketSpeaker {
    let socket: WebSocketHandler
    let connection: GraphQLConnection
    var session: TransportWSSession<any OperationHandle>
    /// What this socket does wrong on purpose; nil in earnest.
    let deviation: SocketDeviation?

    init(socket: WebSocketHandler, eventLoop: any EventLoop) {
        self.socket = socket
        self.connection = GraphQLConnection(socket: socket, eventLoop: eventLoop)
        self.session = TransportWSSession()
        self.deviation = socket.server.deviations.map { SocketDeviation($0) }
    }

    var server: ServerContext { self.socket.server }

    // MARK: The socket

    func opened() {
        self.deviation?.opened(self)
        self.awaitInit()
    }

    /// Begins the wait for `connection_init`.
    func awaitInit() {
        self.connection.awaitInit { self.initTimedOut() }
    }

    func received(_ message: ByteBuffer) {
        if let deviation = self.deviation {
            deviation.received(message, self)
        } else {
            self.receive(message)
        }
    }

    func received(binary message: ByteBuffer?) {
        self.receiveInvalid(.binary)
    }

    func writable() {
        self.connection.emptyOutbox()
    }

    func readCompleted() {
        self.deviation?.readCompleted(self)
    }

    func keepAliveDue() -> Bool {
        self.deviation?.keepAliveMessage(self) != true
    }

    func failOperations(_ errors: [UInt8]) {
        for (token, handle) in self.session.open {
            handle?.cancel()
            self.fail(token, errors: errors, because: .source)
        }
    }

    func ended(_ end: SocketEnd) {
        switch end {
        case .closing(let close):
            if let close = self.session.closing(close) {
                _ = self.deviation?.closing(close, self)
                self.stop(close.stopping, because: end)
            }
        case .closedByClient, .dropped:
            self.stop(self.session.disconnected(), because: end)
        }
        self.deviation?.gone(self, end)
        self.connection.end()
    }

    // MARK: Messages

    private func receive(_ message: ByteBuffer) {
        let limits = self.connection.jsonLimits
        let parsed = message.withUnsafeReadableBytes { bytes -> Result<ClientMessage, InvalidMessage> in
            do throws(InvalidMessage) {
                return .success(try ClientMessage.parse(bytes, limits: limits))
            } catch {
                return .failure(error)
            }
        }
        switch parsed {
        case .success(let message): self.perform(self.react(to: message))
        case .failure(let invalid): self.receiveInvalid(invalid)
        }
    }

    /// What the session says about a message that the limits allow, else their refusal.
    ///
    /// An id in use is left to the session: `error` would end the operation that holds it.
    func react(to message: ClientMessage) -> TransportWSSession<any OperationHandle>.OnMessage {
        if case .complete(let id) = message {
            if self.socket.rateRefusal != nil, self.server.misbehaviour == .completeRefusedByRate { return .ignore }
            self.connection.forget(id)
        }
        switch message {
        case .subscribe(let id, _) where self.session.phase == .ready && !self.session.isInUse(id):
            guard let refusal = self.connection.refusal(open: self.session.openOperations) else { break }
            switch self.server.misbehaviour {
            case .limitSilent: return .ignore
            case .limitClosesSocket: return self.session.closing(refusal.close).map { .close($0) } ?? .ignore
            default: return .send(ServerMessage.error(id, errors: OperationPayload.errors([refusal.error])))
            }
        case .ping where self.socket.rateRefusal != nil, .pong where self.socket.rateRefusal != nil:
            return .ignore
        default: break
        }
        return self.session.receive(message)
    }

    /// A message that is not valid.
    func receiveInvalid(_ reason: InvalidMessage) {
        self.server.logger.record(.messageInvalid(reason: "\(reason)"))
        self.perform(self.session.receiveInvalid())
    }

    /// Does what the session says.
    func perform(_ action: TransportWSSession<any OperationHandle>.OnMessage) {
        switch action {
        case .ignore: break
        case .send(let message): self.send(message)
        case .decide(let payload): self.decide(payload)
        case .start(let token, let payload): self.start(token, payload)
        case .stop(let handle): handle.cancel()
        case .close(let close): self.perform(close)
        }
    }

    /// Closes as the session says. Nil is nothing.
    func perform(_ close: TransportWSSession<any OperationHandle>.OnClose?) {
        guard let close else { return }
        let isSilent = self.deviation?.closing(close, self) ?? false
        self.stop(close.stopping, because: .closing(close.close))
        guard !isSilent else { return }
        self.socket.close(close.close)
    }

    /// Starts an operation. Its handle is attached before anything that it produces can arrive.
    private func start(_ token: OperationToken, _ payload: SubscribePayload) {
        self.connection.forget(token.id)
        guard let handle = self.connection.start(payload, token, for: self) else { return }
        if !self.session.attach(handle, to: token) {
            handle.cancel()
        }
    }

    private func stop(_ handles: [any OperationHandle], because end: SocketEnd) {
        guard self.deviation?.keepsOperations(at: end) != true else { return }
        for handle in handles {
            handle.cancel()
        }
    }

    // MARK: Initialisation

    private func decide(_ payload: JSONObject?) {
        self.connection.decide(payload, keepsTimer: self.deviation?.keepsInitTimer ?? false) { outcome in
            self.decided(outcome)
        }
    }

    private func decided(_ outcome: ConnectionDecision.Outcome) {
        switch outcome {
        case .limited(let refusal):
            self.perform(self.session.closing(refusal.close))
        case .admitted(let admission, let membership):
            guard let ack = self.session.admitted(ackPayload: admission.ackPayload) else { break }
            self.socket.admitted(admission, holding: membership, as: .webSocket(subprotocol: "graphql-transport-ws"))
            if self.deviation?.isIntruding != true {
                self.send(ack)
            }
            self.deviation?.admitted(self)
        case .refused(let refusal):
            self.deviation?.refused(self)
            self.perform(self.session.refused(self.server.close(for: refusal)))
        case .failed(let error):
            self.deviation?.decisionFailed(error, self)
            self.perform(self.session.decisionFailed())
        }
        self.flush()
    }

    private func initTimedOut() {
        guard self.deviation?.forgetsInitTimer != true else { return }
        self.perform(self.deviation?.lateInitTimeout(self) ?? self.session.initTimedOut())
        self.flush()
    }

    // MARK: Sending

    /// Queues a message; `flush` writes it.
    func send(_ message: [UInt8]) {
        self.socket.send(self.deviation?.rewritten(message, self) ?? message)
    }

    /// Queues a `next`; `flush` writes it.
    func sendNext(_ id: OperationID, _ payload: ByteBuffer) {
        guard !self.connection.send(event: payload, of: id) else { return }
        // The operation goes on without us, so it is stopped like one that its client completed.
        let handle = self.session.end(id)
        if self.server.misbehaviour != .overflowKeepsSource {
            handle?.cancel()
        }
        guard self.server.misbehaviour != .overflowSilent else { return }
        self.connection.send(end: ServerMessage.error(id, errors: EventStreamOutbox.tooSlow), of: id)
    }

    func flush() {
        self.socket.flush()
    }
}

extension TransportWSSpeaker: OperationReceiver {
    func deliver(_ payload: ByteBuffer, to token: OperationToken) {
        guard self.deviation == nil else {
            self.deviation?.deliver(payload, to: token, self)
            return
        }
        guard self.session.isOpen(token) else { return }
        self.sendNext(token.id, payload)
    }

    func result(_ payload: ByteBuffer, of token: OperationToken) {
        guard self.deviation == nil else {
            self.deviation?.deliver(payload, to: token, self)
            return
        }
        guard self.session.isOpen(token) else { return }
        self.connection.send(result: payload, of: token.id)
    }

    func complete(_ token: OperationToken) {
        guard self.deviation == nil else {
            self.deviation?.complete(token, self)
            return
        }
        guard self.session.finish(token) else { return }
        self.connection.send(end: ServerMessage.complete(token.id), of: token.id)
    }

    func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure) {
        guard self.deviation == nil else {
            self.deviation?.fail(token, errors: errors, because: failure, self)
            return
        }
        guard self.session.finish(token) else { return }
        self.connection.send(end: ServerMessage.error(token.id, errors: errors), of: token.id)
    }

    func flushDelivered() {
        self.flush()
    }
}
