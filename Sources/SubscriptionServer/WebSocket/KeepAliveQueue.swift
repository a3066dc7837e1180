import NIOCore
import Synchronization

/// The keep-alives of all sockets on one event loop. The interval is the same for each, so they are due in the order in
/// which they were asked for: a queue and one timer, instead of a timer for each socket. Bound to the event loop.
final class KeepAliveQueue {
    /// A place in the queue.
    struct Place: Equatable {
        fileprivate var index: Int32
        /// No place.
        static let none = Place(index: -1)
    }

    private struct Slot {
        var socket: WebSocketHandler?
        var due: NIODeadline
        /// Neighbours; a slot that is free is linked by `later` to the next free one.
        var earlier: Int32
        var later: Int32
    }

    private let eventLoop: any EventLoop
    private let interval: TimeAmount
    private var slots: [Slot] = []
    private var free: Int32 = -1
    private var first: Int32 = -1
    private var last: Int32 = -1
    private var timer: Scheduled<Void>?
    private var isFiring = false

    init(on eventLoop: any EventLoop, every interval: TimeAmount) {
        self.eventLoop = eventLoop
        self.interval = interval
    }

    /// Lets `keepAliveDue` of the socket be called when the interval is over, once.
    func add(_ socket: WebSocketHandler) -> Place {
        let index: Int32
        let slot = Slot(
            socket: socket, due: self.eventLoop.now + self.interval, earlier: self.last, later: -1)
        if self.free >= 0 {
            index = self.free
            self.free = self.slots[Int(index)].later
            self.slots[Int(index)] = slot
        } else {
            index = Int32(self.slots.count)
            self.slots.append(slot)
        }
        if self.last >= 0 {
            self.slots[Int(self.last)].later = index
        } else {
            self.first = index
        }
        self.last = index
        self.schedule()
        return Place(index: index)
    }

    /// The place is of no more use. To be called once for each.
    func remove(_ place: Place) {
        guard place != .none else { return }
        let slot = self.slots[Int(place.index)]
        if slot.earlier >= 0 {
            self.slots[Int(slot.earlier)].later = slot.later
        } else {
            self.first = slot.later
        }
        if slot.later >= 0 {
            self.slots[Int(slot.later)].earlier = slot.earlier
        } else {
            self.last = slot.earlier
        }
        guard self.first >= 0 else {
            // The last has gone: nothing is kept of the busiest moment.
            self.slots = []
            self.free = -1
            self.timer?.cancel()
            self.timer = nil
            return
        }
        self.slots[Int(place.index)] = Slot(socket: nil, due: slot.due, earlier: -1, later: self.free)
        self.free = place.index
    }

    /// Sets the timer for the first, unless it is set. When that one has left meanwhile, the timer fires for nothing.
    private func schedule() {
        guard self.timer == nil, !self.isFiring, self.first >= 0 else { return }
        self.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: self.slots[Int(self.first)].due) {
            [weak self] in self?.fire()
        }
    }

    private func fire() {
        self.timer = nil
        self.isFiring = true
        let now = self.eventLoop.now
        while self.first >= 0, self.slots[Int(self.first)].due <= now {
            let socket = self.slots[Int(self.first)].socket
            self.remove(Place(index: self.first))
            socket?.keepAlivePlace = .none
            socket?.keepAliveDue()
        }
        self.isFiring = false
        self.schedule()
    }
}

/// The queues of all event loops of one server.
final class KeepAliveQueues: Sendable {
    private let interval: TimeAmount
    private let queues = Mutex<[ObjectIdentifier: NIOLoopBound<KeepAliveQueue>]>([:])

    init(every interval: TimeAmount) {
        self.interval = interval
    }

    /// The queue of an event loop; only there.
    func queue(on eventLoop: any EventLoop) -> KeepAliveQueue {
        self.queues.withLock { queues in
            let key = ObjectIdentifier(eventLoop)
            if let queue = queues[key] { return queue }
            let queue = NIOLoopBound(
                KeepAliveQueue(on: eventLoop, every: self.interval), eventLoop: eventLoop)
            queues[key] = queue
            return queue
        }.value
    }
}
