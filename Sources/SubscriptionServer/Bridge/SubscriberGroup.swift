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

    /// What is used on the event loop only.
    private struct Bound {
        var members = SmallDictionary<Member, OperationOutput>()
        /// Out of the inbox, and for later turns.
        var taken: ArraySlice<(delivery: Delivery, since: NIODeadline)> = []
    }

    /// Deliveries of one turn. Between two turns the loop sees to its sockets.
    private static let batch = 64
    /// The loop runs what is due before it looks at any socket. A continuation that is due a moment later lets it look;
    /// otherwise nobody's pong is read as long as events come faster than they are written.
    private static let pause = TimeAmount.microseconds(20)

    let eventLoop: any EventLoop
    private let limit: Int
    private let metrics: ServerMetrics
    /// Whether nobody gets anything while something waits for anybody, as no server should.
    private let waitsForSlow: Bool
    private let inbox = Mutex(Inbox())
    private let bound: NIOLoopBoundBox<Bound>

    /// Must be made on the event loop.
    /// - Parameter limit: deliveries that may wait, inclusive.
    init(eventLoop: any EventLoop, limit: Int, metrics: ServerMetrics, waitsForSlow: Bool = false) {
        self.waitsForSlow = waitsForSlow
        self.eventLoop = eventLoop
        self.limit = limit
        self.metrics = metrics
        self.bound = NIOLoopBoundBox(Bound(), eventLoop: eventLoop)
    }

    /// Adds a subscriber; only on the event loop.
    func add(_ output: OperationOutput) {
        self.bound.value.members[Member(output)] = output
    }

    /// Removes a subscriber; only on the event loop. False when it was not there.
    func remove(_ output: OperationOutput) -> Bool {
        self.bound.value.members.remove(Member(output)) != nil
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
        if self.bound.value.taken.isEmpty {
            self.bound.value.taken = self.inbox.withLock { inbox in
                defer { inbox.waiting = [] }
                return inbox.waiting[...]
            }
        }
        let turn = self.bound.value.taken.prefix(Self.batch)
        self.bound.value.taken = self.bound.value.taken.dropFirst(Self.batch)
        self.deliver(turn)
        let isOver =
            self.bound.value.taken.isEmpty
            && self.inbox.withLock { inbox in
                inbox.isScheduled = !inbox.waiting.isEmpty
                return !inbox.isScheduled
            }
        if !isOver {
            self.eventLoop.scheduleTask(in: Self.pause) { self.deliverWaiting() }
        }
    }

    /// Each subscriber gets everything of the turn, and it is written, before the next one is looked at: what belongs to
    /// a socket is fetched from memory once.
    private func deliver(_ turn: ArraySlice<(delivery: Delivery, since: NIODeadline)>) {
        // A copy, for a socket that is cut while writing leaves the group.
        let members = self.bound.value.members
        var results: [NIODeadline] = []
        for (delivery, since) in turn {
            if case .result = delivery {
                results.append(since)
            } else {
                self.bound.value.members = SmallDictionary()
            }
        }
        members.forEach { _, output in output.deliver(turn.lazy.map(\.delivery)) }
        self.metrics.eventsDelivered.add(results.count * members.count)
        let now = NIODeadline.now()
        for since in results {
            self.metrics.deliveryTime.observe(now - since, count: members.count)
        }
    }
}
