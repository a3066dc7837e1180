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
    private let outbox: EventStreamOutbox
    /// What is to be sent with the next flush, or when the stream is opened.
    private var pieces = BodyPieces()
    private var pieceBytes = 0

    init(
        _ token: StreamToken, principal: Principal, peer: String?, trace: TraceContext?, place: StreamPlace,
        server: HTTPOperations,
        on eventLoop: any EventLoop
    ) {
        self.token = token
        self.eventLoop = eventLoop
        self.server = server
        self.principal = principal
        self.place = place
        self.outbox = EventStreamOutbox(server.configuration, metrics: server.metrics)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let live = LiveConnection(principal: principal, transport: .reservation, peer: peer, trace: trace) { end in
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

    /// The client of the stream takes nothing at present, or takes something again.
    func blocked(_ isBlocked: Bool) {
        guard self.session.phase == .open else { return }
        self.outbox.isBlocked = isBlocked
        if !isBlocked {
            self.drain()
        }
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
                self.write(EventStreamMessage.next(token.id, errors: OperationPayload.errors([error])))
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
        self.outbox.clear()
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
    func start(
        _ id: OperationID, _ operation: PreparedOperation, context: any ExecutionContext, trace: TraceContext?
    ) -> OnRequest {
        if let refusal = self.server.limiter.checkOperations(open: self.session.openOperations) {
            return .limited(refusal)
        }
        switch self.session.start(id) {
        case .start(let token):
            self.live?.operations.add()
            let handle = self.server.runner.start(
                operation, context: context,
                output: OperationOutput(
                    to: self, on: self.eventLoop, token: token, principal: self.principal, connection: self.live),
                trace: trace)
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
            self.outbox.forget(id)
            handle?.cancel()
            return true
        case .unknown: return true
        case .gone: return false
        }
    }

    // MARK: What operations produce

    func deliver(_ payload: ByteBuffer, to token: OperationToken) {
        guard self.session.isOpen(token) else { return }
        guard self.outbox.mustWait else {
            self.write(payload, of: token.id)
            return
        }
        if self.outbox.append(event: payload, of: token.id) {
            self.drain()
            return
        }
        // The source is of no use to a client that does not take its events.
        if case .stop(let handle) = self.session.delete(token.id) {
            handle?.cancel()
            self.ended(token, with: EventStreamMessage.next(token.id, errors: EventStreamOutbox.tooSlow))
        }
    }

    func result(_ payload: ByteBuffer, of token: OperationToken) {
        guard self.session.isOpen(token) else { return }
        guard self.outbox.mustWait else {
            self.write(payload, of: token.id)
            return
        }
        guard self.outbox.append(result: payload, of: token.id) else {
            self.server.metrics.cuts.add("Too many bytes unsent")
            self.dissolve(stopping: self.session.end())
            return
        }
        self.drain()
    }

    func complete(_ token: OperationToken) {
        guard self.session.finish(token) else { return }
        self.ended(token, with: [])
    }

    func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure) {
        guard self.session.finish(token) else { return }
        self.ended(token, with: EventStreamMessage.next(token.id, errors: errors))
    }

    /// Sends the last of an operation, behind what waits of it.
    private func ended(_ token: OperationToken, with last: [UInt8]) {
        self.live?.operations.add(-1)
        let message = last + EventStreamMessage.complete(token.id)
        guard self.outbox.holds(token.id) else {
            self.write(message)
            return
        }
        self.outbox.append(end: message, of: token.id)
        self.drain()
    }

    /// Sends what need not wait any longer.
    private func drain() {
        self.outbox.drain { payload, id in
            self.write(payload, of: id)
        } end: { message, _ in
            self.write(message)
        }
        self.send()
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

    private func write(_ payload: ByteBuffer, of id: OperationID) {
        // The payload has the brace that ends the message.
        self.write(EventStreamMessage.nextPrefix(id))
        self.pieces.append(payload)
        self.pieceBytes += payload.readableBytes
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
