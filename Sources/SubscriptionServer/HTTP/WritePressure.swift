import Logging
import NIOCore

/// Watches whether the client of a streamed answer takes what is written, and has it cut when it does not. Bound to the
/// event loop of the connection.
final class WritePressure {
    private let server: ServerContext
    private let channel: any Channel
    /// Ends the connection, or the stream of it.
    private let cut: () -> Void
    /// Whether the client takes nothing at present.
    private(set) var isBlocked = false
    /// Bytes written since then, and how many of them were taken at the last look.
    private var unsent = 0
    private var taken: Int?
    private var deadline: Scheduled<Void>?

    init(server: ServerContext, channel: any Channel, cut: @escaping () -> Void) {
        self.server = server
        self.channel = channel
        self.cut = cut
        self.writabilityChanged()
    }

    /// The channel may or may not be written to any more.
    /// - Returns: whether that is news.
    @discardableResult
    func writabilityChanged() -> Bool {
        guard self.isBlocked == self.channel.isWritable else { return false }
        self.isBlocked.toggle()
        self.stop()
        self.unsent = 0
        self.taken = nil
        if self.isBlocked {
            self.watch()
        }
        return true
    }

    /// So many bytes were written.
    func wrote(_ bytes: Int) {
        guard self.isBlocked else { return }
        self.unsent += bytes
        if self.taken == nil {
            self.taken = self.unsent - self.buffered
        }
        if self.unsent > self.server.configuration.limits.unsentBytes {
            self.cut("Too many bytes unsent")
        }
    }

    /// Nothing is written any more.
    func stop() {
        self.deadline?.cancel()
        self.deadline = nil
    }

    /// A long answer over a slow link may take longer than the deadline, as long as it moves.
    private func watch() {
        self.deadline = self.channel.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.backPressure.deadline
        ) { [weak self] in
            guard let self, self.isBlocked else { return }
            let taken = self.unsent - self.buffered
            guard taken - (self.taken ?? taken) >= BackPressurePolicy.writeMark else {
                self.cut("Slow consumer")
                return
            }
            self.taken = taken
            self.watch()
        }
    }

    private func cut(_ reason: String) {
        self.stop()
        self.server.metrics.cuts.add(reason)
        self.server.logger.record(.socketCut(reason: reason))
        self.cut()
    }

    /// Bytes that were written and not taken, as far as the channel knows.
    private var buffered: Int {
        (try? self.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? self.unsent
    }
}
