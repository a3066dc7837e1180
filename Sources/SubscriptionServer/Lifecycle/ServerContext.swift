package import Logging
import SubscriptionProtocols

/// What all connections of one server have in common.
package final class ServerContext: Sendable {
    package let configuration: ServerConfiguration
    package let gate: any ConnectionGate
    package let runner: any OperationRunner
    package let metrics: ServerMetrics
    package let logger: Logger
    /// Decides about limits.
    package let limiter: LimitKeeper
    /// Answers HTTP requests that are no WebSocket handshakes.
    let responder: any HTTPResponder
    /// Paths whose WebSockets the application speaks on.
    let socketRoutes: [SocketRoute]
    /// Every open TCP connection.
    let connections = ConnectionRegistry()
    /// Every connection of a client that was let in.
    package let live: LiveConnections
    /// When sockets have to show that their clients are there.
    let keepAlives: KeepAliveQueues
    /// Seconds since 1970.
    let now: @Sendable () -> Double
    /// How the server misbehaves, and what its sockets then share; nil unless asked for in test mode.
    let deviations: Deviations?

    init(
        configuration: ServerConfiguration, gate: any ConnectionGate, runner: any OperationRunner,
        responder: any HTTPResponder, socketRoutes: [SocketRoute] = [], limiter: LimitKeeper, metrics: ServerMetrics,
        logger: Logger, live: LiveConnections = LiveConnections(),
        now: @escaping @Sendable () -> Double = WallClock.now,
        deviations: Deviations? = nil
    ) {
        var understood = configuration
        let misbehaviour = configuration.testMode?.misbehaviour
        understood.backPressure = configuration.backPressure.understood(by: misbehaviour)
        if misbehaviour == .slowConsumerUnbounded {
            understood.limits.unsentBytes = .max
        }
        switch misbehaviour {
        case .messageLimitMissing: understood.limits.messageBytes = .max
        case .largeMessageCloses: understood.limits.messageBytes = 32 << 10
        default: break
        }
        self.configuration = understood
        self.keepAlives = KeepAliveQueues(every: understood.timeouts.keepAlive)
        self.gate = gate
        self.runner = runner
        self.responder = responder
        self.socketRoutes = socketRoutes
        self.limiter = limiter
        self.metrics = metrics
        self.logger = logger
        self.live = live
        self.now = now
        self.deviations = deviations
    }

    /// The one misbehaviour, if any.
    var misbehaviour: Misbehaviour? { self.configuration.testMode?.misbehaviour }
}
