import Logging
import NIOCore
import NIOHTTP1
import SubscriptionProtocols

/// One connection while it speaks HTTP/1: collects requests, has them answered one after the other, and turns into a
/// WebSocket when asked properly.
///
/// Stands behind NIO's request decoder and writes answers as bytes. The gate before the upgrade is here: the decoder
/// stops at any request that asks for an upgrade, so one that is refused is answered with the end of the connection.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Before the head of a request.
        case idle
        /// Between the head and the end of a request.
        case reading(HTTPCall)
        /// Like `reading`, of a request that becomes a WebSocket.
        case upgrading(HTTPCall, WebSocketHandshake, SocketTarget)
        /// The gate decides about a WebSocket of a route.
        case admitting(ConnectionDecision)
        /// A request is being answered.
        case answering(HTTPCall, HTTPExchange)
        /// The body of an answer is being written for as long as it takes; the producer is nil while it is made.
        case streaming(HTTPCall, HTTPBodyWriter, (any HTTPBodyProducer)?)
        /// The last answer was written; what still comes is thrown away.
        case ending
        /// The connection is a WebSocket; bytes pass through.
        case upgraded
    }

    private let server: ServerContext
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var deadline: Scheduled<Void>?
    /// Parts of requests that came while another was being answered.
    private var waiting: [HTTPServerRequestPart] = []
    private var isReadHeld = false
    private var hasInputEnded = false
    private var isQuiescing = false
    /// Something was sent behind a stream and is not going to be answered.
    private var hasSkipped = false
    /// Present while a body is streamed.
    private var pressure: WritePressure?

    init(server: ServerContext, decoder: ByteToMessageHandler<HTTPRequestDecoder>) {
        self.server = server
        self.decoder = decoder
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.scheduleDeadline(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.state {
        case .upgraded: context.fireChannelRead(data)
        case .ending: break
        case .answering: self.waiting.append(self.unwrapInboundIn(data))
        case .admitting: break
        // To hold the reading would hide the client's leaving; so what it sends ahead of the end is not answered.
        case .streaming: self.hasSkipped = true
        case .idle, .reading, .upgrading: self.handle(self.unwrapInboundIn(data), context)
        }
    }

    func read(context: ChannelHandlerContext) {
        // A client that sends requests ahead has to wait; one that does not is watched, so that its leaving is noticed.
        if case .answering = self.state, !self.waiting.isEmpty {
            self.isReadHeld = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .streaming(_, _, let producer) = self.state, let pressure = self.pressure, pressure.writabilityChanged()
        {
            producer?.blocked(pressure.isBlocked)
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.abandonReply()
        self.deadline?.cancel()
        if case .upgraded = self.state {} else { self.state = .ending }
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .upgraded = self.state {
            context.fireUserInboundEventTriggered(event)
            return
        }
        switch event {
        case ChannelEvent.inputClosed:
            // A client may end its side and still wait for its answer, but one that ends it during a stream has left.
            self.hasInputEnded = true
            if case .answering = self.state { return }
            self.abandonReply()
            context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            self.isQuiescing = true
            switch self.state {
            case .idle: context.close(promise: nil)
            case .streaming(_, _, let producer): producer?.goAway()
            case .reading, .upgrading, .admitting, .answering, .ending, .upgraded: break
            }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (self.state, error) {
        case (.upgraded, _):
            context.fireErrorCaught(error)
        case (.ending, _):
            // More of what could not be read.
            break
        case (.idle, let error as HTTPParserError), (.reading, let error as HTTPParserError),
            (.upgrading, let error as HTTPParserError):
            // The decoder also complains about a request that its client broke off by leaving.
            guard !self.hasInputEnded, context.channel.isActive else {
                self.state = .ending
                context.close(promise: nil)
                return
            }
            switch error {
            case .headerOverflow:
                self.answerLast(.text(.requestHeaderFieldsTooLarge, "Header too large"), context)
            case .invalidVersion:
                self.answerLast(.text(.httpVersionNotSupported, "HTTP/1.1 is spoken here"), context)
            default:
                self.answerLast(.text(.badRequest, "Bad request"), context)
            }
        case (.answering, is HTTPParserError), (.streaming, is HTTPParserError):
            // Something unreadable behind a request: that one is answered, and then nothing more.
            self.hasSkipped = true
            self.waiting = []
        default:
            self.abandonReply()
            context.close(promise: nil)
        }
    }

    // MARK: Requests

    private func handle(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, self.state) {
        case (.head(let head), .idle):
            self.scheduleDeadline(context)
            self.begin(head, context)
        case (.body(let piece), .reading(var call)):
            guard call.body.readableBytes + piece.readableBytes <= self.server.configuration.limits.bodyBytes else {
                self.answerLast(.text(.payloadTooLarge, "Body too large"), context)
                return
            }
            // Let go of the state's copy, so that the body grows in place.
            self.state = .idle
            call.body.writeImmutableBuffer(piece)
            self.state = .reading(call)
        case (.end, .reading(let call)):
            self.deadline?.cancel()
            self.answer(call, context)
        case (.end, .upgrading(let call, let handshake, let target)):
            self.deadline?.cancel()
            self.upgrade(call, handshake, target, context)
        default:
            break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard head.uri.utf8.count <= self.server.configuration.limits.targetBytes else {
            self.answerLast(.text(.uriTooLong, "Target too long"), context)
            return
        }
        let call = HTTPCall(
            head: head, body: ByteBuffer(), peer: context.channel.remoteAddress?.ipAddress,
            eventLoop: context.eventLoop)
        if WebSocketHandshake.isAsked(by: head), let target = SocketTarget.find(call.path, in: self.server) {
            do throws(WebSocketHandshake.Refusal) {
                let understood = self.server.misbehaviour?.understood(head) ?? head
                self.state = .upgrading(call, try WebSocketHandshake.check(understood), target)
            } catch {
                self.refuse(error, context)
                return
            }
            let origins = self.server.configuration.access.origins
            if origins.judge(head, self.server.misbehaviour) == .refused {
                self.refuse(
                    .text(.forbidden, "Pages from there may not", fields: [("Vary", "Origin")]), "origin", context)
            }
            return
        }
        if head.headers["content-length"].contains(where: { length in
            Int(length).map { $0 > self.server.configuration.limits.bodyBytes } ?? true
        }) {
            self.answerLast(.text(.payloadTooLarge, "Body too large"), context)
            return
        }
        self.state = .reading(call)
        if head.version.minor >= 1,
            head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" })
        {
            context.writeAndFlush(self.wrapOutboundOut(HTTPAnswer(.continue).encoded()), promise: nil)
        }
    }

    private func answer(_ call: HTTPCall, _ context: ChannelHandlerContext) {
        let exchange = HTTPExchange()
        self.state = .answering(call, exchange)
        guard self.server.misbehaviour?.ignores(call, at: self.server.configuration.graphqlPath) != true else { return }
        if call.path != self.server.configuration.graphqlPath, SocketTarget.find(call.path, in: self.server) != nil {
            self.answer(
                call,
                with: .text(
                    .upgradeRequired, "A WebSocket is spoken here", fields: WebSocketHandshake.upgradeFields), context)
            return
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        exchange.start(self.server.responder, call, eventLoop: context.eventLoop) { reply in
            let (handler, context) = bound.value
            switch (reply, handler.state) {
            case (.answer(let answer), .answering(let call, _)): handler.answer(call, with: answer, context)
            case (.stream(let stream), .answering(let call, _)): handler.stream(stream, to: call, context)
            case (.stream(let stream), _): stream.abandon()
            case (.answer, _): break
            }
        }
    }

    private func answer(_ call: HTTPCall, with answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        if self.isLast(call) {
            self.answerLast(answer, context, withoutBody: call.head.method == .HEAD)
            return
        }
        self.server.metrics.responses.add("\(answer.status.code)")
        context.writeAndFlush(
            self.wrapOutboundOut(answer.encoded(withoutBody: call.head.method == .HEAD)), promise: nil)
        self.becomeIdle(context)
    }

    /// Whether the connection ends with the answer to this request.
    private func isLast(_ call: HTTPCall) -> Bool {
        // The decoder has stopped at a request that asked for any upgrade.
        !call.head.isKeepAlive || self.isQuiescing || self.hasInputEnded || self.hasSkipped
            || call.head.headers.contains(name: "upgrade")
    }

    private func becomeIdle(_ context: ChannelHandlerContext) {
        self.state = .idle
        self.scheduleDeadline(context)
        self.handleWaiting(context)
    }

    /// Nobody is there any more to get the answer that is being made.
    private func abandonReply() {
        switch self.state {
        case .answering(_, let exchange):
            exchange.cancel()
        case .streaming(_, let writer, let producer):
            writer.detach()
            self.pressure?.stop()
            self.state = .ending
            producer?.disconnected()
        case .admitting(let decision): decision.cancel()
        case .idle, .reading, .upgrading, .ending, .upgraded: break
        }
    }

    // MARK: Streams

    private func stream(_ stream: HTTPStreamAnswer, to call: HTTPCall, _ context: ChannelHandlerContext) {
        guard !self.hasInputEnded else {
            stream.abandon()
            self.state = .ending
            context.close(promise: nil)
            return
        }
        let isChunked = call.head.version.minor >= 1
        let fields = stream.fields + (isChunked ? [("Transfer-Encoding", "chunked")] : [])
        self.server.metrics.responses.add("\(stream.status.code)")
        self.hasSkipped = self.hasSkipped || !self.waiting.isEmpty
        self.waiting = []
        let head = HTTPAnswer.encodedHead(stream.status, fields, closes: self.isLast(call) || !isChunked)
        guard call.head.method != .HEAD else {
            stream.abandon()
            context.writeAndFlush(self.wrapOutboundOut(head), promise: nil)
            self.isLast(call) ? self.end(context) : self.becomeIdle(context)
            return
        }
        context.write(self.wrapOutboundOut(head), promise: nil)
        let writer = HTTPBodyWriter(to: self, on: context.eventLoop)
        self.state = .streaming(call, writer, nil)
        self.pressure = WritePressure(server: self.server, channel: context.channel) { [weak self] in
            self?.abandonReply()
            self?.context?.close(promise: nil)
        }
        let producer = stream.start(writer)
        // The body may have ended in the meantime.
        if case .streaming(_, let current, _) = self.state, current === writer {
            self.state = .streaming(call, writer, producer)
            context.flush()
            if self.pressure?.isBlocked == true { producer.blocked(true) }
            if self.isQuiescing { producer.goAway() }
        } else if writer.isDetached {
            producer.disconnected()
        }
        if self.isReadHeld {
            self.isReadHeld = false
            context.read()
        }
    }

    /// Goes on with what was sent ahead.
    private func handleWaiting(_ context: ChannelHandlerContext) {
        var parts = self.waiting[...]
        self.waiting = []
        while let part = parts.popFirst() {
            self.handle(part, context)
            if case .answering = self.state {
                self.waiting = Array(parts)
                break
            }
        }
        if self.isReadHeld, self.waiting.isEmpty {
            self.isReadHeld = false
            context.read()
        }
    }

    // MARK: Upgrade

    private func refuse(_ refusal: WebSocketHandshake.Refusal, _ context: ChannelHandlerContext) {
        let answer: HTTPAnswer =
            switch refusal {
            case .method: .text(.methodNotAllowed, "A WebSocket begins with GET", fields: [("Allow", "GET, POST")])
            case .httpVersion: .text(.badRequest, "A WebSocket needs HTTP/1.1")
            case .notAnUpgrade: .text(.badRequest, "Connection and Upgrade must ask for a WebSocket")
            case .version:
                .text(.upgradeRequired, "Only version 13 is spoken here", fields: WebSocketHandshake.upgradeFields)
            case .key: .text(.badRequest, "Sec-WebSocket-Key must be 16 bytes in base64")
            case .body: .text(.badRequest, "A handshake has no body")
            }
        self.refuse(answer, "\(refusal)", context)
    }

    private func refuse(_ answer: HTTPAnswer, _ reason: String, _ context: ChannelHandlerContext) {
        self.server.metrics.handshakesRefused.add("\(answer.status.code)")
        self.server.logger.record(.socketRefused(status: Int(answer.status.code), reason: reason))
        self.answerLast(answer, context)
    }

    private func upgrade(
        _ call: HTTPCall, _ handshake: WebSocketHandshake, _ target: SocketTarget, _ context: ChannelHandlerContext
    ) {
        guard self.server.deviations?.isFull != true else {
            self.refuse(.text(.serviceUnavailable, "Too many connections"), "full", context)
            return
        }
        let place: LimitLease
        let isTrusting = self.server.misbehaviour == .peerLimitTrustsHeader
        let claimed = isTrusting ? call.head.headers.first(name: "x-forwarded-for") : nil
        switch self.server.limiter.enter(peer: claimed ?? call.peer) {
        case .success(let lease): place = lease
        case .failure(let refusal):
            self.refuse(.limited(refusal), refusal.kind.rawValue, context)
            return
        }
        switch target {
        case .graphql:
            let isInvented = self.server.misbehaviour == .subprotocolInvented
            let subprotocol = handshake.subprotocol ?? (isInvented ? .transportWS : nil)
            let socket = WebSocketHandler(
                server: self.server, handshake: call.facts, place: place
            ) { socket, eventLoop in
                let isDefault = socket.server.misbehaviour == .defaultDialect
                return (subprotocol ?? (isDefault ? .transportWS : nil))?.speaker(on: socket, eventLoop: eventLoop)
            }
            let answer = handshake.answer(selecting: subprotocol)
            self.upgrade(
                to: socket, self.server.misbehaviour?.answered(answer, to: call.head) ?? answer, context)
        case .route(let route, let parameters):
            self.admit(call, context) { admission, membership in
                let call = SocketCall(handshake: call.facts, parameters: parameters, admission: admission)
                let socket = WebSocketHandler(
                    server: self.server, handshake: call.handshake, place: place, readsBinary: route.readsBinary
                ) { socket, eventLoop in
                    socket.admitted(admission, holding: membership, as: .route(route.pattern.description))
                    return RouteSpeaker(route: route, call: call, socket: socket, eventLoop: eventLoop)
                }
                self.upgrade(to: socket, handshake.answer(selecting: nil), context)
            }
        }
    }

    /// Asks the gate about a WebSocket of a route; whoever is refused gets an answer and no socket.
    private func admit(
        _ call: HTTPCall, _ context: ChannelHandlerContext,
        admitted: @escaping (ConnectionAdmission, LimitLease) -> Void
    ) {
        let decision = ConnectionDecision()
        self.state = .admitting(decision)
        let (gate, facts) = (self.server.gate, call.facts)
        let bound = NIOLoopBound((self, context, admitted), eventLoop: context.eventLoop)
        decision.start(limiter: self.server.limiter, eventLoop: context.eventLoop) {
            try await gate.admit(request: facts)
        } report: { outcome in
            let (handler, context, admitted) = bound.value
            guard case .admitting = handler.state else { return }
            handler.server.logger.record(outcome)
            switch outcome {
            case .admitted(let admission, let membership): admitted(admission, membership)
            case .limited(let refusal): handler.refuse(.limited(refusal), refusal.kind.rawValue, context)
            case .refused(let refusal):
                let answer = HTTPRefusal(refusal, misbehaviour: handler.server.misbehaviour).answer(.json)
                handler.refuse(answer, "gate", context)
            case .failed: handler.refuse(.text(.internalServerError, "Internal server error"), "gate", context)
            }
        }
    }

    private func upgrade(to socket: WebSocketHandler, _ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        guard !self.isQuiescing else {
            self.refuse(.text(.serviceUnavailable, "Going away"), "going away", context)
            return
        }
        self.state = .upgraded
        context.writeAndFlush(self.wrapOutboundOut(answer.encoded()), promise: nil)
        do {
            try context.pipeline.syncOperations.addHandler(socket, position: .after(self))
        } catch {
            context.close(promise: nil)
            return
        }
        // Bytes behind the handshake are given to the socket while the decoder is removed.
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.pipeline.syncOperations.removeHandler(self.decoder).whenComplete { _ in
            let (handler, context) = bound.value
            context.fireChannelReadComplete()
            context.pipeline.syncOperations.removeHandler(handler, promise: nil)
        }
    }

    // MARK: The end

    /// Writes an answer, then ends the connection without losing the answer to a reset.
    private static let limitStatuses: Set<HTTPResponseStatus> = [
        .payloadTooLarge, .uriTooLong, .requestHeaderFieldsTooLarge,
    ]

    private func answerLast(_ answer: HTTPAnswer, _ context: ChannelHandlerContext, withoutBody: Bool = false) {
        var answer = answer
        if self.server.misbehaviour == .httpLimits500, Self.limitStatuses.contains(answer.status) {
            answer.status = .internalServerError
        }
        self.state = .ending
        self.waiting = []
        self.server.metrics.responses.add("\(answer.status.code)")
        context.writeAndFlush(
            self.wrapOutboundOut(answer.encoded(withoutBody: withoutBody, closes: true)), promise: nil)
        self.end(context)
    }

    /// Ends the connection without losing what was written to a reset.
    private func end(_ context: ChannelHandlerContext) {
        self.state = .ending
        self.deadline?.cancel()
        if self.hasInputEnded {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.timeouts.linger
        ) {
            context.close(promise: nil)
        }
        if self.isReadHeld {
            self.isReadHeld = false
            context.read()
        }
    }

    private func scheduleDeadline(_ context: ChannelHandlerContext) {
        self.deadline?.cancel()
        guard self.server.misbehaviour != .httpSlowRequestKept else { return }
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.timeouts.handshake
        ) { [weak self] in
            guard let self else { return }
            switch self.state {
            case .idle:
                self.server.metrics.cuts.add("No request")
                self.state = .ending
                context.close(promise: nil)
            case .reading, .upgrading:
                self.answerLast(.text(.requestTimeout, "Request not finished in time"), context)
            case .admitting, .answering, .streaming, .ending, .upgraded: break
            }
        }
    }
}

extension ConnectionHandler: HTTPBodyTarget {
    func writeBody(_ pieces: [ByteBuffer]) {
        guard case .streaming(let call, _, _) = self.state, let context = self.context else { return }
        let isChunked = call.head.version.minor >= 1
        let length = pieces.reduce(0) { $0 + $1.readableBytes }
        if isChunked {
            context.write(self.wrapOutboundOut(ByteBuffer(string: String(length, radix: 16) + "\r\n")), promise: nil)
        }
        for piece in pieces {
            context.write(self.wrapOutboundOut(piece), promise: nil)
        }
        if isChunked {
            context.write(self.wrapOutboundOut(ByteBuffer(staticString: "\r\n")), promise: nil)
        }
        context.flush()
        if case .streaming = self.state {
            self.pressure?.wrote(length)
        }
    }

    func cutBody() {
        guard case .streaming = self.state, let context = self.context else { return }
        self.pressure?.stop()
        self.pressure = nil
        self.end(context)
    }

    func endBody() {
        guard case .streaming(let call, _, _) = self.state, let context = self.context else { return }
        self.pressure?.stop()
        self.pressure = nil
        let isChunked = call.head.version.minor >= 1
        if isChunked {
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(staticString: "0\r\n\r\n")), promise: nil)
        }
        if self.isLast(call) || !isChunked {
            self.end(context)
        } else {
            self.becomeIdle(context)
        }
    }
}
