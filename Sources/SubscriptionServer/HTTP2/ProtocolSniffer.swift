import NIOCore

/// Looks at the first bytes of a connection: a client with prior knowledge of HTTP/2 begins with a preface that no
/// HTTP/1 request begins with (RFC 9113 §3.4). Builds the pipeline for what it sees, and goes.
final class ProtocolSniffer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What an HTTP/2 client begins with.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let server: RealtimeChannel
    private var first = ByteBuffer()
    private var deadline: Scheduled<Void>?

    init(server: RealtimeChannel) {
        self.server = server
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.server.configuration.timeouts.handshake
        ) { [weak self] in
            guard let self, self.deadline != nil else { return }
            self.server.server.metrics.cuts.add("No request")
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.deadline = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.first.writeImmutableBuffer(self.unwrapInboundIn(data))
        let count = min(self.first.readableBytes, Self.preface.count)
        let isHTTP2 = self.first.readableBytesView.prefix(count).elementsEqual(Self.preface.prefix(count))
        guard !isHTTP2 || count == Self.preface.count else { return }
        do {
            if isHTTP2 {
                try self.server.configureHTTP2(context.channel)
            } else {
                try self.server.configureHTTP1(context.channel)
            }
        } catch {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(self.wrapInboundOut(self.first))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed, is ChannelShouldQuiesceEvent: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
