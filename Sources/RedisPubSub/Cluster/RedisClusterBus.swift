package import Logging
package import NIOCore
package import PubSub

/// A Redis cluster as a message bus, with sharded pub/sub (Redis 7), and as a store.
///
/// Each primary has a `RedisBus` of its own, which connects, notices hangs and subscribes again by itself; all of them
/// live on one event loop. A channel is subscribed and published at the primary that has its slot. When the slot goes to
/// another, its subscribers get `interrupted`, are subscribed there, and get `resumed`.
///
/// Who has which slot is asked of any node (CLUSTER SLOTS): at the beginning, when a link is lost or made, and when a
/// node says that it is not the one to ask.
package final class RedisClusterBus: RedisBroker {
    private let board: ClusterBoard
    private let core: LoopBound<ClusterCore>

    /// A bus that does nothing before `run()`.
    ///
    /// - Parameters:
    ///   - url: The nodes to begin with. Others are found by asking them.
    ///   - configuration: For the bus of each node; its URL is not used.
    ///   - group: All links live on one event loop of it.
    ///   - random: From 0 to 1, for the length of pauses between tries.
    package init(
        url: RedisClusterURL, configuration: RedisBusConfiguration, group: any EventLoopGroup, logger: Logger,
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        let eventLoop = group.next()
        let board = ClusterBoard()
        self.board = board
        self.core = LoopBound(on: eventLoop) {
            ClusterCore(
                url: url, configuration: configuration, on: eventLoop, board: board, logger: logger, random: random)
        }
    }

    // MARK: Messages

    package func subscribe(
        to channel: ChannelName, _ receive: @escaping @Sendable (BusEvent) -> Void
    ) async throws(BusError) -> BusSubscription {
        let receiver = Receiver(receive)
        let core = self.core
        let outcome = await withCheckedContinuation { continuation in
            core.execute { books in
                books.subscribe(to: channel, receiver) { continuation.resume(returning: $0) }
            }
        }
        let id = try outcome.get()
        return BusSubscription {
            receiver.turnOff()
            core.execute { $0.cancel(id) }
        }
    }

    /// Publishes on one node of the cluster: the count is that of the links that listen there.
    package func publish(_ message: [UInt8], to channel: ChannelName) async throws(BusError) -> Int {
        let outcome = await withCheckedContinuation { continuation in
            self.core.execute { books in
                books.publish(message, to: channel) { continuation.resume(returning: $0) }
            }
        }
        return try outcome.get()
    }

    package func perform(_ command: StoreCommand) async throws(BusError) -> StoreReply {
        let outcome = await withCheckedContinuation { continuation in
            self.core.execute { books in
                books.perform(command) { continuation.resume(returning: $0) }
            }
        }
        return try StoreReply(try outcome.get(), to: command)
    }

    package var status: BusStatus { self.board.status }

    package var linkFacts: [(name: String, isUp: Bool, losses: Int)] { self.board.linkFacts }

    package func whenConnected(_ body: @escaping @Sendable () -> Void) -> BusSubscription {
        self.board.whenConnected(body)
    }

    // MARK: Life

    package func run() async throws(BusError) {
        guard self.board.begin() else { throw BusError(.closed, "the bus runs or has run already") }
        let (births, continuation) = AsyncStream.makeStream(of: RedisBus.self)
        let core = self.core
        core.execute { $0.start(continuation, own: core) }
        await withDiscardingTaskGroup { group in
            for await node in births {
                // It fails only if it ran before.
                group.addTask { try? await node.run() }
            }
            self.shutdown()
        }
    }

    package func shutdown() {
        self.board.show(.closed)
        self.core.execute { $0.shutdown() }
    }
}
