import NIOCore

// What happens when the peer does not take what is written.
extension WebSocketHandler {
    func writabilityChanged(isWritable: Bool) {
        guard self.isBlocked == isWritable else { return }
        self.isBlocked = !isWritable
        self.slowness?.cancel()
        self.slowness = nil
        self.unsent = 0
        self.taken = nil
        guard isWritable else {
            self.watch()
            return
        }
        self.speaker?.writable()
        self.flush()
    }

    /// Counts what was written to a peer that is blocked, and cuts it when that is too much.
    func wroteWhileBlocked(_ bytes: Int) {
        self.unsent += bytes
        if self.taken == nil {
            self.taken = self.unsent - self.bufferedBytes
        }
        if self.stage != .gone, self.unsent > self.server.configuration.limits.unsentBytes {
            self.cut("Too many bytes unsent")
        }
    }

    /// Cuts the connection when its peer takes nothing to speak of until the deadline. A long message over a slow link
    /// may take longer, as long as it moves.
    private func watch() {
        self.slowness = self.context?.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.backPressure.deadline
        ) { [weak self] in
            guard let self, self.isBlocked else { return }
            let taken = self.unsent - self.bufferedBytes
            guard taken - (self.taken ?? taken) >= BackPressurePolicy.writeMark else {
                self.cut("Slow consumer")
                return
            }
            self.taken = taken
            self.watch()
        }
    }

    /// Bytes that were written and not taken, as far as the channel knows.
    private var bufferedBytes: Int {
        self.context.flatMap { try? $0.channel.syncOptions?.getOption(.bufferedWritableBytes) } ?? self.unsent
    }
}
