import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// What waits for a client that does not take it. Most sockets never have one.
final class SocketOutbox {
    var queue: DeliveryQueue
    var isEmptying = false
    /// What the metrics know of the queue.
    var reported = (events: 0, bytes: 0)

    init(_ queue: DeliveryQueue) {
        self.queue = queue
    }
}

// What operations send, at once or when the client takes it.
extension GraphQLConnection {
    /// Sends an event, or lets it wait.
    /// - Returns: false when there is no room for it and the operation has to end with `tooSlow`.
    func send(event payload: ByteBuffer, of id: OperationID) -> Bool {
        guard self.mustWait else {
            self.socket.send(prefix: self.resultPrefix(id), rest: payload)
            return true
        }
        let outcome = self.neededOutbox().queue.append(event: payload, of: id)
        if self.server.misbehaviour != .droppedEventsUncounted {
            self.server.metrics.eventsDropped.add(outcome, self.server.configuration.backPressure.overflow)
        }
        self.outboxChanged()
        return outcome != .overflow
    }

    /// Sends the one result of an operation, or lets it wait. A client that leaves too many is cut.
    func send(result payload: ByteBuffer, of id: OperationID) {
        guard self.mustWait else {
            self.socket.send(prefix: self.resultPrefix(id), rest: payload)
            return
        }
        guard self.neededOutbox().queue.append(result: payload, of: id) else {
            self.socket.cut("Too many bytes unsent")
            return
        }
        self.outboxChanged()
    }

    /// Sends the message that ends an operation, behind what waits of it.
    func send(end message: [UInt8], of id: OperationID) {
        guard let outbox = self.outbox, outbox.queue.holds(id) else {
            self.socket.send(message)
            return
        }
        outbox.queue.append(end: message, of: id)
        self.outboxChanged()
    }

    /// Nothing of the operation is wanted any more: its client has completed it, or uses the id again.
    func forget(_ id: OperationID) {
        guard let outbox = self.outbox, !outbox.queue.isIdle, self.server.misbehaviour != .queueOutlivesComplete
        else { return }
        _ = outbox.queue.remove(id)
        self.outboxChanged()
    }

    /// The client takes something again.
    func emptyOutbox() {
        guard let outbox = self.outbox, !outbox.isEmptying else { return }
        outbox.isEmptying = true
        while !self.socket.isBlocked, self.socket.stage == .open, let item = outbox.queue.next() {
            switch item.content {
            case .event(let payload):
                let isTold = item.dropped > 0 && self.server.configuration.backPressure.tellsGaps
                self.socket.send(
                    prefix: self.resultPrefix(item.id),
                    rest: isTold
                        ? GapNotice.add(item.dropped, to: payload, suffix: ServerMessage.nextSuffix.count) : payload)
            case .end(let message):
                self.socket.send(message)
            }
        }
        outbox.isEmptying = false
        self.report(outbox)
    }

    /// Nothing can be sent any more.
    func clearOutbox() {
        guard let outbox = self.outbox else { return }
        outbox.queue = DeliveryQueue(self.server.configuration.backPressure, byteLimit: 1)
        self.report(outbox)
    }

    private var mustWait: Bool { self.socket.isBlocked || self.outbox?.queue.isIdle == false }

    private func neededOutbox() -> SocketOutbox {
        let configuration = self.server.configuration
        let outbox =
            self.outbox
            ?? SocketOutbox(
                DeliveryQueue(configuration.backPressure, byteLimit: configuration.limits.unsentBytes))
        self.outbox = outbox
        return outbox
    }

    /// Sends what need not wait.
    private func outboxChanged() {
        guard let outbox = self.outbox else { return }
        if !self.socket.isBlocked, outbox.queue.hasItems {
            self.emptyOutbox()
        } else {
            self.report(outbox)
        }
    }

    private func report(_ outbox: SocketOutbox) {
        let now = (events: outbox.queue.events, bytes: outbox.queue.bytes)
        guard now != outbox.reported else { return }
        self.server.metrics.queuedEvents.add(now.events - outbox.reported.events)
        self.server.metrics.queuedBytes.add(now.bytes - outbox.reported.bytes)
        self.socket.live?.queuedEvents.add(now.events - outbox.reported.events)
        self.socket.live?.queuedBytes.add(now.bytes - outbox.reported.bytes)
        outbox.reported = now
    }
}
