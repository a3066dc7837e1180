import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import ConformanceKit

@Suite(.timeLimit(.minutes(1))) struct SlowLinksTests {
    /// Counts what comes until the end.
    private final class Counter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let promise: EventLoopPromise<Int>
        private var count = 0

        init(_ promise: EventLoopPromise<Int>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.count += self.unwrapInboundIn(data).readableBytes
        }

        func channelInactive(context: ChannelHandlerContext) { self.promise.succeed(self.count) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// How many bytes come from a server that sends so many to whoever asks, and ends at once.
    private static func bytes(sent count: Int, isReset: Bool) async throws -> Int {
        let peer = try await FakePeer { peer, event in
            guard case .request = event else { return }
            if isReset, let options = peer.channel as? any SocketOptionProvider {
                options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
            }
            peer.channel.writeAndFlush(ByteBuffer(repeating: 1, count: count)).whenComplete { _ in peer.close() }
        }
        var links = SlowLinks(latency: 50_000_000)
        let endpoint = try await links.lead(to: .init(host: "127.0.0.1", port: peer.port, path: "/"))
        let group = MultiThreadedEventLoopGroup.singleton
        let promise = group.next().makePromise(of: Int.self)
        let client = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Counter(promise))
                }
            }
            .connect(host: endpoint.host, port: endpoint.port).get()
        client.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), promise: nil)
        let received = try await promise.futureResult.get()
        await links.stop()
        await peer.stop()
        return received
    }

    @Test func whatWasSentBeforeTheEndArrives() async throws {
        #expect(try await Self.bytes(sent: 3_000_000, isReset: false) == 3_000_000)
    }

    @Test func aResetDoesNotOvertakeWhatWasSentBefore() async throws {
        #expect(try await Self.bytes(sent: 100, isReset: true) == 100)
    }

    @Test func oneServerHasOneProxyForAllItsEndpoints() async throws {
        let peer = try await FakePeer { peer, event in
            if case .request = event { peer.answer(200, "{}") }
        }
        var links = SlowLinks(latency: 60_000_000)
        let first = try await links.lead(to: .init(host: "127.0.0.1", port: peer.port, path: "/a"))
        let second = try await links.lead(to: .init(host: "127.0.0.1", port: peer.port, path: "/b"))
        #expect(first.port == second.port && first.port != peer.port)
        #expect(first.path == "/a" && second.path == "/b")
        let clock = ContinuousClock()
        let started = clock.now
        let answer = await TransferEngine.shared.whole(TransferRequest(method: "GET", url: first.url()))
        #expect(answer.head?.status == 200)
        #expect(clock.now - started >= .milliseconds(120))
        await links.stop()
        await peer.stop()
    }

    /// A server that counts the connections of an address has to count those that come over a slow link as well.
    @Test(arguments: ["127.0.0.1", "127.0.7.3"])
    func theServerSeesWhereClientsComeFrom(source: String) async throws {
        let seen = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: String?.self)
        let peer = try await FakePeer { peer, event in
            if case .request = event { seen.succeed(peer.channel.remoteAddress?.ipAddress) }
        }
        var links = SlowLinks(latency: 1_000_000)
        let endpoint = try await links.lead(to: .init(host: "127.0.0.1", port: peer.port, path: "/"))
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(to: SocketAddress(ipAddress: source, port: 0))
            .connect(host: endpoint.host, port: endpoint.port).get()
        client.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), promise: nil)
        #expect(try await seen.futureResult.get() == source)
        try? await client.close()
        await links.stop()
        await peer.stop()
    }

    @Test func aCertificateIsNotLookedAtUnderAnotherName() async throws {
        var links = SlowLinks(latency: 1)
        let secure = Target.Endpoint(host: "127.0.0.1", port: 1, path: "/", isSecure: true)
        await #expect(throws: HarnessError.self) { try await links.lead(to: secure) }
    }

    @Test func theDistanceIsNotTakenFromTheBudget() async throws {
        let server = try FakeGraphQL()
        let peer = try await FakePeer { server.behave($0, $1) }
        var target = FakeGraphQL.target(port: peer.port)
        var links = SlowLinks(latency: 100_000_000)
        for (transport, endpoint) in target.endpoints {
            target.endpoints[transport] = try await links.lead(to: endpoint)
        }
        // Fifteen round trips of 200 ms and more, one after the other.
        let results = try await Play.results(
            Play.header + """
                budget: 2s
                steps:
                  - open: {as: c1}
                  - repeat: {times: 15, as: i, steps: [{run: {conn: c1, id: "{{i}}", query: "{ __typename }"}}]}
                """, target: target)
        #expect(results.map(\.result.verdict) == [.pass])
        await links.stop()
        await peer.stop()
    }

    @Test func theLineThatReproducesNamesTheLatency() throws {
        let expanded = try #require(Improvised.expanded("test/x", steps: "- open: {as: c1}"))
        let line = Reproduction(profile: "p.yaml", suite: nil, seed: 1, linkLatency: "100ms").line(for: expanded)
        #expect(line == "gqlconform run 'test/x' --profile p.yaml --link-latency 100ms --seed 1")
    }
}
