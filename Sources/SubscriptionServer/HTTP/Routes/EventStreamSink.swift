import NIOCore
package import SubscriptionProtocols
import Synchronization

/// Takes the events of a stream, from any thread and in order; never blocks. What comes after the end is dropped.
package struct EventStreamSink: Sendable {
    private let inbox: EventStreamInbox

    init(_ inbox: EventStreamInbox) {
        self.inbox = inbox
    }

    /// Sends an event.
    package func send(_ event: ServerSentEvent) {
        self.inbox.enqueue(.bytes(ByteBuffer(bytes: event.encoded)))
    }

    /// Sends events that were encoded already, so that one encoding serves every client.
    /// - Parameter encoded: whole events, see `ServerSentEvent.encoded`.
    package func send(encoded: [UInt8]) {
        self.inbox.enqueue(.bytes(ByteBuffer(bytes: encoded)))
    }

    /// Sends a comment, which clients ignore.
    package func comment(_ text: String) {
        self.inbox.enqueue(.bytes(ByteBuffer(bytes: ServerSentEvent.comment(text))))
    }

    /// Ends the stream.
    package func finish() {
        self.inbox.enqueue(.end)
    }
}

/// What has to cross to the event loop of one stream: once for all that comes while the loop is busy.
final class EventStreamInbox: Sendable {
    enum Item: Sendable {
        case bytes(ByteBuffer)
        case end
    }

    private struct State {
        var waiting: [Item] = []
        var waitingBytes = 0
        var isClosed = false
    }

    private let eventLoop: any EventLoop
    private let byteLimit: Int
    private let receive: @Sendable ([Item]) -> Void
    private let overflow: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - byteLimit: bytes that may wait for the loop, inclusive.
    ///   - receive: called on the event loop.
    ///   - overflow: called on the event loop, once, when more is sent than the loop can take; nothing follows.
    init(
        on eventLoop: any EventLoop, byteLimit: Int, receive: @escaping @Sendable ([Item]) -> Void,
        overflow: @escaping @Sendable () -> Void
    ) {
        self.eventLoop = eventLoop
        self.byteLimit = byteLimit
        self.receive = receive
        self.overflow = overflow
    }

    func enqueue(_ item: Item) {
        enum Step { case nothing, schedule, overflow }
        let step = self.state.withLock { state -> Step in
            guard !state.isClosed else { return .nothing }
            if case .bytes(let bytes) = item {
                state.waitingBytes += bytes.readableBytes
                guard state.waitingBytes <= self.byteLimit else {
                    state.isClosed = true
                    state.waiting = []
                    return .overflow
                }
            } else {
                state.isClosed = true
            }
            state.waiting.append(item)
            return state.waiting.count == 1 ? .schedule : .nothing
        }
        switch step {
        case .nothing: break
        case .schedule: self.eventLoop.execute { self.receive(self.take()) }
        case .overflow: self.eventLoop.execute { self.overflow() }
        }
    }

    /// Takes nothing more.
    func close() {
        self.state.withLock { state in
            state.isClosed = true
            state.waiting = []
        }
    }

    private func take() -> [Item] {
        self.state.withLock { state in
            defer {
                state.waiting = []
                state.waitingBytes = 0
            }
            return state.waiting
        }
    }
}
