import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols

/// One WebSocket on its event loop: reads frames, drives the session, writes what operations produce.
///
/// No task belongs to a socket while it is idle; it costs this object, one timer, and an entry for each operation.
/// Bytes are written once per batch of reads or events.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How far the closing handshake is (RFC 6455 §7). Each stage is followed only by those after it.
    enum Stage {
        /// No close frame either way.
        case open
        /// The server has sent its close frame and waits for the client's.
        case closeSent
        /// Both sent theirs, or the client broke the framing. The server has ended its side of TCP.
        case ending
        /// TCP is gone.
        case gone
    }

    let server: ServerContext
    let handshake: HandshakeFacts
    private let isDialectSpoken: Bool
    private(set) var context: ChannelHandlerContext?

    var session: TransportWSSession<any OperationHandle>
    private(set) var stage = Stage.open
    private var reader: FrameReader
    private(set) var outgoing = OutgoingFrames()
    private var decision: ConnectionDecision?
    private var executionContext: (any ExecutionContext)?

    /// The timer of the stage: waiting for init, for the echo of a close, for the end of TCP.
    private var deadline: Scheduled<Void>?
    private var keepAlive: Scheduled<Void>?
    private var awaitsPong = false
    private var hasInputEnded = false

    private var received = 0
    private var sent = 0

    /// What this socket does wrong on purpose; nil in earnest.
    let deviation: SocketDeviation?

    /// - Parameters:
    ///   - handshake: the request that was upgraded.
    ///   - isDialectSpoken: whether the client offered graphql-transport-ws; otherwise the socket is closed with 4406.
    init(server: ServerContext, handshake: HandshakeFacts, isDialectSpoken: Bool) {
        self.server = server
        self.handshake = handshake
        self.isDialectSpoken = isDialectSpoken
        self.session = TransportWSSession(operationLimit: server.configuration.limits.operationsPerSocket)
        self.reader = FrameReader(
            messageLimit: server.configuration.limits.messageBytes, lenience: server.misbehaviour?.lenience ?? [])
        self.deviation = server.deviations.map { SocketDeviation($0) }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.server.metrics.sockets.add()
        self.server.metrics.socketsTotal.add()
        self.server.logger.record(.socketOpened(peer: self.handshake.peer))
        guard self.isDialectSpoken else {
            self.perform(self.session.closing(.subprotocolNotAcceptable))
            self.flush()
            return
        }
        self.deviation?.opened(self)
        self.schedule(self.server.configuration.timeouts.connectionInit) { $0.initTimedOut() }
        self.scheduleKeepAlive()
        self.flush()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.stage == .open || self.stage == .closeSent else { return }
        self.reader.feed(self.unwrapInboundIn(data))
        while let event = self.reader.next() {
            self.handle(event)
            guard self.stage == .open || self.stage == .closeSent else { break }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.deviation?.readCompleted(self)
        self.flush()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.disconnected()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // A WebSocket has no half: a client that ends its side without a close frame has left.
            self.hasInputEnded = true
            self.disconnected()
            context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            self.perform(self.session.closing(.goingAway))
            self.flush()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset, mostly. Whatever it is, the connection is of no use.
        self.disconnected()
        context.close(promise: nil)
    }

    // MARK: Frames

    private func handle(_ event: FrameReader.Event) {
        switch event {
        case .text(let message):
            self.received += 1
            if let deviation = self.deviation {
                deviation.received(message, self)
            } else {
                self.receive(message)
            }
        case .binary:
            guard self.deviation?.ignoresBinary != true else { return }
            self.receiveInvalid(.binary)
        case .ping(let payload):
            guard self.stage == .open else { return }
            self.outgoing.appendControl(.pong, self.deviation?.pongPayload(payload) ?? payload)
        case .pong:
            self.awaitsPong = false
        case .close(let status):
            self.peerClosed(status)
        case .violation(let close):
            if self.stage == .open {
                self.perform(self.session.closing(close), endsAtOnce: true)
            } else {
                self.end()
            }
        }
    }

    /// The client's close frame: the echo of the server's, or the beginning of the end (§5.5.1).
    private func peerClosed(_ status: UInt16?) {
        if self.stage == .open {
            self.server.logger.record(.socketClosed(code: status.map(Int.init), reason: "", byServer: false))
            self.stopAll(self.session.disconnected(), dropped: false)
            if self.deviation?.echoesClose != false {
                self.outgoing.appendClose(status)
            }
        }
        self.end()
    }

    // MARK: Messages

    /// A text message of the client.
    func receive(_ message: ByteBuffer) {
        let limits = JSONReader.Limits(
            depth: self.server.configuration.limits.jsonDepth, bytes: self.server.configuration.limits.messageBytes)
        let parsed = message.withUnsafeReadableBytes { bytes -> Result<ClientMessage, InvalidMessage> in
            do throws(InvalidMessage) {
                return .success(try ClientMessage.parse(bytes, limits: limits))
            } catch {
                return .failure(error)
            }
        }
        switch parsed {
        case .success(let message): self.perform(self.session.receive(message))
        case .failure(let invalid): self.receiveInvalid(invalid)
        }
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

    /// Starts an operation. Its handle is attached before anything that it produces can arrive.
    func start(_ token: OperationToken, _ payload: SubscribePayload) {
        guard let context = self.context, let executionContext = self.executionContext else { return }
        let handle = self.server.runner.start(
            GraphQLRequest(
                query: payload.query, operationName: payload.operationName, variables: payload.variables,
                extensions: payload.extensions),
            context: executionContext,
            output: OperationOutput(to: self, on: context.eventLoop, token: token))
        if !self.session.attach(handle, to: token) {
            handle.cancel()
        }
    }

    // MARK: Initialisation

    private func decide(_ payload: JSONObject?) {
        guard let context = self.context else { return }
        if self.deviation?.keepsInitTimer != true {
            self.deadline?.cancel()
            self.deadline = nil
        }
        let decision = ConnectionDecision()
        self.decision = decision
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        decision.start(
            self.server.gate, initPayload: payload, handshake: self.handshake, eventLoop: context.eventLoop
        ) { outcome in
            bound.value.decided(outcome)
        }
    }

    private func decided(_ outcome: ConnectionDecision.Outcome) {
        self.decision = nil
        switch outcome {
        case .admitted(let admission):
            guard let ack = self.session.admitted(ackPayload: admission.ackPayload) else { break }
            self.executionContext = admission.context
            if self.deviation?.isIntruding != true {
                self.send(ack)
            }
            self.deviation?.admitted(self)
        case .refused(let refusal):
            self.server.logger.record(.connectionRefused(reason: refusal.reason))
            self.deviation?.refused(self)
            self.perform(self.session.refused())
        case .failed(let error):
            self.server.logger.record(.connectionDecisionFailed(error: "\(error)"))
            self.deviation?.decisionFailed(self)
            self.perform(self.session.decisionFailed())
        }
        self.flush()
    }

    private func initTimedOut() {
        guard self.deviation?.forgetsInitTimer != true else { return }
        self.perform(self.deviation?.lateInitTimeout(self) ?? self.session.initTimedOut())
        self.flush()
    }

    /// Operations run as this client from now on, without an admission.
    func assume(_ context: any ExecutionContext) {
        self.executionContext = context
    }

    // MARK: Keep-alive

    private func scheduleKeepAlive() {
        guard let context = self.context, self.deviation?.isDeaf != true else { return }
        self.keepAlive = context.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.timeouts.keepAlive
        ) { [weak self] in
            self?.keepAliveDue()
        }
    }

    private func keepAliveDue() {
        guard self.stage == .open else { return }
        guard !self.awaitsPong else {
            self.cut("No pong")
            return
        }
        if self.deviation?.keepAliveMessage(self) != true {
            self.awaitsPong = true
            self.outgoing.appendControl(.ping, ByteBuffer())
        }
        self.flush()
        self.scheduleKeepAlive()
    }

    // MARK: Writing

    /// Queues a message; `flush` writes it.
    func send(_ message: [UInt8]) {
        guard self.stage == .open else { return }
        self.sent += 1
        self.outgoing.appendText(self.deviation?.rewritten(message, self) ?? message)
    }

    /// Queues a `next`; `flush` writes it.
    func sendNext(_ id: OperationID, _ payload: ByteBuffer) {
        guard self.stage == .open else { return }
        self.sent += 1
        self.outgoing.appendText(prefix: ServerMessage.nextPrefix(id), rest: payload)
    }

    /// Queues bytes as they are, whatever the stage.
    func sendRaw(_ message: [UInt8]) {
        self.outgoing.appendText(message)
    }

    /// Writes what is queued. A client that has not taken enough of what was written before is cut.
    func flush() {
        self.report()
        guard let context = self.context, !self.outgoing.isEmpty else { return }
        for buffer in self.outgoing.take() {
            context.write(self.wrapOutboundOut(buffer), promise: nil)
        }
        context.flush()
        if self.stage != .gone, !context.channel.isWritable {
            self.cut("Too many bytes unsent")
        }
    }

    private func report() {
        if self.received > 0 {
            self.server.metrics.messagesReceived.add(self.received)
            self.received = 0
        }
        if self.sent > 0 {
            self.server.metrics.messagesSent.add(self.sent)
            self.sent = 0
        }
    }

    // MARK: Closing

    /// Closes as the session says. Nil is nothing.
    /// - Parameter endsAtOnce: whether the client's bytes are of no use any more, so that no echo is awaited.
    func perform(_ close: TransportWSSession<any OperationHandle>.OnClose?, endsAtOnce: Bool = false) {
        guard let close, self.stage == .open else { return }
        let isSilent = self.deviation?.closing(close, self) ?? false
        self.stopAll(close.stopping, dropped: false, because: close.close)
        guard !isSilent else { return }
        let (code, reason) =
            self.deviation?.rewritten(close.close) ?? (close.close.code.rawValue, close.close.reason.text)
        self.server.metrics.closed(close.close)
        self.server.logger.record(.socketClosed(code: Int(code), reason: reason, byServer: true))
        self.outgoing.appendClose(code, reason)
        self.reader.isDiscarding = true
        self.stage = .closeSent
        self.deviation?.closeSent(self)
        if endsAtOnce {
            self.end()
        } else {
            self.schedule(self.server.configuration.timeouts.closeEcho) { $0.cut("No close frame in answer") }
        }
    }

    private func stopAll(_ handles: [any OperationHandle], dropped: Bool, because close: Close? = nil) {
        self.deadline?.cancel()
        self.deadline = nil
        self.keepAlive?.cancel()
        self.keepAlive = nil
        self.decision?.cancel()
        self.decision = nil
        guard self.deviation?.keepsOperations(dropped: dropped, because: close) != true else { return }
        for handle in handles {
            handle.cancel()
        }
    }

    /// Ends the server's side of TCP. What the client still sends is read and thrown away until it ends its side:
    /// closing a socket with unread bytes would reset it, and the client could lose the close frame.
    private func end() {
        guard self.stage != .ending, self.stage != .gone, let context = self.context else { return }
        self.stage = .ending
        self.flush()
        self.deadline?.cancel()
        guard self.deviation?.keepsTCP != true else { return }
        self.schedule(self.server.configuration.timeouts.linger) { handler in
            handler.context?.close(promise: nil)
        }
        if self.hasInputEnded {
            context.close(promise: nil)
        } else {
            context.close(mode: .output, promise: nil)
        }
    }

    private func cut(_ reason: String) {
        guard self.stage != .gone else { return }
        self.server.metrics.cuts.add(reason)
        self.server.logger.record(.socketCut(reason: reason))
        let context = self.context
        self.disconnected()
        context?.close(promise: nil)
    }

    /// TCP is gone, or of no use.
    private func disconnected() {
        guard self.stage != .gone else { return }
        let wasOpen = self.stage == .open
        self.stage = .gone
        self.report()
        self.stopAll(self.session.disconnected(), dropped: wasOpen)
        self.deviation?.gone(self)
        self.server.metrics.sockets.add(-1)
    }

    /// Sets the timer of the stage, in place of the one before.
    private func schedule(_ delay: TimeAmount, _ action: @escaping (WebSocketHandler) -> Void) {
        self.deadline?.cancel()
        self.deadline = self.context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            self.deadline = nil
            action(self)
        }
    }
}

extension WebSocketHandler: OperationReceiver {
    func deliver(_ payload: ByteBuffer, to token: OperationToken) {
        guard self.deviation == nil else {
            self.deviation?.deliver(payload, to: token, self)
            return
        }
        guard self.session.isOpen(token) else { return }
        self.sendNext(token.id, payload)
    }

    func complete(_ token: OperationToken) {
        guard self.deviation == nil else {
            self.deviation?.complete(token, self)
            return
        }
        guard self.session.finish(token) else { return }
        self.send(ServerMessage.complete(token.id))
    }

    func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure) {
        guard self.deviation == nil else {
            self.deviation?.fail(token, errors: errors, because: failure, self)
            return
        }
        guard self.session.finish(token) else { return }
        self.send(ServerMessage.error(token.id, errors: errors))
    }

    func flushDelivered() {
        self.flush()
    }
}
