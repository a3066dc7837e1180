import NIOCore
import SubscriptionProtocols

/// Lets an application speak on one socket.
final class RouteSpeaker: SocketSpeaker {
    private let application: any SocketApplication
    private let socket: WebSocketHandler

    init(route: SocketRoute, call: SocketCall, socket: WebSocketHandler, eventLoop: any EventLoop) {
        self.application = route.open(call, RouteSocket(socket, eventLoop: eventLoop))
        self.socket = socket
    }

    func opened() {
        self.application.opened()
    }

    func received(_ message: ByteBuffer) {
        self.application.received(String(buffer: message))
    }

    func received(binary message: ByteBuffer?) {
        if let message {
            self.application.received(binary: Array(message.readableBytesView))
        } else {
            self.socket.close(.binaryMessage)
        }
    }

    func ended(_ end: SocketEnd) {
        self.application.ended()
    }
}
