import GraphQLCore
import Logging
import NIOCore
import NIOEmbedded
import SubscriptionProtocols

@testable import SubscriptionServer

/// One connection in memory, whose clock stands still until told.
struct Harness {
    let channel = NIOAsyncTestingChannel()
    let stage = Stage()
    let server: ServerContext

    init(misbehaviour: Misbehaviour? = nil, configure: (inout ServerConfiguration) -> Void = { _ in }) throws {
        var configuration = ServerConfiguration()
        configuration.testMode = TestMode(misbehaviour: misbehaviour)
        configure(&configuration)
        let engine = try TestSchema.engine(self.stage)
        let metrics = ServerMetrics()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let gate = TestGate(stage: self.stage)
        let limiter = LimitKeeper(
            configuration.limitPolicy, metrics: metrics, logger: logger, misbehaviour: misbehaviour)
        let sources = SourceDirectory(queueLimit: 100, metrics: metrics, logger: logger, misbehaviour: misbehaviour)
        let runner = EngineRunner(
            engine: engine, limiter: limiter, sources: sources, metrics: metrics, logger: logger)
        let operations = HTTPOperations(
            configuration: configuration, engine: engine, runner: runner, gate: gate, limiter: limiter,
            metrics: metrics,
            logger: logger, live: LiveConnections())
        self.server = ServerContext(
            configuration: configuration, gate: gate, runner: runner,
            responder: ServerResponder(
                operations: operations, routes: RouteTable([]), probes: [], isAccepting: { true }),
            limiter: limiter, metrics: metrics, logger: logger, live: operations.live,

            deviations: misbehaviour.flatMap { $0.isBelowDialects ? nil : Deviations($0) })
    }

    /// A connection that is ready for the first byte.
    func start() async throws {
        let child = RealtimeChannel(server: self.server)
        try await self.channel.testingEventLoop.executeInContext {
            try child.configure(self.channel)
        }
        try await self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    }

    /// A connection that is a WebSocket.
    /// - Parameter protocols: the subprotocols to offer, in order.
    func open(offering protocols: String = "graphql-transport-ws") async throws {
        try await self.start()
        try await self.write(Wire.head(Wire.request.dropLast() + ["Sec-WebSocket-Protocol: \(protocols)"]))
        guard String(decoding: try await self.output(), as: UTF8.self).hasPrefix("HTTP/1.1 101 ") else {
            throw Wire.Broken("not upgraded")
        }
    }

    /// A connection that is acknowledged.
    func ready() async throws {
        try await self.open()
        try await self.send(#"{"type":"connection_init"}"#)
        let ack = try await self.channel.waitForOutboundWrite(as: ByteBuffer.self)
        guard String(buffer: ack).hasSuffix(#"{"type":"connection_ack"}"#) else { throw Wire.Broken("no ack") }
    }

    /// A connection of the legacy dialect that is acknowledged.
    func readyLegacy() async throws {
        try await self.open(offering: "graphql-ws")
        try await self.send(#"{"type":"connection_init"}"#)
        let ack = try await self.channel.waitForOutboundWrite(as: ByteBuffer.self)
        guard String(buffer: ack).hasSuffix(#"{"type":"ka"}"#) else { throw Wire.Broken("no ack and ka") }
    }

    func write(_ bytes: [UInt8]) async throws {
        try await self.channel.writeInbound(ByteBuffer(bytes: bytes))
        // The decoder is removed in steps, and gives up the bytes behind the handshake in the last.
        for _ in 0..<4 {
            await self.channel.testingEventLoop.run()
        }
    }

    func write(_ text: String) async throws {
        try await self.write(Array(text.utf8))
    }

    func send(_ texts: String...) async throws {
        try await self.write(texts.flatMap { ClientFrame(text: $0).bytes })
    }

    func send(_ frame: ClientFrame) async throws {
        try await self.write(frame.bytes)
    }

    /// The peer takes nothing from now on.
    func block() async {
        await self.setWritable(false)
    }

    /// The peer takes everything again.
    func unblock() async {
        await self.setWritable(true)
    }

    private func setWritable(_ isWritable: Bool) async {
        self.channel.isWritable = isWritable
        self.channel.pipeline.fireChannelWritabilityChanged()
        await self.channel.testingEventLoop.run()
    }

    func advance(by time: TimeAmount) async {
        await self.channel.testingEventLoop.advanceTime(by: time)
    }

    /// Lets a source deliver all that it has. It leaves what comes while it delivers for a turn that is due a moment
    /// later, and time stands still here.
    func deliver() async {
        await self.advance(by: .microseconds(200))
    }

    /// Everything written since the last call.
    func output() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try await self.channel.readOutbound(as: ByteBuffer.self) {
            bytes += Array(buffer.readableBytesView)
        }
        return bytes
    }

    /// The frames written since the last call, one line each, of up to 64 KiB.
    /// - Parameter separator: what has to be skipped first, with all that precedes it.
    func lines(after separator: [UInt8] = []) async throws -> [String] {
        var rest = try await self.output()[...]
        while !rest.isEmpty, !rest.starts(with: separator) {
            rest = rest.dropFirst()
        }
        rest = rest.dropFirst(separator.count)
        var lines: [String] = []
        while let opcode = rest.popFirst(), let short = rest.popFirst() {
            var length = Int(short)
            if short == 126, let high = rest.popFirst(), let low = rest.popFirst() {
                length = Int(high) << 8 | Int(low)
            }
            let payload = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            switch opcode {
            case 0x81: lines.append(String(decoding: payload, as: UTF8.self))
            case 0x88 where payload.count >= 2:
                let code = Int(payload[0]) << 8 | Int(payload[1])
                lines.append("close \(code) \(String(decoding: payload[2...], as: UTF8.self))")
            default: lines.append("\(String(opcode & 0x0F, radix: 16)) \(payload)")
            }
        }
        return lines
    }
}
