import NIOCore
import PubSub

/// Sends one command as soon as there is a connection, and closes it after the reply.
final class SingleQuestion: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let command: RESPCommand
    private let limit: Duration
    private let promise: EventLoopPromise<RESPReply>
    private let reader: ReplyReader
    private var deadline: Scheduled<Void>?

    /// - Parameters:
    ///   - limit: How long the reply may take, a TLS handshake before it included.
    ///   - promise: Fails with a `BusError` whose message goes on after the name of who was asked.
    init(_ command: RESPCommand, limit: Duration, promise: EventLoopPromise<RESPReply>) throws {
        self.command = command
        self.limit = limit
        self.promise = promise
        self.reader = try ReplyReader()
    }

    func channelActive(context: ChannelHandlerContext) {
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(self.limit)) {
            self.promise.fail(BusError(.timedOut, "gave no answer for \(self.limit)"))
            context.close(promise: nil)
        }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: self.command.encoded)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try self.reader.feed(self.unwrapInboundIn(data))
            guard let reply = try self.reader.next() else { return }
            self.promise.succeed(reply)
        } catch {
            self.promise.fail(BusError(.unavailable, "sent no valid reply: \(error.message)"))
        }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.promise.fail(BusError(.unavailable, "broke the connection: \(error)"))
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        // Of no effect after an answer.
        self.promise.fail(BusError(.unavailable, "closed the connection"))
    }
}
