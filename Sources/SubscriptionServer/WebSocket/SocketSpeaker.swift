import NIOCore
import SubscriptionProtocols

/// What is said on one WebSocket, above frames and the closing handshake: a GraphQL dialect, or what a route speaks.
///
/// Bound to the event loop of its socket, which owns it. `opened` is the first call and `ended` the last, once each.
/// What it sends is written when the batch of reads ends; what it sends at other times it has to `flush`.
protocol SocketSpeaker: AnyObject {
    /// The socket is open.
    func opened()
    /// A whole text message; valid UTF-8.
    func received(_ message: ByteBuffer)
    /// A binary message; nil where the socket was told to skip their bytes.
    func received(binary message: ByteBuffer?)
    /// All messages that came together have been received.
    func readCompleted()
    /// The peer takes something again, after it did not: what waits can be sent.
    func writable()
    /// The socket is about to send its keep-alive ping. Returns whether it is to be sent.
    func keepAliveDue() -> Bool
    /// Every operation ends with the errors, a JSON text; the socket is closed next.
    func failOperations(_ errors: [UInt8])
    /// The socket ends. With `closing` it can still send.
    func ended(_ end: SocketEnd)
}

extension SocketSpeaker {
    func readCompleted() {}
    func writable() {}
    func keepAliveDue() -> Bool { true }
    func failOperations(_ errors: [UInt8]) {}
}

/// How a socket ends.
enum SocketEnd: Equatable {
    /// The server closes it with this.
    case closing(Close)
    /// The client has closed it.
    case closedByClient
    /// TCP has ended, or is ended now, without a close frame.
    case dropped
}
