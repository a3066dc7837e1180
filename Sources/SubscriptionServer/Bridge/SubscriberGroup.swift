import NIOCore
import SubscriptionProtocols
import Synchronization

/// The subscribers of one source that live on one event loop. What the source produces crosses to the loop once for
/// all of them, and several events at a time when the loop is busy.
final class SubscriberGroup: Sendable {
    /// What goes to every subscriber.
    enum Delivery: Sendable {
        /// A result, see `OperationReceiver.deliver`.
        case result(ByteBuffer)
        /// The source is complete.
        case complete
        /// The source is of no more use; `errors` is the JSON text of an array.
        case failure(errors: [UInt8], OperationFailure)
    }

    /// One subscriber: an operation of a socket.
    struct Member: Hashable {
        private let receiver: ObjectIdentifier
        private let generation: UInt64

        init(_ output: OperationOutput) {
            self.receiver = ObjectIdentifier(output.loopBoundReceiver)
            self.generation = output.token.generation
        }
    }

    private struct Inbox {
        var waiting: [(delivery: Delivery, since: NIODeadline)] = []
        var isScheduled = false
    }

    /// Deliveries that are written before the next ones are looked at.
    private static let batch = 64

    let eventLoop: any EventLoop
    private let limit: Int
    private let metrics: ServerMetrics
    /// Whether nobody gets anything while something waits for anybody, as no server should.
    private let waitsForSlow: Bool
    private let inbox = Mutex(Inbox())
    private let members: NIOLoopBoundBox<SmallDictionary<Member, OperationOutput>>

    /// Must be made on the event loop.
    /// - Parameter limit: deliveries that may wait, inclusive.
    init(eventLoop: any EventLoop, limit: Int, metrics: ServerMetrics, waitsForSlow: Bool = false) {
        self.waitsForSlow = waitsForSlow
        self.eventLoop = eventLoop
        self.limit = limit
        self.metrics = metrics
        self.members = NIOLoopBoundBox(SmallDictionary(), eventLoop: eventLoop)
    }

    /// Adds a subscriber; only on the event loop.
    func add(_ output: OperationOutput) {
        self.members.value[Member(output)] = output
    }

    /// Removes a subscriber; only on the event loop. False when it was not there.
    func remove(_ output: OperationOutput) -> Bool {
        self.members.value.remove(Member(output)) != nil
    }

    /// Delivers in order, from any thread. False when too many deliveries wait already.
    /// - Parameter since: when the source produced it.
    func enqueue(_ delivery: Delivery, since: NIODeadline = .now()) -> Bool {
        let (isAccepted, mustSchedule) = self.inbox.withLock { inbox -> (Bool, Bool) in
            guard inbox.waiting.count < self.limit else { return (false, false) }
            inbox.waiting.append((delivery, since))
            defer { inbox.isScheduled = true }
            return (true, !inbox.isScheduled)
        }
        if mustSchedule {
            self.eventLoop.execute { self.deliverWaiting() }
        }
        return isAccepted
    }

    /// Delivers as the last thing, in place of all that waits.
    func replaceAll(with delivery: Delivery) {
        self.inbox.withLock { $0.waiting = [] }
        _ = self.enqueue(delivery)
    }

    private func deliverWaiting() {
        if self.waitsForSlow, self.metrics.queuedEvents.value > 0 {
            self.eventLoop.scheduleTask(in: .milliseconds(20)) { self.deliverWaiting() }
            return
        }
        let waiting = self.inbox.withLock { inbox -> [(delivery: Delivery, since: NIODeadline)] in
            inbox.isScheduled = false
            defer { inbox.waiting = [] }
            return inbox.waiting
        }
        for start in stride(from: 0, to: waiting.count, by: Self.batch) {
            // A copy, for a socket that is cut while writing leaves the group.
            let members = self.members.value
            var results: [NIODeadline] = []
            for (delivery, since) in waiting[start..<min(start + Self.batch, waiting.count)] {
                if case .result = delivery {
                    results.append(since)
                } else {
                    self.members.value = SmallDictionary()
                }
                members.forEach { _, output in output.deliver(delivery) }
            }
            members.forEach { _, output in output.loopBoundReceiver.flushDelivered() }
            self.metrics.eventsDelivered.add(results.count * members.count)
            let now = NIODeadline.now()
            for since in results {
                self.metrics.deliveryTime.observe(now - since, count: members.count)
            }
        }
    }
}
