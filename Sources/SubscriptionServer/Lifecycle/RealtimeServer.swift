package import GraphQLCore
import HummingbirdCore
package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle
import SubscriptionProtocols
import Synchronization

/// The server: listens, serves WebSockets and HTTP, and goes down in order.
///
/// A `Service`: `run` returns after a graceful shutdown, when every connection has ended or was cut. A soft stop first
/// makes `/health/ready` fail, then stops accepting, closes every socket with 1001 `Going away`, and after the deadline
/// of the configuration cuts what is left. Cancelling the task of `run` cuts at once.
package final class RealtimeServer: Service {
    /// The address cannot be listened on.
    package struct CannotListen: Error, CustomStringConvertible {
        package let host: String
        package let port: Int
        package let reason: String
        package var description: String { "cannot listen on \(self.host):\(self.port): \(self.reason)" }
    }

    /// What the server counts.
    package let metrics: ServerMetrics
    /// What the server limits.
    package var limiter: LimitKeeper { self.context.limiter }
    /// Every connection of a client that was let in.
    package var live: LiveConnections { self.context.live }
    private let configuration: ServerConfiguration
    private let probes: [ReadinessProbe]
    private let extraMetrics: [ExtraMetric]
    private let context: ServerContext
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    private let listening: EventLoopPromise<Int>
    private let isAccepting: AcceptingFlag

    /// - Parameters:
    ///   - configuration: validated here.
    ///   - engine: what operations run on. Give its `onInternalError` to the log.
    ///   - gate: decides who may connect.
    ///   - routes: what is answered beside the server's own paths, which come first.
    ///   - probes: what `/health/ready` asks, beside whether the server is going down.
    ///   - socketRoutes: paths whose WebSockets the application speaks on.
    ///   - limitStore: counts what belongs to tenants and users together with other processes; nil to count here.
    ///   - revocations: ends connections as it learns of revocations; the gate asks it for newcomers.
    ///   - now: seconds since 1970, for the end of tokens.
    ///   - extraMetrics: what is shown beside the server's own metrics.
    /// - Throws: `ServerConfiguration.Invalid`.
    package convenience init(
        configuration: ServerConfiguration, engine: GraphQLEngine, gate: any ConnectionGate,
        routes: [HTTPRoute] = [], probes: [ReadinessProbe] = [], socketRoutes: [SocketRoute] = [],
        limitStore: (any LimitStore)? = nil, revocations: RevocationBook? = nil,
        now: @escaping @Sendable () -> Double = WallClock.now, metrics: ServerMetrics = ServerMetrics(),
        extraMetrics: [ExtraMetric] = [], logger: Logger,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(ServerConfiguration.Invalid) {
        let misbehaviour = configuration.testMode?.misbehaviour
        let limiter = LimitKeeper(
            configuration.limitPolicy, store: limitStore, metrics: metrics, logger: logger, misbehaviour: misbehaviour)
        let runner = EngineRunner(
            engine: engine, limiter: limiter,
            sources: SourceDirectory(
                queueLimit: configuration.limits.queuedEvents, metrics: metrics, logger: logger,
                misbehaviour: misbehaviour),
            metrics: metrics, logger: logger)
        try self.init(
            configuration: configuration, engine: engine, runner: runner, gate: gate, routes: routes, probes: probes,
            socketRoutes: socketRoutes, limiter: limiter, revocations: revocations, now: now, metrics: metrics,
            extraMetrics: extraMetrics, logger: logger, eventLoopGroup: eventLoopGroup)
    }

    init(
        configuration: ServerConfiguration, engine: GraphQLEngine, runner: any OperationRunner,
        gate: any ConnectionGate, routes: [HTTPRoute], probes: [ReadinessProbe], socketRoutes: [SocketRoute],
        limiter: LimitKeeper, revocations: RevocationBook?, now: @escaping @Sendable () -> Double,
        metrics: ServerMetrics, extraMetrics: [ExtraMetric] = [], logger: Logger, eventLoopGroup: any EventLoopGroup
    ) throws(ServerConfiguration.Invalid) {
        try configuration.validate()
        // A counter that is not there before its first event cannot be told from one that nobody counts.
        metrics.eventsDropped.add(configuration.backPressure.overflow.rawValue, 0)
        let isAccepting = AcceptingFlag()
        let live = AccessGuard.live(
            configuration, revocations: revocations, now: now, logger: logger, eventLoopGroup: eventLoopGroup)
        let operations = HTTPOperations(
            configuration: configuration, engine: engine, runner: runner, gate: gate, limiter: limiter,
            metrics: metrics, logger: logger, live: live)
        self.configuration = configuration
        self.probes = probes
        self.extraMetrics = extraMetrics
        self.metrics = metrics
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
        self.listening = eventLoopGroup.any().makePromise()
        self.isAccepting = isAccepting
        let responder = ServerResponder(
            operations: operations, routes: RouteTable(routes), probes: probes, extraMetrics: extraMetrics,
            isAccepting: { isAccepting.value })
        let deviating = configuration.testMode?.misbehaviour.map { misbehaviour in
            DeviatingResponder(misbehaviour, before: responder, operations: operations)
        }
        self.context = ServerContext(
            configuration: configuration, gate: gate, runner: runner, responder: deviating ?? responder,
            socketRoutes: socketRoutes, limiter: limiter, metrics: metrics, logger: logger, live: live, now: now,
            deviations: configuration.testMode?.misbehaviour.flatMap { $0.isBelowDialects ? nil : Deviations($0) })
    }

    deinit {
        // Nothing happens when it was kept.
        self.listening.fail(CancellationError())
    }

    /// All metrics, as `/metrics` shows them.
    func prometheusText() -> String {
        let probes = self.probes.map { (label: $0.name, count: $0.problem() == nil ? 1 : 0) }
        return self.metrics.prometheusText(probes: probes, live: self.live, extra: self.extraMetrics)
    }

    /// The port, once the server listens.
    /// - Throws: `CannotListen`, or `CancellationError` when the server was never run.
    package func listeningPort() async throws -> Int {
        try await self.listening.futureResult.get()
    }

    /// Serves until a graceful shutdown or the task's cancellation. To be called once.
    /// - Throws: `CannotListen`.
    package func run() async throws {
        if let misbehaviour = self.context.misbehaviour {
            self.logger.record(.misbehaving(name: misbehaviour.name))
        }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await self.serve()
            await self.drain()
        } onCancelOrGracefulShutdown: {
            self.isAccepting.value = false
        }
    }

    private func serve() async throws {
        var quiet = self.logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        let server = Server(
            childChannelSetup: RealtimeChannel(server: self.context),
            configuration: .init(
                address: .hostname(self.configuration.host, port: self.configuration.port),
                backlog: self.configuration.backlog),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? self.configuration.port
                self.logger.record(.listening(host: self.configuration.host, port: port))
                self.listening.succeed(port)
            },
            eventLoopGroup: self.eventLoopGroup, logger: quiet)
        do {
            try await server.run()
        } catch {
            let failure = CannotListen(
                host: self.configuration.host, port: self.configuration.port, reason: "\(error)")
            self.listening.fail(failure)
            throw failure
        }
    }

    /// Nothing is accepted any more: waits for the connections, up to the deadline.
    private func drain() async {
        let connections = self.context.connections
        self.logger.record(.shutdownBegan(connections: connections.count))
        let eventLoop = self.eventLoopGroup.any()
        let cut = Counter()
        let deadline = Task.isCancelled ? .zero : self.configuration.timeouts.shutdown
        let timer = eventLoop.scheduleTask(in: deadline) { cut.add(connections.cut()) }
        // Hummingbird's server has told those that it knew; this is for those set up at the same moment.
        connections.quiesce()
        self.live.end(.goingAway)
        try? await connections.drained(on: eventLoop).get()
        timer.cancel()
        self.logger.record(.shutdownEnded(cut: cut.value))
    }
}

/// Whether the server is still taking connections.
final class AcceptingFlag: Sendable {
    private let flag = Mutex(true)

    var value: Bool {
        get { self.flag.withLock { $0 } }
        set { self.flag.withLock { $0 = newValue } }
    }
}
