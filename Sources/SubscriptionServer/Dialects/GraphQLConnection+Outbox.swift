import GraphQLCore
import NIOCore
import SubscriptionProtocols

// What operations send, at once or when the client takes it.
extension GraphQLConnection {
    /// Sends an event, or lets it wait.
    /// - Returns: false when there is no room for it and the operation has to end with `tooSlow`.
    func send(event payload: ByteBuffer, of id: OperationID) -> Bool {
        guard self.mustWait else {
            self.socket.send(prefix: self.resultPrefix(id), rest: payload)
            return true
        }
        let outcome = self.outbox.append(event: payload, of: id)
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
        guard self.outbox.append(result: payload, of: id) else {
            self.socket.cut("Too many bytes unsent")
            return
        }
        self.outboxChanged()
    }

    /// Sends the message that ends an operation, behind what waits of it.
    func send(end message: [UInt8], of id: OperationID) {
        guard self.outbox.holds(id) else {
            self.socket.send(message)
            return
        }
        self.outbox.append(end: message, of: id)
        self.outboxChanged()
    }

    /// Nothing of the operation is wanted any more: its client has completed it, or uses the id again.
    func forget(_ id: OperationID) {
        guard !self.outbox.isIdle, self.server.misbehaviour != .queueOutlivesComplete else { return }
        _ = self.outbox.remove(id)
        self.outboxChanged()
    }

    /// The client takes something again.
    func emptyOutbox() {
        guard !self.isEmptying else { return }
        self.isEmptying = true
        while !self.socket.isBlocked, self.socket.stage == .open, let item = self.outbox.next() {
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
        self.isEmptying = false
        self.reportOutbox()
    }

    /// Nothing can be sent any more.
    func clearOutbox() {
        self.outbox = DeliveryQueue(self.server.configuration.backPressure, byteLimit: 1)
        self.reportOutbox()
    }

    private var mustWait: Bool { self.socket.isBlocked || !self.outbox.isIdle }

    /// Sends what need not wait.
    private func outboxChanged() {
        if !self.socket.isBlocked, self.outbox.hasItems {
            self.emptyOutbox()
        } else {
            self.reportOutbox()
        }
    }

    private func reportOutbox() {
        let now = (events: self.outbox.events, bytes: self.outbox.bytes)
        guard now != self.reported else { return }
        self.server.metrics.queuedEvents.add(now.events - self.reported.events)
        self.server.metrics.queuedBytes.add(now.bytes - self.reported.bytes)
        self.socket.live?.queuedEvents.add(now.events - self.reported.events)
        self.socket.live?.queuedBytes.add(now.bytes - self.reported.bytes)
        self.reported = now
    }
}
