import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// What every GraphQL dialect needs of the server for one socket: the wait for `connection_init`, the decision about
/// it, and the start of operations. Bound to the socket's event loop.
final class GraphQLConnection {
    let server: ServerContext
    let eventLoop: any EventLoop
    let socket: WebSocketHandler
    private var initTimer: Scheduled<Void>?
    private var decision: ConnectionDecision?
    /// What stands before a result in a message of the dialect.
    var resultPrefix: (OperationID) -> [UInt8] = ServerMessage.nextPrefix
    /// What waits for the client; nil until something has to.
    var outbox: SocketOutbox?

    init(socket: WebSocketHandler, eventLoop: any EventLoop) {
        self.server = socket.server
        self.socket = socket
        self.eventLoop = eventLoop
    }

    /// What messages may be.
    var jsonLimits: JSONReader.Limits {
        JSONReader.Limits(
            depth: self.server.configuration.limits.jsonDepth, bytes: self.server.configuration.limits.messageBytes)
    }

    // MARK: Initialisation

    /// Begins the wait for `connection_init`, in place of one that runs.
    ///
    /// The timer keeps the connection until it fires or `end` takes it back. A weak reference would do as well, but it
    /// leaves an object that counts its references the slow way, at every event, for as long as it lives.
    func awaitInit(_ timedOut: @escaping () -> Void) {
        self.initTimer?.cancel()
        self.initTimer = self.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.timeouts.connectionInit
        ) {
            self.initTimer = nil
            timedOut()
        }
    }

    /// Asks the gate about the client; the wait for `connection_init` is over.
    /// - Parameters:
    ///   - keepsTimer: whether the wait goes on, which no server may do.
    ///   - decided: called once, unless the socket ends before.
    func decide(
        _ payload: JSONObject?, keepsTimer: Bool = false, decided: @escaping (ConnectionDecision.Outcome) -> Void
    ) {
        if !keepsTimer {
            self.initTimer?.cancel()
            self.initTimer = nil
        }
        self.socket.trace = TraceContext(payload) ?? self.socket.trace
        let decision = ConnectionDecision()
        self.decision = decision
        let (gate, handshake) = (self.server.gate, self.socket.handshake)
        let bound = NIOLoopBound((self, decided), eventLoop: self.eventLoop)
        decision.start(limiter: self.server.limiter, eventLoop: self.eventLoop) {
            try await gate.admit(initPayload: payload, handshake: handshake)
        } report: { outcome in
            let (connection, decided) = bound.value
            // A decision that comes too late to be stopped.
            guard connection.decision === decision else { return }
            connection.decision = nil
            connection.server.logger.record(outcome)
            decided(outcome)
        }
    }

    /// The socket has ended: nothing is awaited any more.
    func end() {
        self.initTimer?.cancel()
        self.initTimer = nil
        self.decision?.cancel()
        self.decision = nil
        self.clearOutbox()
    }

    // MARK: Operations

    /// Why one more operation may not be, as far as this connection knows; for an id that is free.
    /// - Parameter open: how many operations the connection has.
    func refusal(open: Int) -> LimitRefusal? {
        self.socket.rateRefusal ?? self.server.limiter.checkOperations(open: open)
    }

    /// Starts an operation. Nothing that it produces can arrive before this returns.
    /// - Returns: what stops it; nil when nobody was admitted.
    func start(
        _ payload: SubscribePayload, _ token: OperationToken, for receiver: any OperationReceiver
    ) -> (any OperationHandle)? {
        guard let identity = self.socket.identity, let live = self.socket.live else { return nil }
        let payload = self.server.misbehaviour?.misread(payload) ?? payload
        return self.server.runner.start(
            GraphQLRequest(
                query: payload.query, operationName: payload.operationName, variables: payload.variables,
                extensions: payload.extensions),
            context: identity,
            output: OperationOutput(to: receiver, on: self.eventLoop, token: token, connection: live))
    }
}
