import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols

/// Speaks the legacy dialect `graphql-ws` on one socket: parses messages, does what the session says, and sends what
/// operations produce.
final class LegacyWSSpeaker: SocketSpeaker {
    typealias Session = LegacyWSSession<any OperationHandle>

    let socket: WebSocketHandler
    let connection: GraphQLConnection
    var session: Session
    /// What this socket does wrong on purpose; nil in earnest.
    let deviation: LegacyDeviation?

    init(socket: WebSocketHandler, eventLoop: any EventLoop) {
        self.socket = socket
        self.connection = GraphQLConnection(socket: socket, eventLoop: eventLoop)
        self.deviation = socket.server.misbehaviour.map { LegacyDeviation($0) }
        self.connection.resultPrefix = self.deviation?.resultPrefix ?? LegacyServerMessage.dataPrefix
        // All that waits together may be as long as one message.
        self.session = LegacyWSSession(
            waitingLimit: .init(bytes: socket.server.configuration.limits.messageBytes))
    }

    // MARK: The socket

    func opened() {
        self.deviation?.opened(self)
        self.connection.awaitInit {
            let isLate = self.deviation?.keepsInitTimer == true
            self.perform(isLate ? self.session.closing(.initialisationTimeout) : self.session.initTimedOut())
            self.socket.flush()
        }
    }

    func received(_ message: ByteBuffer) {
        guard self.deviation?.holds(message) != true else { return }
        let limits = self.connection.jsonLimits
        let parsed = message.withUnsafeReadableBytes { bytes -> Result<LegacyClientMessage, LegacyInvalidMessage> in
            do throws(LegacyInvalidMessage) {
                return .success(try LegacyClientMessage.parse(bytes, limits: limits))
            } catch {
                return .failure(error)
            }
        }
        switch parsed {
        case .success(let valid):
            self.perform(self.react(to: valid, bytes: message.readableBytes))
        case .failure(let invalid):
            self.socket.server.logger.record(.messageInvalid(reason: invalid.reason))
            guard self.socket.rateRefusal == nil else { return }
            let action = self.deviation?.react(to: invalid, self)
            self.perform(action ?? self.session.receive(invalid, bytes: message.readableBytes))
        }
    }

    /// What is done about a message, within the limits.
    private func react(to message: LegacyClientMessage, bytes: Int) -> Session.OnMessage {
        if let action = self.deviation?.react(to: message, self) { return action }
        if case .start(let id, _) = message, self.session.phase == .ready {
            let others = self.session.openOperations - (self.session.isInUse(id) ? 1 : 0)
            if let refusal = self.connection.refusal(open: others) {
                return .send(
                    LegacyServerMessage.error(id, firstOf: OperationPayload.errors([refusal.error])))
            }
        }
        if case .stop(let id) = message {
            self.connection.forget(id)
        }
        return self.session.receive(message, bytes: bytes)
    }

    func received(binary message: ByteBuffer?) {
        self.socket.server.logger.record(.messageInvalid(reason: "binary"))
        self.socket.close(.binaryMessage)
    }

    func writable() {
        self.connection.emptyOutbox()
    }

    func keepAliveDue() -> Bool {
        guard self.deviation?.isMissed() != true else {
            self.socket.cut("No message")
            return false
        }
        if let message = self.session.keepAliveDue(),
            let sent = self.deviation.map({ $0.keepAlive(message) }) ?? message
        {
            self.socket.send(sent)
        }
        // The ping beside it notices a peer that has vanished: the dialect has no answer to `ka`.
        return true
    }

    func failOperations(_ errors: [UInt8]) {
        for (token, handle) in self.session.open {
            handle?.cancel()
            self.fail(token, errors: errors, because: .source)
        }
    }

    func ended(_ end: SocketEnd) {
        self.stop(self.session.disconnected(), because: end)
        self.connection.end()
    }

    // MARK: What the session says

    func perform(_ action: Session.OnMessage) {
        switch action {
        case .ignore:
            break
        case .send(let message):
            self.socket.send(message)
        case .decide(let payload):
            self.connection.decide(payload, keepsTimer: self.deviation?.keepsInitTimer ?? false) { self.decided($0) }
        case .start(let token, let payload, let replaced):
            replaced?.cancel()
            self.start(token, payload)
        case .stop(let handle, let answer):
            handle?.cancel()
            self.socket.send(answer)
        case .close(let close):
            self.perform(close)
        }
    }

