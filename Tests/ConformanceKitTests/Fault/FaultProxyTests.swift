import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ConformanceKit

/// A client that remembers what comes and how it ends.
private final class Client: Sendable {
    struct Seen: Sendable {
        var text = ""
        var isOver = false
        var wasReset = false
    }

    private let seen = Mutex(Seen())
    private let channel: any Channel

    init(port: Int) async throws {
        let ear = Ear()
        self.channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(ear.handler()) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        ear.owner.withLock { $0 = self }
    }

    func send(_ text: String) { self.channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    func close() async { try? await self.channel.close() }

    /// Looks every few milliseconds until it holds; false after two seconds.
    func sees(_ condition: @Sendable (Seen) -> Bool) async -> Bool {
        for _ in 0..<400 {
            if condition(self.seen.withLock { $0 }) { return true }
            await FaultProxyTests.breathe()
        }
        return false
    }

    var text: String { self.seen.withLock { $0.text } }

    /// Hands what a handler hears to the client, which exists a little later.
    private final class Ear: Sendable {
        let owner = Mutex<Client?>(nil)

        func handler() -> Handler { Handler(self) }

        func note(_ change: (inout Seen) -> Void) {
            guard let client = self.owner.withLock({ $0 }) else { return }
            client.seen.withLock { change(&$0) }
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let ear: Ear

        init(_ ear: Ear) { self.ear = ear }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: self.unwrapInboundIn(data))
            self.ear.note { $0.text += text }
        }

        func channelInactive(context: ChannelHandlerContext) { self.ear.note { $0.isOver = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            self.ear.note { $0.wasReset = (error as? IOError)?.errnoCode == 104 }
            context.close(promise: nil)
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct FaultProxyTests {
    static func breathe() async {
        try? await MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .milliseconds(5)) {}.futureResult.get()
    }

    /// Answers every line with itself.
    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(data, promise: nil)
        }
    }

    static func withProxy(_ body: (FaultProxy) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = try await FaultProxy.start(host: "127.0.0.1", port: server.localAddress?.port ?? 0)
        try await body(proxy)
        await proxy.stop()
        try await server.close()
    }

    @Test func passesThrough() async throws {
        try await Self.withProxy { proxy in
            let client = try await Client(port: proxy.port)
            client.send("hello")
            #expect(await client.sees { $0.text == "hello" })
            await client.close()
        }
    }

    @Test func refusesAndListensAgainOnItsPort() async throws {
        try await Self.withProxy { proxy in
            let client = try await Client(port: proxy.port)
            client.send("a")
            #expect(await client.sees { $0.text == "a" })
            await proxy.refuse()
            #expect(await client.sees { $0.isOver })
            let canary = Canary(host: "127.0.0.1", port: proxy.port, question: [65])
            #expect(await canary.look(patience: 500_000_000) == .refused)
            try await proxy.accept()
            guard case .answered = await canary.look(patience: 1_000_000_000) else {
                Issue.record("nobody answers after the refusal is over")
                return
            }
        }
    }

    @Test func resetsIdleLinksAtOnce() async throws {
        try await Self.withProxy { proxy in
            let client = try await Client(port: proxy.port)
            client.send("a")
            #expect(await client.sees { $0.text == "a" })
            #expect(await proxy.resetLinks() == 1)
            #expect(await client.sees { $0.wasReset })
            #expect(await proxy.count == 0)
        }
    }

    @Test func whatABlackholeHoldsComesWhenItIsOver() async throws {
        try await Self.withProxy { proxy in
            let client = try await Client(port: proxy.port)
            client.send("a")
            #expect(await client.sees { $0.text == "a" })
            await proxy.set(.clear.with(.up) { $0.isBlocked = true })
            client.send("b")
            let canary = Canary(host: "127.0.0.1", port: proxy.port, question: [65])
            #expect(await canary.look(patience: 200_000_000) == .silent)
            #expect(client.text == "a")
            await proxy.set(.clear)
            #expect(await client.sees { $0.text == "ab" })
            await client.close()
        }
    }

    @Test func delaysBothWays() async throws {
        try await Self.withProxy { proxy in
            await proxy.set(.clear.with(.both) { $0.latency = 60_000_000 })
            let canary = Canary(host: "127.0.0.1", port: proxy.port, question: [65])
            guard case .answered(let after) = await canary.look(patience: 2_000_000_000) else {
                Issue.record("no answer")
                return
            }
            #expect(after >= 120_000_000)
        }
    }

    @Test func throttles() async throws {
        try await Self.withProxy { proxy in
            await proxy.set(.clear.with(.up) { $0.bytesPerSecond = 10_000 })
            let client = try await Client(port: proxy.port)
            let clock = ContinuousClock()
            let text = String(repeating: "x", count: 2_000)
            let elapsed = await clock.measure {
                client.send(text)
                #expect(await client.sees { $0.text.count == 2_000 })
            }
            #expect(elapsed >= .milliseconds(190))
            await client.close()
        }
    }

    @Test func slicesAndLosesNothing() async throws {
        try await Self.withProxy { proxy in
            await proxy.set(.clear.with(.both) { $0.slice = 3 })
            let client = try await Client(port: proxy.port)
            client.send("abcdefghij")
            #expect(await client.sees { $0.text == "abcdefghij" })
            await client.close()
        }
    }

    @Test func whatIsDelayedStaysInOrder() async throws {
        try await Self.withProxy { proxy in
            await proxy.set(
                .clear.with(.both) {
                    $0.latency = 5_000_000
                    $0.jitter = 5_000_000
                    $0.slice = 1
                })
            let client = try await Client(port: proxy.port)
            let text = (0..<400).map { String($0) }.joined(separator: ",")
            client.send(text)
            #expect(await client.sees { $0.text.utf8.count == text.utf8.count })
            #expect(client.text == text)
            await client.close()
        }
    }

    @Test func countsItsConnections() async throws {
        try await Self.withProxy { proxy in
            let before = await proxy.accepted
            let client = try await Client(port: proxy.port)
            client.send("a")
            #expect(await client.sees { $0.text == "a" })
            #expect(await proxy.accepted == before + 1)
            await client.close()
        }
    }

    @Test func cutsAfterSoManyBytes() async throws {
        try await Self.withProxy { proxy in
            await proxy.set(.clear.with(.down) { $0.cutAfter = 4 })
            let client = try await Client(port: proxy.port)
            client.send("abcdefghij")
            #expect(await client.sees { $0.isOver || $0.wasReset })
            #expect(client.text.count <= 4)
        }
    }

    @Test func anUpstreamThatIsGoneIsFelt() async throws {
        let port = try #require(FreePort.choose())
        let proxy = try await FaultProxy.start(host: "127.0.0.1", port: port)
        let sight = await Canary(host: "127.0.0.1", port: proxy.port, question: [65]).look(patience: 1_000_000_000)
        #expect(sight == .ended || sight == .refused)
        await proxy.stop()
    }
}
