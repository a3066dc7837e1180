import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// The body of an answer in the distinct connections mode of GraphQL over SSE: the results of one operation, and its
/// end. Bound to the event loop of the connection.
final class DistinctEventStream: HTTPBodyProducer, OperationReceiver {
    private let writer: EventStreamWriter
    private let eventLoop: any EventLoop
    private let server: HTTPOperations
    private let place: StreamPlace
    private var session = DistinctStream<any OperationHandle>()
    private let outbox: EventStreamOutbox
    private var isReleased = false
    private var live: LiveConnection?

    /// Opens the stream; what runs on it comes with `run` or `refuse`.
    init(_ body: HTTPBodyWriter, place: StreamPlace, server: HTTPOperations) {
        self.server = server
        self.place = place
        self.eventLoop = body.eventLoop
        self.outbox = EventStreamOutbox(server.configuration, metrics: server.metrics)
        self.writer = EventStreamWriter(body, keepAlive: server.configuration.timeouts.keepAlive)
        server.metrics.streams.add()
        server.metrics.streamsTotal.add("distinct")
    }

    /// Runs the operation.
    /// - Parameter trace: Where the request belongs in a trace.
    func run(_ operation: PreparedOperation, admission: ConnectionAdmission, peer: String?, trace: TraceContext?) {
        // The client may have been cut while the stream was opened.
        guard self.session.isOpen else { return }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let eventLoop = self.eventLoop
        let live = LiveConnection(
            principal: admission.principal, transport: .eventStream, peer: peer, trace: trace
        ) { end in
            eventLoop.execute { bound.value.end(end) }
        }
        live.operations.add()
        self.live = live
        self.server.live.add(live)
        let output = OperationOutput(
            to: self, on: self.eventLoop, token: OperationToken(id: .only, generation: 1),
            principal: admission.principal, connection: live)
        let handle = self.server.runner.start(operation, context: admission.context, output: output, trace: trace)
        if !self.session.attach(handle) {
            handle.cancel()
        }
    }

    /// Tells why nothing runs.
    func refuse(_ errors: [GraphQLError]) {
        self.fail(errors: OperationPayload.errors(errors))
    }

    // MARK: The stream

    func disconnected() {
        let handle = self.session.stop()
        self.writer.stop()
        self.release()
        handle?.cancel()
    }

    func goAway() {
        self.end(.goingAway)
    }

    func blocked(_ isBlocked: Bool) {
        self.outbox.isBlocked = isBlocked
        self.drain()
    }

    /// Sends what need not wait any longer.
    private func drain() {
        var hasEnd = false
        self.outbox.drain { payload, _ in
            self.write(payload)
            self.writer.flush()
        } end: { message, _ in
            self.writer.write(message)
            hasEnd = true
        }
        if hasEnd { self.finish() }
    }

    /// The server ends the stream.
    private func end(_ end: ConnectionEnd) {
        // An operation that has ended may still have its end to send.
        guard self.session.isOpen else {
            if self.outbox.holds(.only) { self.finish() }
            return
        }
        let handle = self.session.stop()
        handle?.cancel()
        if let error = end.error {
            self.writer.write(EventStreamMessage.next(errors: OperationPayload.errors([error])))
            self.writer.write(EventStreamMessage.complete)
        }
        self.finish()
    }

    private func finish() {
        self.release()
        self.writer.end()
    }

    private func release() {
        // The last bytes may be those for which a slow client is cut.
        guard !self.isReleased else { return }
        self.isReleased = true
        self.outbox.clear()
        self.place.release()
        self.server.metrics.streams.add(-1)
        if let live = self.live {
            live.operations.add(-1)
            self.server.live.remove(live)
            self.live = nil
        }
    }

    // MARK: What the operation produces

    func deliver(_ payload: ByteBuffer, to token: OperationToken) {
        guard self.session.isOpen else { return }
        guard self.outbox.mustWait else {
            self.write(payload)
            return
        }
        guard !self.outbox.append(event: payload, of: token.id) else {
            self.drain()
            return
        }
        // The source is of no use to a client that does not take its events.
        let handle = self.session.stop()
        handle?.cancel()
        self.sendEnd(EventStreamMessage.next(errors: EventStreamOutbox.tooSlow) + EventStreamMessage.complete)
    }

    func result(_ payload: ByteBuffer, of token: OperationToken) {
        guard self.session.isOpen else { return }
        // Nothing else is on the stream, and a result cannot be dropped.
        self.write(payload)
    }

    func complete(_ token: OperationToken) {
        guard self.session.finish() else { return }
        self.sendEnd(EventStreamMessage.complete)
    }

    func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure) {
        self.fail(errors: errors)
    }

    private func fail(errors: [UInt8]) {
        guard self.session.finish() else { return }
        self.sendEnd(EventStreamMessage.next(errors: errors) + EventStreamMessage.complete)
    }

    /// Sends the last bytes, behind what waits.
    private func sendEnd(_ message: [UInt8]) {
        guard self.outbox.holds(.only) else {
            self.writer.write(message)
            self.finish()
            return
        }
        self.outbox.append(end: message, of: .only)
    }

    private func write(_ payload: ByteBuffer) {
        var result = payload
        // Without the brace that ends a message.
        result.moveWriterIndex(to: result.writerIndex - ServerMessage.nextSuffix.count)
        self.writer.write(EventStreamMessage.nextPrefix)
        self.writer.write(result)
        self.writer.write(EventStreamMessage.end)
    }

    func flushDelivered() {
        self.writer.flush()
    }
}
