import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ConformanceKit

/// The largest resident memory of this process while something runs.
private final class MemoryWatch: Sendable {
    private let timer: RepeatedTask

    init() {
        let start = ProcessProbe.look(at: getpid())?.memory ?? 0
        let most = Most()
        self.highest = most
        self.timer = MultiThreadedEventLoopGroup.singleton.next().scheduleRepeatedTask(
            initialDelay: .zero, delay: .milliseconds(20)
        ) { _ in
            let now = ProcessProbe.look(at: getpid())?.memory ?? 0
            most.value.withLock { $0 = max($0, now - start) }
        }
    }

    private let highest: Most

    private final class Most: Sendable {
        let value = Mutex(0)
    }

    /// Bytes more than at the beginning.
    func end() -> Int {
        self.timer.cancel()
        return self.highest.value.withLock { $0 }
    }
}

/// Servers that mean harm. Each case has to end in a verdict, in its budget, and in 256 MiB.
@Suite(.serialized, .timeLimit(.minutes(3))) struct HostilePeerTests {
    typealias Peer = FakePeer.Peer

    /// Sends pieces for as long as the connection takes them, without piling them up.
    static func flood(_ peer: Peer, _ piece: [UInt8]) {
        let channel = peer.channel
        @Sendable func more() {
            guard channel.isActive else { return }
            guard channel.isWritable else {
                channel.eventLoop.scheduleTask(in: .milliseconds(1)) { more() }
                return
            }
            channel.writeAndFlush(ByteBuffer(bytes: piece)).whenSuccess { channel.eventLoop.execute { more() } }
        }
        more()
    }

    /// Drips one byte after the other.
    static func drip(_ peer: Peer, _ bytes: [UInt8]) {
        let channel = peer.channel
        @Sendable func next(_ index: Int) {
            guard channel.isActive, index < bytes.count else { return }
            channel.writeAndFlush(ByteBuffer(bytes: [bytes[index]]), promise: nil)
            channel.eventLoop.scheduleTask(in: .milliseconds(50)) { next(index + 1) }
        }
        next(0)
    }

    static func frame(_ opcode: UInt8, _ payload: [UInt8], fin: Bool = true, rsv: UInt8 = 0, length: UInt64? = nil)
        -> [UInt8]
    {
        FrameWriter.bytes(
            RawFrame(opcode: opcode, payload: payload, fin: fin, rsv: rsv, masked: false, length: length))
    }

    struct Harm: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What is done behind a right upgrade and a right acknowledgement.
        var act: @Sendable (Peer) -> Void
        /// What may come of it.
        var verdicts: Set<Verdict> = [.fail]
    }

    static let afterAck: [Harm] = [
        .init(testDescription: "endless small messages") { peer in
            flood(
                peer, Array(repeating: frame(Opcode.text, Array(#"{"type":"ping"}"#.utf8)), count: 500).flatMap { $0 })
        },
        .init(testDescription: "endless large messages") { peer in
            let text =
                #"{"type":"next","id":"1","payload":{"data":{"a":""# + String(repeating: "x", count: 1 << 20) + "\"}}}"
            flood(peer, frame(Opcode.text, Array(text.utf8)))
        },
        .init(testDescription: "a message without an end") { peer in
            peer.send(frame(Opcode.text, Array("[".utf8), fin: false))
            flood(peer, frame(Opcode.continuation, [UInt8](repeating: 0x20, count: 1 << 20), fin: false))
        },
        .init(testDescription: "a gigabyte announced") { peer in
            peer.send(frame(Opcode.text, [0x20], length: 1 << 30))
        },
        .init(testDescription: "a gigabyte announced and sent") { peer in
            peer.send(frame(Opcode.text, [0x20], length: 1 << 30))
            flood(peer, [UInt8](repeating: 0x20, count: 1 << 20))
        },
        .init(testDescription: "the longest length there is") { peer in
            peer.send(frame(Opcode.text, [], length: .max))
        },
        .init(testDescription: "a length that is a lie, and the end") { peer in
            peer.send(frame(Opcode.text, Array("{}".utf8), length: 500))
            peer.close()
        },
        .init(testDescription: "a frame byte by byte") { peer in
            drip(peer, frame(Opcode.text, [UInt8](repeating: 0x20, count: 1_000)))
        },
        .init(testDescription: "no UTF-8") { peer in
            peer.send(frame(Opcode.text, [0xFF, 0xFE, 0x80]))
        },
        .init(testDescription: "what claims to be compressed") { peer in
            peer.send(frame(Opcode.text, [UInt8](repeating: 0, count: 1_000), rsv: 4))
        },
        .init(testDescription: "deep nesting") { peer in
            peer.send(frame(Opcode.text, [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)))
        },
        .init(testDescription: "endless pings") { peer in
            flood(peer, Array(repeating: frame(Opcode.ping, [1, 2]), count: 500).flatMap { $0 })
        },
        .init(testDescription: "reserved opcodes for ever") { peer in
            flood(peer, Array(repeating: frame(11, [1, 2]), count: 500).flatMap { $0 })
        },
        .init(testDescription: "silence") { _ in },
    ]

    @Test(arguments: afterAck)
    func harmBehindTheAcknowledgement(harm: Harm) async throws {
        let steps = """
            budget: 15s
            steps:
              - open: {as: c1}
              - start: {conn: c1, id: "1", query: "{ __typename }"}
              - expect: {conn: c1, id: "1", type: pong, within: 2s}
            """
        let isLarge = harm.testDescription.contains("large")
        try await Self.judge(steps, harm.verdicts, mostReceived: isLarge ? nil : 16 << 20) { peer, event in
            switch event {
            case .request(let request): peer.upgrade(request, "graphql-transport-ws")
            case .frame(let frame) where frame.opcode == Opcode.text:
                if peer["acted"] == nil {
                    peer["acted"] = "yes"
                    peer.message(#"{"type":"connection_ack"}"#)
                    harm.act(peer)
                }
            default: return
            }
        }
    }

    @Test func aCloseThatNeverComes() async throws {
        let steps = """
            budget: 15s
            steps:
              - open: {as: c1}
              - close: {conn: c1, code: 1000}
              - expect_close: {conn: c1, code: 1000, until_eof: true, within: 1s}
            """
        try await Self.judge(steps, [.fail]) { peer, event in
            switch event {
            case .request(let request): peer.upgrade(request, "graphql-transport-ws")
            case .frame(let frame) where frame.opcode == Opcode.text: peer.message(#"{"type":"connection_ack"}"#)
            default: return
            }
        }
    }

    static let handshakes: [Harm] = [
        .init(testDescription: "endless headers") { peer in
            peer.send("HTTP/1.1 101 Switching Protocols\r\n")
            flood(peer, Array(String(repeating: "X-More: yes\r\n", count: 100).utf8))
        },
        .init(testDescription: "a head byte by byte") { peer in
            drip(peer, Array(("HTTP/1.1 101 Switching Protocols\r\n" + String(repeating: "X: y\r\n", count: 500)).utf8))
        },
        .init(testDescription: "no HTTP") { peer in flood(peer, [UInt8](repeating: 0x41, count: 10_000)) },
        .init(testDescription: "an endless body instead of an upgrade") { peer in
            peer.send("HTTP/1.1 200 OK\r\n\r\n")
            flood(peer, [UInt8](repeating: 0x41, count: 1 << 20))
        },
        .init(testDescription: "a chunked body without an end") { peer in
            peer.send("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n")
            flood(peer, Array("1\r\na\r\n".utf8))
        },
    ]

    @Test(arguments: handshakes)
    func harmInTheHandshake(harm: Harm) async throws {
        let steps = """
            budget: 15s
            steps:
              - connect: {as: c1}
              - fence: {conn: c1}
              - expect: {conn: c1, type: pong}
            """
        try await Self.judge(steps, harm.verdicts) { peer, event in
            if case .request = event { harm.act(peer) }
        }
    }

    static let answers: [Harm] = [
        .init(testDescription: "endless HTTP headers") { peer in
            peer.send("HTTP/1.1 200 OK\r\n")
            flood(peer, Array(String(repeating: "X-More: yes\r\n", count: 100).utf8))
        },
        .init(testDescription: "an endless body") { peer in
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            flood(peer, [UInt8](repeating: 0x20, count: 1 << 20))
        },
        .init(testDescription: "a body that is shorter than it says") { peer in
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{}")
            peer.close()
        },
        .init(testDescription: "a compressed bomb that nobody asked for") { peer in
            let zeros: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 2_000)
            peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(zeros.count)\r\n\r\n")
            peer.send(zeros)
        },
        .init(testDescription: "a stream of endless comments") { peer in
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            flood(peer, Array(String(repeating: ": x\n\n", count: 1_000).utf8))
        },
        .init(testDescription: "a stream of one endless line") { peer in
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ")
            flood(peer, [UInt8](repeating: 0x61, count: 1 << 20))
        },
        .init(testDescription: "a stream of endless events") { peer in
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            flood(peer, Array(String(repeating: "event: next\ndata: {}\n\n", count: 1_000).utf8))
        },
        .init(testDescription: "an answer byte by byte") { peer in
            drip(peer, Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8))
        },
    ]

    @Test(arguments: answers)
    func harmInAnAnswer(harm: Harm) async throws {
        let steps = """
            budget: 15s
            steps:
              - open: {as: c1, transport: sse}
              - start: {conn: c1, id: "1", query: "{ __typename }"}
              - expect: {conn: c1, id: "1", messages: [{type: next, payload: {data: {a: 1}}}, {type: complete}], within: 2s}
            """
        try await Self.judge(steps, harm.verdicts) { peer, event in
            if case .request = event { harm.act(peer) }
        }
    }

    /// Plays one scenario against a behaviour, and looks at the verdict, the time and the memory.
    static func judge(
        _ steps: String, _ verdicts: Set<Verdict>, mostReceived: Int? = 16 << 20,
        _ behave: @escaping @Sendable (Peer, FakePeer.Event) -> Void
    ) async throws {
        // On threads of their own: what floods here must not drown other tests.
        let peers = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let players = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let peer = try await FakePeer(group: peers, behave)
        var target = FakeGraphQL.target(port: peer.port)
        target.timing.reply = 1_000_000_000
        target.declared.auth = nil
        // Small pieces cost a debug build much time; the limit itself is tried with large ones.
        target.mostReceived = mostReceived
        let watch = MemoryWatch()
        let clock = ContinuousClock()
        var results: [CaseResult] = []
        let elapsed = try await clock.measure {
            results = try await Play.results(steps, target: target, group: players).map(\.result)
        }
        let memory = watch.end()
        await peer.stop()
        try await peers.shutdownGracefully()
        try await players.shutdownGracefully()
        let result = try #require(results.first)
        // Budget, and what cleaning up may take on a busy machine.
        #expect(elapsed < .seconds(40), "\(elapsed)")
        #expect(memory < 256 << 20, "\(memory >> 20) MiB")
        #expect(verdicts.contains(result.verdict), "\(result.verdict): \(result.reasons.map(\.message))")
    }
}
