import NIOCore
import NIOPosix
import Synchronization

/// A TCP server on a free port of 127.0.0.1 that answers the first bytes of each connection with fixed bytes.
final class ScriptedPeer: Sendable {
    /// The port that it listens on.
    let port: Int
    private let channel: any Channel
    private let seen: Seen

    /// What the peer has received, over all connections.
    var received: String { self.seen.text.withLock { $0 } }

    /// Starts listening; `reply` is sent once a blank line has come, then the connection is closed.
    init(reply: String) async throws {
        let seen = Seen()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(reply: reply, seen: seen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.channel = channel
        self.seen = seen
        self.port = channel.localAddress?.port ?? 0
    }

    /// Stops listening.
    func stop() async throws {
        try await self.channel.close()
    }

    private final class Seen: Sendable {
        let text = Mutex("")
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let reply: String
        private let seen: Seen

        init(reply: String, seen: Seen) {
            self.reply = reply
            self.seen = seen
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: self.unwrapInboundIn(data))
            let all = self.seen.text.withLock { seen in
                seen += text
                return seen
            }
            guard all.contains("\r\n\r\n"), !self.reply.isEmpty else { return }
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: self.reply)), promise: nil)
            context.close(promise: nil)
        }
    }
}
