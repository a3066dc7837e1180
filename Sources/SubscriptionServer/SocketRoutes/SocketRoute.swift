package import NIOCore
package import SubscriptionProtocols

/// A path whose WebSocket speaks the application's own messages.
///
/// Before the upgrade the gate decides, as about any HTTP request: who is refused gets 403 and no socket. Limits, keep-
/// alive, shutdown and closing are those of every socket of this server. No subprotocol is selected.
package struct SocketRoute: Sendable {
    /// Which paths it serves. The first route that matches does; `/graphql` and `/graphql/ws` come before all.
    package let pattern: PathPattern
    /// Whether binary messages are given to the application; otherwise they close the socket with 1003.
    package let readsBinary: Bool
    /// Makes the application's side of one socket, on the event loop of that.
    package let open: @Sendable (SocketCall, RouteSocket) -> any SocketApplication

    package init(
        _ pattern: PathPattern, readsBinary: Bool = false,
        open: @escaping @Sendable (SocketCall, RouteSocket) -> any SocketApplication
    ) {
        self.pattern = pattern
        self.readsBinary = readsBinary
        self.open = open
    }
}

/// Who opened a socket of a route, and how.
package struct SocketCall: Sendable {
    /// The request that was upgraded.
    package let handshake: HandshakeFacts
    /// The parameters of the path, percent-decoded.
    package let parameters: [String: String]
    /// What the gate said.
    package let admission: ConnectionAdmission

    /// The first query parameter of that name, decoded; nil without one.
    package func queryValue(_ name: String) -> String? {
        let query = self.handshake.target.drop { $0 != "?" }.dropFirst()
        return HTTPRequestParameters.value(of: name, in: query)
    }
}

/// The application's side of one socket. Bound to the event loop of the socket; every call is made there and must not
/// block.
package protocol SocketApplication: AnyObject {
    /// The socket is open: the first call, once.
    func opened()
    /// A text message.
    func received(_ message: String)
    /// A binary message; only where the route reads them.
    func received(binary message: [UInt8])
    /// The socket has ended, or ends now, for whatever reason: the last call, once. Nothing that is sent from here on
    /// arrives. It comes at once when the client leaves or is cut, also while another call is running.
    func ended()
}

extension SocketApplication {
    package func opened() {}
    package func received(binary message: [UInt8]) {}
}

/// The socket that an application sends on; from any thread, in order.
///
/// It does not keep the socket alive, and does nothing once that has ended. A client that does not take what is sent is
/// cut when more than the configured number of bytes is unsent.
package struct RouteSocket: Sendable {
    private final class Reference {
        weak var socket: WebSocketHandler?

        init(_ socket: WebSocketHandler) {
            self.socket = socket
        }
    }

    /// Where the application's calls are made.
    package let eventLoop: any EventLoop
    private let reference: NIOLoopBound<Reference>

    /// Must be made on the event loop.
    init(_ socket: WebSocketHandler, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.reference = NIOLoopBound(Reference(socket), eventLoop: eventLoop)
    }

    /// Sends a text message.
    package func send(_ message: String) {
        self.send(utf8: Array(message.utf8))
    }

    /// Sends a text message.
    /// - Parameter message: must be UTF-8.
    package func send(utf8 message: [UInt8]) {
        self.perform { $0.send(message) }
    }

    /// Sends a binary message.
    package func send(binary message: [UInt8]) {
        self.perform { $0.send(binary: ByteBuffer(bytes: message)) }
    }

    /// Closes the socket. `ended` is called before this returns, when it is called on the event loop.
    package func close(_ close: Close) {
        self.perform { $0.close(close) }
    }

    private func perform(_ action: @escaping @Sendable (WebSocketHandler) -> Void) {
        if self.eventLoop.inEventLoop {
            guard let socket = self.reference.value.socket else { return }
            action(socket)
            socket.flush()
        } else {
            self.eventLoop.execute { self.perform(action) }
        }
    }
}
