import Logging
import NIOCore
import PubSub
import RedisPubSub
import ServiceLifecycle
import SubscriptionProtocols
import SubscriptionServer

/// The bus as a service: it stops when it is told to, which is after the server that uses it.
struct BusService: Service {
    let bus: any MessageBus
    /// The same without the policy for clients: told of every interruption.
    let plain: any MessageBus
    /// State that all processes of the same bus share: on Redis beside the bus, else inside this process.
    let store: any KeyValueStore
    /// What the bus counts.
    let metrics: [ExtraMetric]
    private let serve: @Sendable () async throws -> Void

    private init(
        bus: any MessageBus, plain: any MessageBus, store: any KeyValueStore, metrics: [ExtraMetric] = [],
        serve: @escaping @Sendable () async throws -> Void
    ) {
        self.bus = bus
        self.plain = plain
        self.store = store
        self.metrics = metrics
        self.serve = serve
    }

    /// The bus inside this process.
    static func memory() -> BusService {
        let bus = InMemoryBus()
        return BusService(bus: bus, plain: bus, store: MemoryStore(announcingOn: bus)) {
            // It has nothing to do but to be there.
            let (end, continuation) = AsyncStream.makeStream(of: Never.self)
            await withTaskCancellationOrGracefulShutdownHandler {
                for await _ in end {}
            } onCancelOrGracefulShutdown: {
                continuation.finish()
            }
            bus.shutdown()
        }
    }

    /// Redis, one or a cluster; its links name this process.
    ///
    /// - Throws: `Settings.UsageError`, `RedisTLS.Problem`.
    static func redis(
        _ address: RedisAddress, _ options: RedisOptions, breaking mutant: Misbehaviour? = nil,
        group: any EventLoopGroup,
        processID: Int32, logger: Logger
    ) throws -> BusService {
        let name = "reference-server-\(processID)"
        let tls = try options.tls(for: address)
        let bus = address.broker(clientName: name, group: group, logger: logger) { configuration in
            configuration.tls = tls
            configuration.connectTimeout = Duration(options.redisConnectTimeout)
            configuration.commandTimeout = Duration(options.redisCommandTimeout)
            configuration.pingInterval = Duration(options.redisPingInterval)
            configuration.backoff.longest = Duration(options.redisLongestPause)
            configuration.deviation = Program.deviation(mutant)
        }
        let away = AwayBus(bus, policy: Program.policy(options, mutant))
        return BusService(bus: away, plain: bus, store: bus, metrics: self.metrics(of: bus)) {
            try await withGracefulShutdownHandler {
                try await bus.run()
            } onGracefulShutdown: {
                bus.shutdown()
            }
        }
    }

    private static func metrics(of bus: any RedisBroker) -> [ExtraMetric] {
        [
            ExtraMetric("redis_link_up", .gauge, "Whether a link to Redis is up.", by: "link") {
                bus.linkFacts.map { (label: $0.name, count: $0.isUp ? 1 : 0) }
            },
            ExtraMetric("redis_links_lost_total", .counter, "Links to Redis lost while in use.", by: "link") {
                bus.linkFacts.map { (label: $0.name, count: $0.losses) }
            },
        ]
    }

    func run() async throws {
        try await self.serve()
    }

    /// What keeps the bus from being used now; nil when nothing does.
    static func problem(of status: BusStatus) -> String? {
        switch status {
        case .connected: nil
        case .reconnecting(let attempt): "reconnecting, attempt \(attempt)"
        case .closed: "closed"
        }
    }
}
