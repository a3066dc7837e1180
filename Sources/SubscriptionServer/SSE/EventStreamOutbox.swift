import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// What the operations of one event stream send, at once or when the client takes it: see `BackPressurePolicy`. Bound to
/// an event loop.
final class EventStreamOutbox {
    /// What an operation ends with whose client does not take its events.
    static let tooSlow = OperationPayload.errors([
        GraphQLError(message: "The client does not take its events", extensions: ["code": "SLOW_CONSUMER"])
    ])

    private let policy: BackPressurePolicy
    private let byteLimit: Int
    private let metrics: ServerMetrics
    private var queue: DeliveryQueue
    /// What the metrics know of the queue.
    private var reported = (events: 0, bytes: 0)
    /// Whether the client takes nothing at present; `drain` follows its end.
    var isBlocked = false

    init(_ configuration: ServerConfiguration, metrics: ServerMetrics) {
        self.policy = configuration.backPressure
        self.byteLimit = configuration.limits.unsentBytes
        self.metrics = metrics
        self.queue = DeliveryQueue(self.policy, byteLimit: self.byteLimit)
    }

    /// Whether something has to wait, so that what comes now has to wait behind it.
    var mustWait: Bool { self.isBlocked || !self.queue.isIdle }

    /// Whether something of the operation waits.
    func holds(_ id: OperationID) -> Bool { self.queue.holds(id) }

    /// Lets an event wait. False when there is no room for it, and the operation has to end with `tooSlow`.
    func append(event payload: ByteBuffer, of id: OperationID) -> Bool {
        defer { self.report() }
        switch self.queue.append(event: payload, of: id) {
        case .queued: return true
        case .droppedOldest(let count): self.metrics.eventsDropped.add(self.policy.overflow.rawValue, count)
        case .droppedNewest: self.metrics.eventsDropped.add(self.policy.overflow.rawValue)
        case .overflow:
            self.metrics.eventsDropped.add(self.policy.overflow.rawValue)
            return false
        }
        return true
    }

    /// Lets the one result of an operation wait. False when there is no room for it.
    func append(result payload: ByteBuffer, of id: OperationID) -> Bool {
        defer { self.report() }
        return self.queue.append(result: payload, of: id)
    }

    /// Lets the end of an operation wait, behind its events.
    func append(end message: [UInt8], of id: OperationID) {
        self.queue.append(end: message, of: id)
        self.report()
    }

    /// Nothing of the operation is wanted any more.
    func forget(_ id: OperationID) {
        _ = self.queue.remove(id)
        self.report()
    }

    /// Takes what waits, of one operation after the other, as long as the client takes it.
    /// - Parameters:
    ///   - event: sends a result.
    ///   - end: sends the end of an operation.
    func drain(event: (ByteBuffer, OperationID) -> Void, end: ([UInt8], OperationID) -> Void) {
        while !self.isBlocked, let item = self.queue.next() {
            switch item.content {
            case .event(let payload):
                let isTold = item.dropped > 0 && self.policy.tellsGaps
                event(
                    isTold ? GapNotice.add(item.dropped, to: payload, suffix: ServerMessage.nextSuffix.count) : payload,
                    item.id)
            case .end(let message): end(message, item.id)
            }
        }
        self.report()
    }

    /// Nothing can be sent any more.
    func clear() {
        self.queue = DeliveryQueue(self.policy, byteLimit: self.byteLimit)
        self.report()
    }

    private func report() {
        let now = (events: self.queue.events, bytes: self.queue.bytes)
        self.metrics.queuedEvents.add(now.events - self.reported.events)
        self.metrics.queuedBytes.add(now.bytes - self.reported.bytes)
        self.reported = now
    }
}
