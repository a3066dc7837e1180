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
    private var live: LiveConnection?

    /// Opens the stream; what runs on it comes with `run` or `refuse`.
    init(_ body: HTTPBodyWriter, place: StreamPlace, server: HTTPOperations) {
        self.server = server
        self.place = place
        self.eventLoop = body.eventLoop
        self.writer = EventStreamWriter(body, keepAlive: server.configuration.timeouts.keepAlive)
        server.metrics.streams.add()
        server.metrics.streamsTotal.add("distinct")
    }

    /// Runs the operation.
    func run(_ operation: PreparedOperation, admission: ConnectionAdmission, peer: String?) {
        // The client may have been cut while the stream was opened.
        guard self.session.isOpen else { return }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let eventLoop = self.eventLoop
        let live = LiveConnection(principal: admission.principal, transport: .eventStream, peer: peer) { end in
            eventLoop.execute { bound.value.end(end) }
        }
        live.operations.add()
        self.live = live
        self.server.live.add(live)
        let output = OperationOutput(
            to: self, on: self.eventLoop, token: OperationToken(id: .only, generation: 1),
            principal: admission.principal)
        let handle = self.server.runner.start(operation, context: admission.context, output: output)
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

    /// The server ends the stream.
    private func end(_ end: ConnectionEnd) {
        guard self.session.isOpen else { return }
        let handle = self.session.stop()
        handle?.cancel()
        if let error = end.error {
            self.writeNext(EventStreamMessage.result(errors: OperationPayload.errors([error])))
            self.writer.write(EventStreamMessage.complete)
        }
        self.finish()
    }

    private func finish() {
        self.release()
        self.writer.end()
    }

    private func release() {
        self.place.release()
        self.server.metrics.streams.add(-1)
        if let live = self.live {
            live.operations.add(-1)
            self.server.live.remove(live)
            self.live = nil
        }
    }

    private func writeNext(_ result: [UInt8]) {
        self.writer.write(EventStreamMessage.nextPrefix)
        self.writer.write(result)
        self.writer.write(EventStreamMessage.end)
    }

    // MARK: What the operation produces

    func deliver(_ payload: ByteBuffer, to token: OperationToken) {
        guard self.session.isOpen else { return }
        var result = payload
        // Without the brace that ends a message.
        result.moveWriterIndex(to: result.writerIndex - ServerMessage.nextSuffix.count)
        self.writer.write(EventStreamMessage.nextPrefix)
        self.writer.write(result)
        self.writer.write(EventStreamMessage.end)
    }

    func complete(_ token: OperationToken) {
        guard self.session.finish() else { return }
        self.writer.write(EventStreamMessage.complete)
        self.finish()
    }

    func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure) {
        self.fail(errors: errors)
    }

    private func fail(errors: [UInt8]) {
        guard self.session.finish() else { return }
        self.writeNext(EventStreamMessage.result(errors: errors))
        self.writer.write(EventStreamMessage.complete)
        self.finish()
    }

    func flushDelivered() {
        self.writer.flush()
    }
}
