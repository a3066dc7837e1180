import SubscriptionServer

/// Says everything back, text and binary. Only test mode has it: what tests WebSockets below GraphQL, such as the
/// Autobahn|Testsuite, asks for an echo.
final class EchoSocket: SocketApplication {
    static let route = SocketRoute("/test/echo", readsBinary: true) { EchoSocket(socket: $1) }

    private let socket: RouteSocket

    private init(socket: RouteSocket) {
        self.socket = socket
    }

    func received(_ message: String) {
        self.socket.send(message)
    }

    func received(binary message: [UInt8]) {
        self.socket.send(binary: message)
    }

    func ended() {}
}
