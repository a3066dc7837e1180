import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2

/// One stream of an HTTP/2 connection: one request, and its answer (RFC 9113 §8.1). The stream's end by the client
/// (RST_STREAM) or with its connection ends what is being answered at once.
final class HTTP2StreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Before the head of the request.
        case idle
        /// Between the head and the end of the request.
        case reading(HTTPCall)
        /// The request is being answered.
        case answering(HTTPCall, HTTPExchange)
        /// The body of an answer is being written; the producer is nil while it is made.
        case streaming(HTTPBodyWriter, (any HTTPBodyProducer)?)
        /// The answer was written, or the stream is gone.
        case ended
    }

    private let server: ServerContext
    private let peer: String?
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var deadline: Scheduled<Void>?
    /// Present while a body is streamed.
    private var pressure: WritePressure?

    init(server: ServerContext, peer: String?) {
        self.server = server
        self.peer = peer
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.timeouts.handshake
        ) { [weak self] in
            switch self?.state {
            case .idle?, .reading?: self?.answer(.text(.requestTimeout, "Request not finished in time"))
            case .answering?, .streaming?, .ended?, nil: break
            }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.gone()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (self.unwrapInboundIn(data), self.state) {
        case (.head(let head), .idle): self.begin(head, context)
        case (.body(let piece), .reading(var call)):
            guard call.body.readableBytes + piece.readableBytes <= self.server.configuration.limits.bodyBytes else {
                self.answer(.text(.payloadTooLarge, "Body too large"))
                return
            }
            // Let go of the state's copy, so that the body grows in place.
            self.state = .idle
            call.body.writeImmutableBuffer(piece)
            self.state = .reading(call)
        case (.end, .reading(let call)): self.ask(call, context)
        default: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .streaming(_, let producer) = self.state, let pressure = self.pressure, pressure.writabilityChanged() {
            producer?.blocked(pressure.isBlocked)
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.gone()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset by the client, or a request that is not well-formed; either way the stream is of no use.
        self.gone()
        context.close(promise: nil)
    }

    // MARK: The request

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let limits = self.server.configuration.limits
        guard head.uri.utf8.count <= limits.targetBytes else {
            self.answer(.text(.uriTooLong, "Target too long"))
            return
        }
        guard head.headers.count <= limits.headerFields else {
            self.answer(.text(.requestHeaderFieldsTooLarge, "Header too large"))
            return
        }
        guard head.headers["content-length"].allSatisfy({ Int($0).map { $0 <= limits.bodyBytes } ?? false }) else {
            self.answer(.text(.payloadTooLarge, "Body too large"))
            return
        }
        self.state = .reading(
            HTTPCall(head: head, body: ByteBuffer(), peer: self.peer, eventLoop: context.eventLoop))
    }

    private func ask(_ call: HTTPCall, _ context: ChannelHandlerContext) {
        self.deadline?.cancel()
        let exchange = HTTPExchange()
        self.state = .answering(call, exchange)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        exchange.start(self.server.responder, call, eventLoop: context.eventLoop) { reply in
            let handler = bound.value
            switch (reply, handler.state) {
            case (.answer(let answer), .answering(let call, _)):
                handler.answer(answer, withoutBody: call.head.method == .HEAD)
            case (.stream(let stream), .answering(let call, _)): handler.stream(stream, to: call)
            case (.stream(let stream), _): stream.abandon()
            case (.answer, _): break
            }
        }
    }

    // MARK: The answer

    private func answer(_ answer: HTTPAnswer, withoutBody: Bool = false) {
        let length = ("Content-Length", "\(answer.body.readableBytes)")
        self.writeHead(answer.status, answer.fields + (answer.status == .noContent ? [] : [length]))
        if !withoutBody, answer.body.readableBytes > 0 {
            self.context?.write(self.wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        self.end()
    }

    private func stream(_ stream: HTTPStreamAnswer, to call: HTTPCall) {
        guard let context = self.context else {
            stream.abandon()
            return
        }
        self.writeHead(stream.status, stream.fields)
        guard call.head.method != .HEAD else {
            stream.abandon()
            self.end()
            return
        }
        let writer = HTTPBodyWriter(to: self, on: context.eventLoop)
        self.state = .streaming(writer, nil)
        self.pressure = WritePressure(server: self.server, channel: context.channel) { [weak self] in
            self?.gone()
            self?.context?.close(promise: nil)
        }
        let producer = stream.start(writer)
        // The body may have ended in the meantime.
        if case .streaming(let current, _) = self.state, current === writer {
            self.state = .streaming(writer, producer)
            context.flush()
            if self.pressure?.isBlocked == true { producer.blocked(true) }
        } else if writer.isDetached {
            producer.disconnected()
        }
    }

    /// Writes the head without what belongs to a connection of HTTP/1 (RFC 9113 §8.2.2).
    private func writeHead(_ status: HTTPResponseStatus, _ fields: [(name: String, value: String)]) {
        self.server.metrics.responses.add("\(status.code)")
        let fields = fields.filter { !Self.hopByHop.contains($0.name.lowercased()) }
        let head = HTTPResponseHead(version: .http2, status: status, headers: HTTPHeaders(fields))
        self.context?.write(self.wrapOutboundOut(.head(head)), promise: nil)
    }

    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "sec-websocket-version",
    ]

    /// The answer is complete. What may still come of the request is not wanted.
    private func end() {
        let isRequestComplete =
            switch self.state {
            case .idle, .reading: false
            case .answering, .streaming, .ended: true
            }
        self.state = .ended
        self.deadline?.cancel()
        self.pressure?.stop()
        guard let context = self.context else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let promise = isRequestComplete ? nil : context.eventLoop.makePromise(of: Void.self)
        promise?.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: promise)
    }

    private func gone() {
        let state = self.state
        self.state = .ended
        self.deadline?.cancel()
        self.pressure?.stop()
        switch state {
        case .answering(_, let exchange): exchange.cancel()
        case .streaming(let writer, let producer):
            writer.detach()
            producer?.disconnected()
        case .idle, .reading, .ended: break
        }
    }
}

extension HTTP2StreamHandler: HTTPBodyTarget {
    func writeBody(_ pieces: [ByteBuffer]) {
        guard case .streaming = self.state, let context = self.context else { return }
        for piece in pieces {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
        }
        context.flush()
        if case .streaming = self.state {
            self.pressure?.wrote(pieces.reduce(0) { $0 + $1.readableBytes })
        }
    }

    func endBody() {
        guard case .streaming = self.state else { return }
        self.end()
    }

    func cutBody() {
        guard case .streaming = self.state, let context = self.context else { return }
        self.state = .ended
        self.deadline?.cancel()
        self.pressure?.stop()
        context.close(promise: nil)
    }
}
