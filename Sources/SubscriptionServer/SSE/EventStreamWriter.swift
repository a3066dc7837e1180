import NIOCore
import SubscriptionProtocols

/// Writes an event stream as the body of one answer, and keeps it alive with comments while it is quiet (WHATWG HTML
/// §9.2.7). Bound to the event loop of the connection.
final class EventStreamWriter {
    /// What the head of every event stream says: that nobody on the way may keep, gather or compress events.
    static let fields: [(name: String, value: String)] = [
        ("Content-Type", "text/event-stream; charset=utf-8"), ("Cache-Control", "no-cache, no-transform"),
        ("X-Accel-Buffering", "no"), ("Vary", "Accept"),
    ]

    private let body: HTTPBodyWriter
    private let interval: TimeAmount
    private var lastWrite: NIODeadline
    private var timer: Scheduled<Void>?

    /// Opens the stream with a comment, so that the head and something of the body reach the client before any event.
    /// - Parameter interval: how long the stream may be quiet.
    init(_ body: HTTPBodyWriter, keepAlive interval: TimeAmount) {
        self.body = body
        self.interval = interval
        self.lastWrite = body.eventLoop.now
        self.schedule(in: interval)
        self.body.write(EventStreamMessage.comment)
        self.body.flush()
    }

    /// Queues bytes; `flush` sends them.
    func write(_ bytes: some Sequence<UInt8>) {
        self.body.write(bytes)
    }

    /// Queues bytes, sharing them when they are many; `flush` sends them.
    func write(_ bytes: ByteBuffer) {
        self.body.write(bytes)
    }

    /// Sends what is queued.
    func flush() {
        self.lastWrite = self.body.eventLoop.now
        self.body.flush()
    }

    /// Sends what is queued, and ends the stream.
    func end() {
        self.stop()
        self.body.end()
    }

    /// The client is gone.
    func stop() {
        self.timer?.cancel()
        self.timer = nil
    }

    private func schedule(in delay: TimeAmount) {
        self.timer = self.body.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            self?.keepAliveDue()
        }
    }

    private func keepAliveDue() {
        guard self.body.isOpen else { return }
        let quiet = self.body.eventLoop.now - self.lastWrite
        if quiet >= self.interval {
            self.body.write(EventStreamMessage.comment)
            self.flush()
            guard self.body.isOpen else { return }
        }
        self.schedule(in: self.interval - (self.body.eventLoop.now - self.lastWrite))
    }
}
