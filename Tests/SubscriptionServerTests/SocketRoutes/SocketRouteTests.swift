import GraphQLCore
import NIOCore
import SubscriptionProtocols
import Synchronization
import Testing

@testable import SubscriptionServer

/// WebSockets that an application speaks on.
@Suite(.timeLimit(.minutes(1))) struct SocketRouteTests {
    /// What happened to the applications of a test, in order.
    private final class Log: Sendable {
        private let state = Mutex<(lines: [String], waiting: [(String, CheckedContinuation<Void, Never>)])>(([], []))
        private let sockets = Mutex<[RouteSocket]>([])

        var lines: [String] { self.state.withLock { $0.lines } }
        var socket: RouteSocket? { self.sockets.withLock { $0.last } }

        func add(_ line: String) {
            let ready = self.state.withLock { state in
                state.lines.append(line)
                defer { state.waiting.removeAll { $0.0 == line } }
                return state.waiting.filter { $0.0 == line }.map(\.1)
            }
            ready.forEach { $0.resume() }
        }

        func add(_ socket: RouteSocket) { self.sockets.withLock { $0.append(socket) } }

        func wait(for line: String) async {
            await withCheckedContinuation { continuation in
                let isThere = self.state.withLock { state in
                    if state.lines.contains(line) { return true }
                    state.waiting.append((line, continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    /// Answers each message with itself, and closes when told.
    private final class Parrot: SocketApplication {
        let log: Log
        let socket: RouteSocket
        let call: SocketCall

        init(_ log: Log, _ call: SocketCall, _ socket: RouteSocket) {
            (self.log, self.call, self.socket) = (log, call, socket)
            log.add(socket)
        }

        func opened() {
            self.log.add("opened \(self.call.parameters.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })")
            self.socket.send("hello \(self.call.admission.context.sharingIdentity)")
        }

        func received(_ message: String) {
            if message == "bye" {
                self.socket.close(Close(.normal, "As you wish"))
                self.socket.send("too late")
            } else {
                self.socket.send(message)
            }
        }

        func received(binary message: [UInt8]) {
            self.socket.send(binary: message.reversed())
        }

        func ended() { self.log.add("ended") }
    }

    private func run(
        readsBinary: Bool = false, configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer, Log) async throws -> Void
    ) async throws {
        let log = Log()
        let route = SocketRoute("/ws/jobs/{id}", readsBinary: readsBinary) { Parrot(log, $0, $1) }
        try await TestServer.run(socketRoutes: [route], configure: configure) { server in
            try await body(server, log)
        }
    }

    @Test func textIsExchanged() async throws {
        try await self.run { server, log in
            try await server.connect { wire in
                let head = try await wire.upgrade("/ws/jobs/a%2Fb?token=1")
                #expect(!head.contains("Sec-WebSocket-Protocol"))
                #expect(try await wire.text() == "hello anybody")
                try await wire.send("one", "two")
                #expect(try await wire.text() == "one")
                #expect(try await wire.text() == "two")
                log.socket?.send("from another thread")
                #expect(try await wire.text() == "from another thread")
                try await wire.send("bye")
                #expect(try await wire.closeLine() == "1000 As you wish")
            }
            #expect(log.lines == [#"opened ["id=a/b"]"#, "ended"])
        }
    }

    @Test func bytesBehindTheHandshakeAreNotLost() async throws {
        try await self.run { server, _ in
            try await server.connect { wire in
                try await wire.write(
                    Array(Wire.head(["GET /ws/jobs/1 HTTP/1.1"] + Wire.request[1..<6]).utf8)
                        + ClientFrame(text: "early").bytes)
                #expect(try await wire.head().hasPrefix("HTTP/1.1 101 "))
                #expect(try await wire.text() == "hello anybody")
                #expect(try await wire.text() == "early")
            }
        }
    }

    @Test(arguments: [("deny", "403"), ("crash", "500")])
    func theGateDecidesBeforeTheUpgrade(token: String, status: String) async throws {
        try await self.run { server, log in
            try await server.connect { wire in
                try await wire.write(
                    Wire.head(["GET /ws/jobs/1 HTTP/1.1"] + Wire.request[1..<6] + ["Authorization: \(token)"]))
                #expect(try await wire.head().hasPrefix("HTTP/1.1 \(status) "))
            }
            #expect(log.lines == [])
            #expect(server.metrics.openSockets == 0)
        }
    }

    @Test(arguments: [("/ws/jobs/1", "426"), ("/ws/jobs/", "404"), ("/ws/jobs/1/2", "404"), ("/ws/jobs/%FF", "404")])
    func otherRequestsAreNotUpgraded(path: String, status: String) async throws {
        try await self.run { server, _ in
            try await server.connect { wire in
                try await wire.write(Wire.head(["GET \(path) HTTP/1.1", "Host: test"]))
                #expect(try await wire.head().hasPrefix("HTTP/1.1 \(status) "))
            }
        }
    }

    @Test func binaryMessagesAreReadOnlyWhereWanted() async throws {
        try await self.run { server, _ in
            try await server.connect { wire in
                try await wire.upgrade("/ws/jobs/1")
                #expect(try await wire.text() == "hello anybody")
                try await wire.send(ClientFrame(2, [1, 2]))
                #expect(try await wire.closeLine() == "1003 Only text messages are read")
            }
        }
        try await self.run(readsBinary: true) { server, _ in
            try await server.connect { wire in
                try await wire.upgrade("/ws/jobs/1")
                #expect(try await wire.text() == "hello anybody")
                try await wire.send(
                    ClientFrame(2, [1, 0xFF]).with { $0.isFinal = false }, ClientFrame(0, [3]), ClientFrame(text: "é"))
                #expect(try await wire.frame() == Wire.Frame(opcode: 2, payload: [3, 0xFF, 1]))
                #expect(try await wire.text() == "é")
            }
        }
    }

    enum Leaving: CaseIterable { case close, finish, reset, shutdown, tooSlow }

    @Test(arguments: Leaving.allCases)
    func everyEndIsReportedOnce(leaving: Leaving) async throws {
        try await self.run(configure: { $0.limits.unsentBytes = 100_000 }) { server, log in
            try await server.connect { wire in
                try await wire.upgrade("/ws/jobs/1")
                #expect(try await wire.text() == "hello anybody")
                let socket = try #require(log.socket)
                switch leaving {
                case .close:
                    try await wire.send(ClientFrame(close: 1000))
                    #expect(try await wire.closeLine() == "1000 ")
                case .finish: wire.finish()
                case .reset: try await wire.reset()
                case .shutdown:
                    socket.close(.goingAway)
                    #expect(try await wire.closeLine() == "1001 Going away")
                case .tooSlow:
                    // Nothing is read meanwhile: the system's buffers fill up, then the server's.
                    for _ in 0..<400 { socket.send(utf8: [UInt8](repeating: 0x20, count: 100_000)) }
                }
                await log.wait(for: "ended")
                socket.send("nobody listens")
                #expect(log.lines == [#"opened ["id=1"]"#, "ended"])
            }
        }
    }
}

@Suite struct PathPatternTests {
    @Test(
        arguments: [
            ("/a", "/a", [:]), ("/a/{b}", "/a/x", ["b": "x"]), ("/a/{b}/c/{d}", "/a/1/c/2", ["b": "1", "d": "2"]),
            ("/a/{b}", "/a/%C3%A9%20", ["b": "é "]), ("/a/{b}", "/a/a+b", ["b": "a+b"]),
            ("/a", "/a/", nil), ("/a", "/A", nil), ("/a/{b}", "/a/", nil), ("/a/{b}", "/a", nil),
            ("/a/{b}", "/a/x/y", nil),
            ("/a/{b}", "/a/%zz", nil), ("/a/{b}", "/a/%4", nil), ("/a/{b}", "/a/%FF", nil), ("/a/{b}", "/b/x", nil),
        ] as [(PathPattern, String, [String: String]?)])
    func matches(pattern: PathPattern, path: String, parameters: [String: String]?) {
        #expect(pattern.match(path) == parameters)
    }
}
