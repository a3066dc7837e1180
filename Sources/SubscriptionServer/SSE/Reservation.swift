import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// One reservation of the single connection mode of GraphQL over SSE, with the operations that run on it. Bound to an
/// event loop of its own, for its stream and the requests that start operations come over different connections.
final class Reservation: OperationReceiver {
    private let token: StreamToken
    private let eventLoop: any EventLoop
    private let principal: Principal
    private let place: StreamPlace
    private let server: HTTPOperations
    private var session = ReservedStream<any OperationHandle>()
    private var live: LiveConnection?
    private var openingTimer: Scheduled<Void>?
    /// Where the stream is written, once it is open.
    private var stream: ReservedEventStream.Handle?
    /// What is to be sent with the next flush, or when the stream is opened.
    private var pieces = BodyPieces()
    private var pieceBytes = 0

    init(
        _ token: StreamToken, principal: Principal, peer: String?, place: StreamPlace, server: HTTPOperations,
        on eventLoop: any EventLoop
    ) {
        self.token = token
        self.eventLoop = eventLoop
        self.server = server
        self.principal = principal
        self.place = place
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let live = LiveConnection(principal: principal, transport: .reservation, peer: peer) { end in
            eventLoop.execute { bound.value.end(end) }
        }
        self.live = live
        server.live.add(live)
        self.openingTimer = eventLoop.assumeIsolated().scheduleTask(
            in: server.configuration.eventStreams.reservationTimeout
        ) { [weak self] in
            guard let self, let handles = self.session.openingTimedOut() else { return }
            self.dissolve(stopping: handles)
        }
    }

    // MARK: The stream

    /// Claims the stream for a client that opens it; `connect` or `ended` follows.
    func open() -> ReservedStream<any OperationHandle>.OnOpen {
        let outcome = self.session.open()
        if outcome == .accept {
            self.openingTimer?.cancel()
            self.openingTimer = nil
        }
        return outcome
    }

    /// The stream is there: sends what was waiting for it.
    func connect(_ stream: ReservedEventStream.Handle) {
        guard self.session.phase == .open else {
            stream.end()
            return
        }
        self.stream = stream
        self.flushDelivered()
    }

    /// The client has left its stream.
    func ended() {
        guard self.session.phase != .ended else { return }
        self.dissolve(stopping: self.session.end())
    }

    /// The server ends the stream.
    func end(_ end: ConnectionEnd) {
        guard self.session.phase != .ended else { return }
        let tokens = self.session.tokens
        for handle in self.session.end() {
            handle.cancel()
        }
        if let error = end.error {
            for token in tokens {
                self.write(token.id, result: EventStreamMessage.result(errors: OperationPayload.errors([error])))
                self.write(EventStreamMessage.complete(token.id))
            }
        }
        self.send()
        self.dissolve(stopping: [])
    }

    private func dissolve(stopping handles: [any OperationHandle]) {
        self.server.reservations.remove(self.token)
        self.place.release()
        self.openingTimer?.cancel()
        self.openingTimer = nil
        if let live = self.live {
            live.operations.add(-live.openOperations)
            self.server.live.remove(live)
            self.live = nil
        }
        for handle in handles {
            handle.cancel()
        }
        self.pieces = BodyPieces()
        self.stream?.end()
        self.stream = nil
    }

    // MARK: Operations

    /// What becomes of a request for an operation.
    enum OnRequest {
        case accepted
        case idInUse
        case limited(LimitRefusal)
        case gone
    }

    /// Starts an operation.
    func start(_ id: OperationID, _ operation: PreparedOperation, context: any ExecutionContext) -> OnRequest {
        if let refusal = self.server.limiter.checkOperations(open: self.session.openOperations) {
            return .limited(refusal)
        }
        switch self.session.start(id) {
        case .start(let token):
            self.live?.operations.add()
            let handle = self.server.runner.start(
                operation, context: context,
                output: OperationOutput(to: self, on: self.eventLoop, token: token, principal: self.principal))
            if !self.session.attach(handle, to: token) {
                handle.cancel()
            }
            return .accepted
        case .idInUse: return .idInUse
        case .gone: return .gone
        }
    }

    /// Stops an operation. False when the reservation has ended.
    func delete(_ id: OperationID) -> Bool {
        switch self.session.delete(id) {
        case .stop(let handle):
            self.live?.operations.add(-1)
            handle?.cancel()
            return true
        case .unknown: return true
        case .gone: return false
        }
    }

    // MARK: What operations produce

    func deliver(_ payload: ByteBuffer, to token: OperationToken) {
        guard self.session.isOpen(token) else { return }
        // The payload has the brace that ends the message.
        self.write(EventStreamMessage.nextPrefix(token.id))
        self.pieces.append(payload)
        self.pieceBytes += payload.readableBytes
        self.write(EventStreamMessage.end)
    }

    func complete(_ token: OperationToken) {
        guard self.session.finish(token) else { return }
        self.live?.operations.add(-1)
        self.write(EventStreamMessage.complete(token.id))
    }

    func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure) {
        guard self.session.finish(token) else { return }
        self.live?.operations.add(-1)
        self.write(token.id, result: EventStreamMessage.result(errors: errors))
        self.write(EventStreamMessage.complete(token.id))
    }

    func flushDelivered() {
        guard self.session.phase != .ended else { return }
        guard self.stream == nil else {
            self.send()
            return
        }
        // A stream that nobody opens must not fill the memory.
        if self.pieceBytes > self.server.configuration.limits.unsentBytes {
            self.server.metrics.cuts.add("Too many bytes unsent")
            self.dissolve(stopping: self.session.end())
        }
    }

    private func write(_ id: OperationID, result: [UInt8]) {
        self.write(EventStreamMessage.nextPrefix(id))
        self.write(result)
        self.write(ServerMessage.nextSuffix)
        self.write(EventStreamMessage.end)
    }

    private func write(_ bytes: [UInt8]) {
        self.pieces.append(bytes)
        self.pieceBytes += bytes.count
    }

    private func send() {
        guard let stream = self.stream else { return }
        let pieces = self.pieces.take()
        self.pieceBytes = 0
        if !pieces.isEmpty {
            stream.write(pieces)
        }
    }
}
