import NIOCore
import NIOEmbedded
import Testing

@testable import SubscriptionServer

@Suite("Keep-alives of one event loop") struct KeepAliveQueueTests {
    private let loop = EmbeddedEventLoop()
    private let harness: Harness
    private let queue: KeepAliveQueue

    init() throws {
        self.harness = try Harness()
        self.queue = KeepAliveQueue(on: self.loop, every: .seconds(12))
    }

    /// A socket that is asked for nothing but its keep-alive.
    private func socket() -> WebSocketHandler {
        WebSocketHandler(
            server: self.harness.server, handshake: HandshakeFacts(target: "/graphql"), place: .none
        ) { _, _ in nil }
    }

    @Test("Each is called when its own interval is over, once")
    func order() {
        let sockets = (0..<5).map { _ in self.socket() }
        for socket in sockets {
            socket.keepAlivePlace = self.queue.add(socket)
            self.loop.advanceTime(by: .seconds(2))
        }
        self.loop.advanceTime(by: .milliseconds(1_999))
        #expect(sockets.map(\.awaitsPong) == [false, false, false, false, false])
        self.loop.advanceTime(by: .milliseconds(1))
        #expect(sockets.map(\.awaitsPong) == [true, false, false, false, false])
        #expect(sockets[0].keepAlivePlace == .none)
        self.loop.advanceTime(by: .seconds(4))
        #expect(sockets.map(\.awaitsPong) == [true, true, true, false, false])
        sockets.forEach { $0.awaitsPong = false }
        self.loop.advanceTime(by: .seconds(100))
        #expect(sockets.map(\.awaitsPong) == [false, false, false, true, true])
    }

    @Test("Whoever leaves is not called, from the beginning, the middle and the end; places are used again")
    func leaving() {
        let sockets = (0..<6).map { _ in self.socket() }
        for socket in sockets { socket.keepAlivePlace = self.queue.add(socket) }
        for index in [0, 3, 5] { self.queue.remove(sockets[index].keepAlivePlace) }
        self.loop.advanceTime(by: .seconds(1))
        let newcomers = (0..<4).map { _ in self.socket() }
        for socket in newcomers { socket.keepAlivePlace = self.queue.add(socket) }
        self.queue.remove(newcomers[1].keepAlivePlace)
        self.loop.advanceTime(by: .seconds(11))
        #expect(sockets.map(\.awaitsPong) == [false, true, true, false, true, false])
        #expect(newcomers.map(\.awaitsPong) == [false, false, false, false])
        self.loop.advanceTime(by: .seconds(1))
        #expect(newcomers.map(\.awaitsPong) == [true, false, true, true])
        let last = self.socket()
        last.keepAlivePlace = self.queue.add(last)
        self.queue.remove(last.keepAlivePlace)
        self.loop.advanceTime(by: .seconds(100))
        #expect(!last.awaitsPong)
    }
}
