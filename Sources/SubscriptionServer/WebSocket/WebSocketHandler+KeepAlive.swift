import NIOCore

extension WebSocketHandler {
    /// Begins the interval at whose end the keep-alive is due, in place of the one that runs.
    func scheduleKeepAlive() {
        self.keepAlive?.cancel()
        guard let context = self.context, self.stage == .open, self.deviation?.isDeaf != true else { return }
        self.keepAlive = context.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.timeouts.keepAlive
        ) { [weak self] in
            self?.keepAliveDue()
        }
    }

    private func keepAliveDue() {
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
