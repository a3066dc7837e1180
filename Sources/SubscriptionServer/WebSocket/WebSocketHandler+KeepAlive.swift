import NIOCore

extension WebSocketHandler {
    /// Begins the interval at whose end the keep-alive is due, in place of the one that runs.
    func scheduleKeepAlive() {
        self.endKeepAlive()
        guard let context = self.context, self.stage == .open, self.deviation?.isDeaf != true else { return }
        self.keepAlivePlace = self.server.keepAlives.queue(on: context.eventLoop).add(self)
    }

    /// No keep-alive is due any more.
    func endKeepAlive() {
        guard self.keepAlivePlace != .none, let context = self.context else { return }
        self.server.keepAlives.queue(on: context.eventLoop).remove(self.keepAlivePlace)
        self.keepAlivePlace = .none
    }

    /// The interval is over.
    func keepAliveDue() {
        guard self.stage == .open else { return }
        // A ping would wait behind what the client does not take; for that it has a deadline.
        guard !self.isBlocked else {
            self.scheduleKeepAlive()
            return
        }
        guard !self.awaitsPong else {
            self.cut("No pong")
            return
        }
        if self.speaker?.keepAliveDue() != false {
            self.awaitsPong = true
            self.outgoing.appendControl(.ping, ByteBuffer())
        }
        self.flush()
        self.scheduleKeepAlive()
    }
}
