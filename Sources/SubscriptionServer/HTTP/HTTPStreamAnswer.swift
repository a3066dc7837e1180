import NIOCore
import NIOHTTP1

/// An answer whose body is written bit by bit, for as long as it takes. It has no task: whoever produces the body is
/// driven by the event loop of the connection.
struct HTTPStreamAnswer: Sendable {
    var status: HTTPResponseStatus
    /// Fields beside those of the framing.
    var fields: [(name: String, value: String)]
    /// Begins the body. Called on the event loop of the connection, behind the head.
    let start: @Sendable (HTTPBodyWriter) -> any HTTPBodyProducer
    /// Called instead of `start` when there is nobody any more to answer, or nothing but the head was asked for.
    let abandon: @Sendable () -> Void

    init(
        _ status: HTTPResponseStatus = .ok, fields: [(name: String, value: String)],
        start: @escaping @Sendable (HTTPBodyWriter) -> any HTTPBodyProducer,
        abandon: @escaping @Sendable () -> Void = {}
    ) {
        self.status = status
        self.fields = fields
        self.start = start
        self.abandon = abandon
    }
}

/// Produces the body of a streamed answer. Bound to the event loop of the connection.
protocol HTTPBodyProducer: AnyObject {
    /// The client has left, or was cut: nothing can be written any more. Called at most once, and not after the body
    /// was ended.
    func disconnected()
    /// The server is going down: the body has to end soon.
    func goAway()
    /// The client takes nothing at present, or takes something again. What is written all the same counts against the
    /// limit of unsent bytes.
    func blocked(_ isBlocked: Bool)
}

extension HTTPBodyProducer {
    func blocked(_ isBlocked: Bool) {}
}

/// A connection, or a stream of one, that a body can be written to. Bound to its event loop.
protocol HTTPBodyTarget: AnyObject {
    /// Writes and flushes a piece of the body. May cut the client off, and then tells the producer.
    func writeBody(_ pieces: [ByteBuffer])
    /// The body is complete.
    func endBody()
    /// The connection ends and the body is not complete, which no server does on purpose that means well.
    func cutBody()
}

/// Where the body of one answer is written. Bound to the event loop of the connection.
final class HTTPBodyWriter {
    let eventLoop: any EventLoop
    /// Nil once the body has ended, so that nothing can get into the next answer.
    private var target: (any HTTPBodyTarget)?
    /// Whether the client has left before the end.
    private(set) var isDetached = false
    private var pieces = BodyPieces()

    init(to target: any HTTPBodyTarget, on eventLoop: any EventLoop) {
        self.target = target
        self.eventLoop = eventLoop
    }

    /// Whether more can be written.
    var isOpen: Bool { self.target != nil }

    /// Queues bytes; `flush` sends them.
    func write(_ bytes: some Sequence<UInt8>) {
        self.pieces.append(bytes)
    }

    /// Queues bytes without copying them when they are many; `flush` sends them.
    func write(_ bytes: ByteBuffer) {
        self.pieces.append(bytes)
    }

    /// Sends what is queued.
    func flush() {
        guard let target = self.target else { return }
        let pieces = self.pieces.take()
        if !pieces.isEmpty {
            target.writeBody(pieces)
        }
    }

    /// Sends what is queued, and ends the body.
    func end() {
        self.flush()
        let target = self.target
        self.target = nil
        target?.endBody()
    }

    /// Sends what is queued, and ends the connection in the middle of the body.
    func cut() {
        self.flush()
        let target = self.target
        self.target = nil
        target?.cutBody()
    }

    /// The client is gone.
    func detach() {
        self.isDetached = true
        self.target = nil
    }
}

/// The bytes of one write: small ones are gathered in one buffer, large ones stay where they are and are shared with
/// everybody else who gets them.
struct BodyPieces {
    /// Up to this many bytes are copied: that costs less than a write of their own.
    private static let copyLimit = 1024

    private var gathered = ByteBuffer()
    /// What stands before `gathered`.
    private var finished: [ByteBuffer] = []

    mutating func append(_ bytes: some Sequence<UInt8>) {
        self.gathered.writeBytes(bytes)
    }

    mutating func append(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > Self.copyLimit else {
            self.gathered.writeImmutableBuffer(bytes)
            return
        }
        if self.gathered.readableBytes > 0 {
            self.finished.append(self.gathered)
            self.gathered = ByteBuffer()
        }
        self.finished.append(bytes)
    }

    /// Takes what there is to write, in order; never an empty buffer.
    mutating func take() -> [ByteBuffer] {
        var buffers = self.finished
        if self.gathered.readableBytes > 0 {
            buffers.append(self.gathered)
        }
        self.finished = []
        self.gathered = ByteBuffer()
        return buffers
    }
}