    /// Closes as the session says. Nil is nothing.
    private func perform(_ close: Session.OnClose?) {
        guard let close else { return }
        self.stop(close.stopping, because: .closing(close.close))
        if let message = close.message {
            self.socket.send(message)
        }
        self.socket.close(close.close)
    }

    private func stop(_ handles: [any OperationHandle], because end: SocketEnd) {
        guard self.deviation?.keepsOperations(at: end) != true else { return }
        handles.forEach { $0.cancel() }
    }

    /// Starts an operation. Its handle is attached before anything that it produces can arrive.
    private func start(_ token: OperationToken, _ payload: SubscribePayload) {
        self.connection.forget(token.id)
        guard let handle = self.connection.start(payload, token, for: self) else { return }
        self.deviation?.began(token, payload)
        if !self.session.attach(handle, to: token) {
            handle.cancel()
        }
    }

    private func decided(_ outcome: ConnectionDecision.Outcome) {
        switch outcome {
        case .admitted(let admission, let membership):
            guard let messages = self.session.admitted(ackPayload: admission.ackPayload) else { break }
            self.socket.admitted(admission, holding: membership, as: .webSocket(subprotocol: "graphql-ws"))
            (self.deviation?.greeting(messages) ?? messages).forEach { self.socket.send($0) }
            // The first keep-alive has just gone out: the next one is due an interval later.
            self.socket.scheduleKeepAlive()
            while let waiting = self.session.nextWaiting() {
                switch waiting {
                case .message(let message): self.perform(self.react(to: message, bytes: 0))
                case .invalid(let invalid): self.perform(self.session.receive(invalid, bytes: 0))
                }
            }
        case .limited(let refusal):
            self.refuse(self.session.refused(refusal.close))
        case .refused(let refusal):
            self.refuse(self.session.refused(self.connection.server.close(for: refusal)))
        case .failed:
            self.refuse(self.session.decisionFailed(), isFailure: true)
        }
        self.socket.flush()
    }
}

extension LegacyWSSpeaker {
    /// Closes because the client may not be here. Nil is nothing.
    private func refuse(_ close: Session.OnClose?, isFailure: Bool = false) {
        guard let deviation = self.deviation, let close else {
            self.perform(close)
            return
        }
        self.perform(deviation.refusal(close, isFailure: isFailure, self))
    }
}

extension LegacyWSSpeaker: OperationReceiver {
    func deliver(_ payload: ByteBuffer, to token: OperationToken) {
        guard self.session.isOpen(token), let payload = self.changed(payload, of: token) else { return }
        guard !self.connection.send(event: payload, of: token.id) else { return }
        // The operation goes on without us, so it is stopped like one that its client stopped.
        self.session.end(token.id)?.cancel()
        self.connection.send(
            end: LegacyServerMessage.error(token.id, firstOf: EventStreamOutbox.tooSlow), of: token.id)
    }

    /// The result as it is sent. Nil for none.
    private func changed(_ payload: ByteBuffer, of token: OperationToken) -> ByteBuffer? {
        self.deviation.map { $0.result(payload, of: token, self) } ?? payload
    }

    func result(_ payload: ByteBuffer, of token: OperationToken) {
        guard self.session.isOpen(token), let payload = self.changed(payload, of: token) else { return }
        self.connection.send(result: payload, of: token.id)
    }

    func complete(_ token: OperationToken) {
        guard self.session.finish(token) else { return }
        let messages = self.deviation?.completion(of: token, self) ?? [LegacyServerMessage.complete(token.id)]
        messages.forEach { self.connection.send(end: $0, of: token.id) }
    }

    func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure) {
        guard self.session.finish(token) else { return }
        let messages =
            self.deviation?.failure(of: token, errors: errors, because: failure, self)
            ?? [LegacyServerMessage.error(token.id, firstOf: errors)]
        messages.forEach { self.connection.send(end: $0, of: token.id) }
    }

    func flushDelivered() {
        self.socket.flush()
    }
}
