import NIOCore
import SubscriptionProtocols

extension WebSocketHandler {
    /// Queues a text message; `flush` writes it. Nothing is sent once the socket is closing.
    func send(_ message: [UInt8]) {
        guard self.stage == .open else { return }
        self.sent += 1
        self.outgoing.appendText(message)
        self.flushIfMuch()
    }

    /// Queues a text message that begins with `prefix` and goes on with `rest`, which is not copied when it is long.
    func send(prefix: [UInt8], rest: ByteBuffer) {
        guard self.stage == .open else { return }
        guard !self.isOverdue else {
            self.close(.tokenExpired)
            return
        }
        self.sent += 1
        self.outgoing.appendText(prefix: prefix, rest: rest)
        self.flushIfMuch()
    }

    /// Queues a binary message.
    func send(binary message: ByteBuffer) {
        guard self.stage == .open else { return }
        self.sent += 1
        self.outgoing.appendBinary(message)
        self.flushIfMuch()
    }

    /// Events come in batches; what the system takes of one must be known before the rest is said to be too much.
    private func flushIfMuch() {
        if self.outgoing.byteCount >= BackPressurePolicy.writeMark {
            self.flush()
        }
    }

    /// Writes what is queued. A client that has too much of what cannot wait elsewhere before it is cut.
    func flush() {
        self.report()
        guard let context = self.context, !self.outgoing.isEmpty else { return }
        let bytes = self.outgoing.byteCount
        let frames = self.outgoing
        self.outgoing = OutgoingFrames()
        let write = { (buffer: ByteBuffer) in context.write(self.wrapOutboundOut(buffer), promise: nil) }
        if let spoiling = self.spoiling {
            write(spoiling.spoiled(frames))
        } else {
            frames.forEach(write)
        }
        context.flush()
        if self.stage != .gone {
            self.pressure?.wrote(bytes)
        }
    }

    /// Adds what was counted since the last time to the metrics.
    func report() {
        if self.received > 0 {
            self.server.metrics.messagesReceived.add(self.received)
            self.received = 0
        }
        if self.sent > 0 {
            self.server.metrics.messagesSent.add(self.sent)
            self.sent = 0
        }
    }
}
