import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols
import Synchronization

/// Runs the operations of sockets with the GraphQL engine.
final class EngineRunner: OperationRunner {
    let engine: GraphQLEngine
    let limiter: LimitKeeper
    let sources: SourceDirectory
    let metrics: ServerMetrics
    let logger: Logger

    init(
        engine: GraphQLEngine, limiter: LimitKeeper, sources: SourceDirectory, metrics: ServerMetrics, logger: Logger
    ) {
        self.engine = engine
        self.limiter = limiter
        self.sources = sources
        self.metrics = metrics
        self.logger = logger
    }

    func start(
        _ request: GraphQLRequest, context: any ExecutionContext, output: OperationOutput
    ) -> any OperationHandle {
        let operation = EngineOperation(runner: self, output: output, trace: TraceContext(request.extensions))
        operation.start(request, context: context)
        return operation
    }

    func start(
        _ prepared: PreparedOperation, context: any ExecutionContext, output: OperationOutput, trace: TraceContext?
    ) -> any OperationHandle {
        let operation = EngineOperation(runner: self, output: output, trace: trace)
        operation.start(prepared, context: context)
        return operation
    }
}

/// One operation of one socket. Owns the task that prepares it, and runs it when it is a query or mutation; a
/// subscription is from then on a member of a source and has no task.
final class EngineOperation: OperationHandle {
    private struct State {
        var isCancelled = false
        /// Present while the operation is prepared or executed.
        var task: Task<Void, Never>?
        /// Present once the operation is a live subscription.
        var source: SharedSource?
    }

    private let runner: EngineRunner
    private let output: OperationOutput
    private let state = Mutex(State())
    /// Where the request belongs in a trace.
    private let trace: TraceContext?

    init(runner: EngineRunner, output: OperationOutput, trace: TraceContext? = nil) {
        self.trace = trace
        self.runner = runner
        self.output = output
        // Event streams count their operations themselves.
        var socket = output.connection
        if case .webSocket? = socket?.transport {} else { socket = nil }
        output.place.open(runner.metrics.openOperations, on: socket)
    }

    func start(_ request: GraphQLRequest, context: any ExecutionContext) {
        self.start { await self.run(request, context: context) }
    }

    func start(_ operation: PreparedOperation, context: any ExecutionContext) {
        self.start {
            if await self.takePlace() {
                await self.run(operation, context: context)
            }
        }
    }

    private func start(_ run: @escaping @Sendable () async -> Void) {
        self.state.withLock { state in
            state.task = Task {
                await run()
                self.state.withLock { $0.task = nil }
            }
        }
    }

    func cancel() {
        let (task, source) = self.state.withLock { state in
            defer {
                state.isCancelled = true
                state.task = nil
                state.source = nil
            }
            return (state.task, state.source)
        }
        if self.runner.sources.misbehaviour != .sourceKeptWhilePreparing {
            task?.cancel()
        }
        if let source, !self.runner.sources.forgetsToLeave() {
            source.leave(self.output)
        }
        self.keepPlace(if: .operationPlaceKeptOnComplete)
        self.output.place.release()
    }

    /// Whether a subscription has no source stream yet.
    var isPreparing: Bool { self.state.withLock { $0.source }?.isLive != true }

    private func run(_ request: GraphQLRequest, context: any ExecutionContext) async {
        guard await self.takePlace() else { return }
        switch self.runner.engine.prepare(request) {
        case .failure(let error):
            self.runner.metrics.operations.add("invalid")
            self.keepPlace(if: .operationPlaceKeptOnError)
            self.output.fail(error.errors, because: .request(error.step))
        case .success(let operation):
            await self.run(operation, context: context)
        }
    }

    /// False when a limit is reached; then the client was told.
    private func takePlace() async -> Bool {
        switch await self.runner.limiter.begin(self.output.principal) {
        case .success(let lease):
            self.output.place.hold(lease)
            return true
        case .failure(let refusal):
            self.output.fail([refusal.error], because: .limit(refusal.kind))
            return false
        }
    }

    private func run(_ operation: PreparedOperation, context: any ExecutionContext) async {
        self.runner.metrics.operations.add(operation.kind.rawValue)
        if operation.kind == .subscription {
            await self.subscribe(operation, context: context)
        } else {
            await self.execute(operation, context: context)
        }
    }

    private func execute(_ operation: PreparedOperation, context: any ExecutionContext) async {
        guard !Task.isCancelled else { return }
        let result = await self.runner.engine.execute(operation, context: self.traced(context))
        guard !result.wasCancelled else { return }
        if self.runner.logger.logLevel <= .debug {
            let facts = ExecutionFacts(
                operation, result, carrier: .connection(self.output.connection), trace: self.trace)
            self.runner.logger.record(.operationExecuted(facts))
        }
        self.output.finish(with: result)
    }

    /// The context with the trace of the request, or else of the connection that it came over.
    private func traced(_ context: any ExecutionContext) -> any ExecutionContext {
        guard let trace = self.trace ?? self.output.connection?.trace else { return context }
        return context.traced(by: trace)
    }

    private func subscribe(_ operation: PreparedOperation, context: any ExecutionContext) async {
        guard !Task.isCancelled else { return }
        // Only this: the events of the stream are no work of this request, and others may share them.
        switch await self.runner.engine.createSourceStream(operation, context: self.traced(context)) {
        case .failure(let error):
            self.keepPlace(if: .operationPlaceKeptOnError)
            self.output.fail(error.errors, because: .request(.source))
        case .success(let stream):
            self.output.eventLoop.execute {
                self.join(operation, stream, context: context)
            }
        }
    }

    /// On the socket's event loop, where `cancel` is called as well: nothing comes between the check and the joining.
    private func join(_ operation: PreparedOperation, _ stream: SourceEventStream, context: any ExecutionContext) {
        let isCancelled = self.state.withLock { $0.isCancelled }
        guard !isCancelled || self.runner.sources.misbehaviour == .sourceKeptWhilePreparing else { return }
        let source = self.runner.sources.join(
            self.output, engine: self.runner.engine, operation: operation, context: context, stream: stream)
        self.state.withLock { $0.source = source }
        guard self.runner.logger.logLevel <= .debug else { return }
        let facts = OperationFacts(
            id: self.output.token.id, name: operation.operationName, trace: self.trace,
            connection: self.output.connection)
        let logger = self.runner.logger
        logger.record(.subscriptionStarted(facts))
        self.output.place.atEnd { logger.record(.subscriptionStopped(facts)) }
    }

    /// Moves the operation's place to where a misbehaving server forgets it.
    private func keepPlace(if misbehaviour: Misbehaviour) {
        guard let deviation = self.runner.limiter.deviation, deviation.misbehaviour == misbehaviour else { return }
        deviation.keep([self.output.place.take()])
    }
}
