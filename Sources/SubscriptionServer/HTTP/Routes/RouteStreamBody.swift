import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols
import Synchronization

/// The body of an answer that is a stream of the application's events. Bound to the event loop of the connection; owns
/// the task that opens the source.
final class RouteStreamBody: HTTPBodyProducer {
    /// The source of the events: being opened, open, or not wanted any more.
    private final class Source: Sendable {
        private enum State {
            case opening(Task<Void, Never>?)
            case open(SourceCancellation)
            case released
        }

        private let state = Mutex(State.opening(nil))

        func opening(by task: Task<Void, Never>) {
            self.state.withLock { state in
                if case .opening = state { state = .opening(task) }
            }
        }

        func open(_ stream: RouteEventStream, _ sink: EventStreamSink, logger: Logger) async {
            do {
                let cancellation = try await stream.start(sink)
                if !self.opened(cancellation) {
                    cancellation.cancel()
                }
            } catch {
                let routeError = error as? RouteError
                if routeError == nil, !(error is CancellationError) {
                    logger.record(.requestFailed(error: "\(error)"))
                }
                sink.send(RouteStreamBody.event(for: routeError?.error ?? .internalError))
                sink.finish()
            }
        }

        /// The source is open. False when it is not wanted any more: then release it now.
        private func opened(_ cancellation: SourceCancellation) -> Bool {
            self.state.withLock { state in
                guard case .opening = state else { return false }
                state = .open(cancellation)
                return true
            }
        }

        func release() {
            let state = self.state.withLock { state in
                defer { state = .released }
                return state
            }
            switch state {
            case .opening(let task): task?.cancel()
            case .open(let cancellation): cancellation.cancel()
            case .released: break
            }
        }
    }

    private let writer: EventStreamWriter
    private let operations: HTTPOperations
    private let place: StreamPlace
    private let source = Source()
    private var inbox: EventStreamInbox?
    private var live: LiveConnection?
    private var isOpen = true

    init(
        _ body: HTTPBodyWriter, _ stream: RouteEventStream, pattern: String, call: HTTPCall, place: StreamPlace,
        principal: Principal?, operations: HTTPOperations
    ) {
        self.operations = operations
        self.place = place
        self.writer = EventStreamWriter(body, keepAlive: operations.configuration.timeouts.keepAlive)
        operations.metrics.streams.add()
        operations.metrics.streamsTotal.add("route")
        let eventLoop = body.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let live = LiveConnection(
            principal: principal ?? .anybody, transport: .route(pattern), peer: call.peer,
            trace: TraceContext(call)
        ) { end in
            eventLoop.execute { bound.value.end(end) }
        }
        self.live = live
        operations.live.add(live)
        let inbox = EventStreamInbox(on: eventLoop, byteLimit: operations.configuration.limits.unsentBytes) { items in
            bound.value.receive(items)
        } overflow: {
            bound.value.overflowed()
        }
        self.inbox = inbox
        self.open(stream, EventStreamSink(inbox))
    }

    private func open(_ stream: RouteEventStream, _ sink: EventStreamSink) {
        let source = self.source
        let logger = self.operations.logger
        let task = Task { await source.open(stream, sink, logger: logger) }
        source.opening(by: task)
    }

    /// What clients are told in the stream.
    private static func event(for error: GraphQLError) -> ServerSentEvent {
        ServerSentEvent(event: "error", data: JSONValue.object(["errors": [error.json()]]).text)
    }

    // MARK: The stream

    private func receive(_ items: [EventStreamInbox.Item]) {
        guard self.isOpen else { return }
        for item in items {
            switch item {
            case .bytes(let bytes): self.writer.write(bytes)
            case .end: self.finish()
            }
        }
        if self.isOpen {
            self.writer.flush()
        }
    }

    private func overflowed() {
        self.operations.metrics.cuts.add("Too many bytes unsent")
        self.end(
            ConnectionEnd(
                close: .goingAway,
                error: GraphQLError(
                    message: "The stream fell behind its events.", extensions: ["code": "LIMIT_EXCEEDED"])))
    }

    /// The server ends the stream.
    private func end(_ end: ConnectionEnd) {
        guard self.isOpen else { return }
        if let error = end.error {
            self.writer.write(Self.event(for: error).encoded)
        }
        self.finish()
    }

    private func finish() {
        guard self.isOpen else { return }
        self.release()
        self.writer.end()
    }

    func disconnected() {
        guard self.isOpen else { return }
        self.writer.stop()
        self.release()
    }

    func goAway() {
        self.end(.goingAway)
    }

    private func release() {
        self.isOpen = false
        self.place.release()
        self.operations.metrics.streams.add(-1)
        self.inbox?.close()
        self.inbox = nil
        if let live = self.live {
            self.operations.live.remove(live)
            self.live = nil
        }
        self.source.release()
    }
}

extension GraphQLError {
    /// What clients are told of mistakes that are not theirs.
    static let internalError = GraphQLError(message: "Internal server error", extensions: ["code": "INTERNAL"])
}
