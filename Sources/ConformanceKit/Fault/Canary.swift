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
    /// So many bytes have to come before it counts as answered.
    var answerBytes = 1

    /// A question that Redis answers.
    static func redis(_ address: Target.RedisAddress, padding: Int = 0) -> Canary {
        let words = padding > 0 ? ["PING", String(repeating: "x", count: padding)] : ["PING"]
        // Redis sends the padding back.
        return Canary(
            host: address.host, port: address.port, question: self.commands([address.greeting, words]),
            answerBytes: max(1, padding))
    }

    /// A question that makes the connection one with subscriptions.
    static func redisSubscriber(_ address: Target.RedisAddress) -> Canary {
        // The answer to a subscription is long; that to a password is not.
        Canary(
            host: address.host, port: address.port,
            question: self.commands([address.greeting, ["SUBSCRIBE", "gqlconform-canary"]]), answerBytes: 20)
    }

    private static func commands(_ commands: [[String]]) -> [UInt8] {
        let text = commands.filter { !$0.isEmpty }.map { words in
            "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        }.joined()
        return Array(text.utf8)
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
        let promise = loop.makePromise(of: Sight.self)
        let watcher = Watcher(promise: promise, answerBytes: self.answerBytes)
        let timer = loop.scheduleTask(in: .nanoseconds(Int64(patience))) { watcher.settle(.silent) }
        let connecting = self.connect(on: loop, watcher, patience: patience)
        let sight = (try? await promise.futureResult.get()) ?? .silent
        timer.cancel()
        connecting.whenSuccess { $0.close(promise: nil) }
        return sight
    }

    /// Asks, and stays connected: an answered canary on a branch, which notices when the branch is cut.
    ///
    /// - Returns: `nil` if it was not answered in time.
    func perch(patience: UInt64) async -> Perched? {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answered = loop.makePromise(of: Sight.self)
        let over = loop.makePromise(of: Sight.self)
        let watcher = Watcher(promise: answered, answerBytes: self.answerBytes, over: over)
        let timer = loop.scheduleTask(in: .nanoseconds(Int64(patience))) { watcher.settle(.silent) }
        let connecting = self.connect(on: loop, watcher, patience: patience)
        let sight = (try? await answered.futureResult.get()) ?? .silent
        timer.cancel()
        guard case .answered = sight, let channel = try? await connecting.get() else {
            connecting.whenSuccess { $0.close(promise: nil) }
            watcher.end()
            return nil
        }
        return Perched(channel: channel, over: over.futureResult, watcher: watcher)
    }

    /// A canary that was answered and is still connected. Let it go in the end.
    struct Perched: Sendable {
        fileprivate let channel: any Channel
        fileprivate let over: EventLoopFuture<Sight>
        fileprivate let watcher: Watcher

        /// Whether its connection ends in so many nanoseconds.
        func falls(within patience: UInt64) async -> Bool {
            let timer = self.channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(patience))) {
                self.watcher.end(.silent)
            }
            let sight = (try? await self.over.get()) ?? .silent
            timer.cancel()
            self.letGo()
            return sight == .ended
        }

        func letGo() {
            self.watcher.end(.silent)
            self.channel.close(promise: nil)
        }
    }

    private func connect(
        on loop: any EventLoop, _ watcher: Watcher, patience: UInt64
    ) -> EventLoopFuture<any Channel> {
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
        return connecting
    }

    /// Settles once, and ends once.
    fileprivate final class Watcher: Sendable {
        private struct State {
            var isSettled = false
            var isOver = false
            var bytes = 0
        }

        private let promise: EventLoopPromise<Sight>
        private let over: EventLoopPromise<Sight>?
        private let started = NIODeadline.now()
        private let answerBytes: Int
        private let state = Mutex(State())

        init(promise: EventLoopPromise<Sight>, answerBytes: Int, over: EventLoopPromise<Sight>? = nil) {
            self.promise = promise
            self.answerBytes = answerBytes
            self.over = over
        }

        func settle(_ sight: Sight) {
            let isFirst = self.state.withLock { state in
                defer { state.isSettled = true }
                return !state.isSettled
            }
            if isFirst { self.promise.succeed(sight) }
        }

        func heard(_ count: Int) {
            let isWhole = self.state.withLock { state in
                state.bytes += count
                return state.bytes >= self.answerBytes
            }
            if isWhole { self.settle(.answered(after: UInt64((NIODeadline.now() - self.started).nanoseconds))) }
        }

        func end(_ sight: Sight = .ended) {
            self.settle(.ended)
            guard let over = self.over else { return }
            let isFirst = self.state.withLock { state in
                defer { state.isOver = true }
                return !state.isOver
            }
            if isFirst { over.succeed(sight) }
        }
    }

    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let watcher: Watcher

        init(_ watcher: Watcher) { self.watcher = watcher }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.watcher.heard(self.unwrapInboundIn(data).readableBytes)
        }

        func channelInactive(context: ChannelHandlerContext) { self.watcher.end() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            self.watcher.end()
            context.close(promise: nil)
        }
    }
}
