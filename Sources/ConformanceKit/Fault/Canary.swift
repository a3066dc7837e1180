import NIOCore
import NIOPosix
import Synchronization

/// A connection of the runner's own that looks whether a fault is there: it asks a question that anybody answers.
struct Canary: Sendable {
    enum Sight: Sendable, Equatable {
        /// No connection.
        case refused
        /// Something came after so many nanoseconds.
        case answered(after: UInt64)
        /// The connection ended without a word.
        case ended
        /// Nothing until the patience was over.
        case silent
    }

    var host: String
    var port: Int
    /// What is sent; its answer is not read, only noticed.
    var question: [UInt8]

    /// A question that Redis answers, also one that wants a password.
    static func redis(host: String, port: Int, padding: Int = 0) -> Canary {
        let words = padding > 0 ? ["PING", String(repeating: "x", count: padding)] : ["PING"]
        let text = "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        return Canary(host: host, port: port, question: Array(text.utf8))
    }

    /// A question that a web server answers, if only by hanging up.
    static func http(host: String, port: Int, padding: Int = 0) -> Canary {
        let more = padding > 0 ? "X-Padding: \(String(repeating: "x", count: padding))\r\n" : ""
        return Canary(
            host: host, port: port,
            question: Array("GET / HTTP/1.1\r\nHost: canary\r\n\(more)Connection: close\r\n\r\n".utf8))
    }

    /// Looks once.
    ///
    /// - Parameter patience: Nanoseconds for everything.
    func look(patience: UInt64) async -> Sight {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let started = NIODeadline.now()
        let promise = loop.makePromise(of: Sight.self)
        let watcher = Watcher(promise: promise, started: started)
        let timer = loop.scheduleTask(in: .nanoseconds(Int64(patience))) { watcher.settle(.silent) }
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(Int64(patience)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Ear(watcher))
                }
            }
            .connect(host: self.host, port: self.port)
        connecting.whenComplete { result in
            switch result {
            case .success(let channel): channel.writeAndFlush(ByteBuffer(bytes: self.question), promise: nil)
            case .failure(let error):
                // A connection that takes too long is silence, not refusal.
                if case ChannelError.connectTimeout = error {
                    watcher.settle(.silent)
                } else {
                    watcher.settle(.refused)
                }
            }
        }
        let sight = (try? await promise.futureResult.get()) ?? .silent
        timer.cancel()
        connecting.whenSuccess { $0.close(promise: nil) }
        return sight
    }

    /// Settles once.
    private final class Watcher: Sendable {
        private let promise: EventLoopPromise<Sight>
        private let started: NIODeadline
        private let isSettled = Mutex(false)

        init(promise: EventLoopPromise<Sight>, started: NIODeadline) {
            self.promise = promise
            self.started = started
        }

        func settle(_ sight: Sight) {
            let isFirst = self.isSettled.withLock { settled in
                defer { settled = true }
                return !settled
            }
            if isFirst { self.promise.succeed(sight) }
        }

        func heard() {
            self.settle(.answered(after: UInt64((NIODeadline.now() - self.started).nanoseconds)))
        }
    }

    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let watcher: Watcher

        init(_ watcher: Watcher) { self.watcher = watcher }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.watcher.heard() }

        func channelInactive(context: ChannelHandlerContext) { self.watcher.settle(.ended) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            self.watcher.settle(.ended)
            context.close(promise: nil)
        }
    }
}
