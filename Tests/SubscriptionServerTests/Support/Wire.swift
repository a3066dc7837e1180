import Glibc
import GraphQLCore
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A TCP connection of a test: writes bytes as it likes, and reads the server's frames strictly.
struct Wire {
    /// One frame of the server.
    struct Frame: Equatable {
        var opcode: UInt8
        var payload: [UInt8]

        var text: String { String(decoding: self.payload, as: UTF8.self) }
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()
    /// Messages that contain this are not of interest.
    var ignored: String?

    /// - Parameter tls: how to speak TLS; nil to speak without it.
    static func connect<Result: Sendable>(
        port: Int, tls: NIOSSLContext? = nil, _ body: (inout Wire) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var wire = Wire(channel: channel.channel, outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&wire)
        }
    }

    // MARK: Writing

    func write(_ bytes: [UInt8]) async throws {
        try await self.outbound.write(ByteBuffer(bytes: bytes))
    }

    func write(_ text: String) async throws {
        try await self.write(Array(text.utf8))
    }

    /// Sends messages, each in one frame, all in one write.
    func send(_ texts: String...) async throws {
        try await self.write(texts.flatMap { ClientFrame(text: $0).bytes })
    }

    func send(_ frames: ClientFrame...) async throws {
        try await self.write(frames.flatMap(\.bytes))
    }

    /// Ends the writing side, as a client does that leaves without a word.
    func finish() {
        self.outbound.finish()
    }

    /// Resets the connection.
    func reset() async throws {
        let options = try #require(self.channel as? any SocketOptionProvider)
        try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await self.channel.close()
    }

    // MARK: Reading

    private mutating func more() async throws -> Bool {
        guard var bytes = try await self.inbound.next() else { return false }
        self.buffer.writeBuffer(&bytes)
        return true
    }

    /// The next frame; nil at the end of the stream. Fails for anything that no server may send.
    mutating func frame() async throws -> Frame? {
        while true {
            if let frame = try self.bufferedFrame() { return frame }
            guard try await self.more() else {
                guard self.buffer.readableBytes == 0 else { throw Broken("the stream ends inside a frame") }
                return nil
            }
        }
    }

    private mutating func bufferedFrame() throws -> Frame? {
        var copy = self.buffer
        guard let first: UInt8 = copy.readInteger(), let second: UInt8 = copy.readInteger() else { return nil }
        guard first & 0x80 != 0 else { throw Broken("fragmented") }
        guard first & 0x70 == 0 else { throw Broken("reserved bits") }
        guard second & 0x80 == 0 else { throw Broken("masked") }
        var length = Int(second & 0x7F)
        if length == 126 {
            guard let long: UInt16 = copy.readInteger() else { return nil }
            guard long > 125 else { throw Broken("length not minimal") }
            length = Int(long)
        } else if length == 127 {
            guard let long: UInt64 = copy.readInteger() else { return nil }
            guard long > 0xFFFF else { throw Broken("length not minimal") }
            length = Int(long)
        }
        guard let payload = copy.readBytes(length: length) else { return nil }
        if first & 0x0F == 1, String(validating: payload, as: UTF8.self) == nil { throw Broken("not UTF-8") }
        self.buffer = copy
        return Frame(opcode: first & 0x0F, payload: payload)
    }

    /// The next message, which must be text. Pings are answered.
    mutating func text() async throws -> String {
        guard let frame = try await self.frame() else { throw Broken("the stream has ended") }
        if frame.opcode == 9 {
            try await self.send(ClientFrame(10, frame.payload))
            return try await self.text()
        }
        guard frame.opcode == 1 else { throw Broken("not a text frame: \(frame)") }
        if let ignored = self.ignored, frame.text.contains(ignored) { return try await self.text() }
        return frame.text
    }

    /// Bytes up to a blank line.
    mutating func head() async throws -> String {
        while true {
            let bytes = Array(self.buffer.readableBytesView)
            if let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) }) {
                self.buffer.moveReaderIndex(forwardBy: end + 4)
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            guard try await self.more() else { throw Broken("the stream ends in a head") }
        }
    }

    /// Bytes up to the end of a line.
    mutating func line() async throws -> String {
        while true {
            let bytes = Array(self.buffer.readableBytesView)
            if let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10]) }) {
                self.buffer.moveReaderIndex(forwardBy: end + 2)
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            guard try await self.more() else { throw Broken("the stream ends in a line") }
        }
    }

    /// Exactly that many bytes.
    mutating func bytes(_ count: Int) async throws -> [UInt8] {
        while self.buffer.readableBytes < count {
            guard try await self.more() else { throw Broken("the stream ends early") }
        }
        return self.buffer.readBytes(length: count) ?? []
    }

    /// Everything up to the end of the stream; a reset counts as the end.
    mutating func rest() async -> [UInt8] {
        while (try? await self.more()) == true {}
        return self.buffer.readBytes(length: self.buffer.readableBytes) ?? []
    }

    // MARK: The dialect

    static let request = [
        "GET /graphql HTTP/1.1", "Host: test", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: graphql-transport-ws",
    ]

    static func head(_ lines: [String]) -> String {
        lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    mutating func upgrade() async throws {
        try await self.write(Self.head(Self.request))
        let head = try await self.head()
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw Broken(head) }
    }

    /// Asks for a WebSocket; returns the head of the answer, which must be 101.
    @discardableResult
    mutating func upgrade(
        _ path: String = "/graphql", offering protocols: String? = nil, fields: [String] = []
    ) async throws -> String {
        let offer = protocols.map { ["Sec-WebSocket-Protocol: \($0)"] } ?? []
        try await self.write(
            Self.head(["GET \(path) HTTP/1.1"] + Self.request[1..<6] + offer + fields))
        let head = try await self.head()
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw Broken(head) }
        return head
    }

    mutating func initialise(_ payload: JSONObject? = nil) async throws {
        try await self.send(
            payload.map { #"{"type":"connection_init","payload":\#(JSONValue.object($0).text)}"# }
                ?? #"{"type":"connection_init"}"#)
        let ack = try await self.text()
        guard ack.hasPrefix(#"{"type":"connection_ack""#) else { throw Broken(ack) }
    }

    func subscribe(_ id: String, _ query: String, variables: JSONObject? = nil) async throws {
        try await self.send(Self.subscribe(id, query, variables: variables))
    }

    static func subscribe(_ id: String, _ query: String, variables: JSONObject? = nil) -> String {
        var payload: JSONObject = ["query": .string(query)]
        payload["variables"] = variables.map { .object($0) }
        return JSONValue.object(["id": .string(id), "type": "subscribe", "payload": .object(payload)]).text
    }

    /// A `start` message of the legacy dialect.
    static func start(_ id: String, _ query: String, _ variables: JSONObject? = nil) -> String {
        var payload: JSONObject = ["query": .string(query)]
        payload["variables"] = variables.map { .object($0) }
        return JSONValue.object(["id": .string(id), "type": "start", "payload": .object(payload)]).text
    }

    func complete(_ id: String) async throws {
        try await self.send(JSONValue.object(["id": .string(id), "type": "complete"]).text)
    }

    /// Everything that the client has sent so far was received, and everything until then is returned.
    mutating func fence() async throws -> [String] {
        try await self.send(#"{"type":"ping","payload":{"fence":true}}"#)
        var before: [String] = []
        while true {
            let text = try await self.text()
            if text == #"{"type":"pong","payload":{"fence":true}}"# { return before }
            before.append(text)
        }
    }

    /// The close frame that must come next, and after it the end of the stream.
    mutating func close() async throws -> (code: Int?, reason: String) {
        guard let frame = try await self.frame() else { throw Broken("no close frame") }
        guard frame.opcode == 8 else { throw Broken("not a close frame: \(frame.text)") }
        guard frame.payload.count <= 125 else { throw Broken("close frame too long") }
        guard frame.payload.count >= 2 else { return (nil, "") }
        let reason = String(validating: frame.payload.dropFirst(2), as: UTF8.self)
        return (Int(frame.payload[0]) << 8 | Int(frame.payload[1]), try #require(reason))
    }

    /// The close frame that must come next, as one line; echoes it and expects the end of the stream.
    mutating func closeLine() async throws -> String {
        let (code, reason) = try await self.close()
        try await self.send(ClientFrame(close: UInt16(code ?? 1000)))
        guard try await self.frame() == nil else { throw Broken("a frame after the close frame") }
        return "\(code.map(String.init) ?? "none") \(reason)"
    }
}

/// A frame of a client, right or wrong.
struct ClientFrame {
    var isFinal = true
    var reserved: UInt8 = 0
    var opcode: UInt8
    var mask: [UInt8]? = [0x12, 0x34, 0x56, 0x78]
    var payload: [UInt8]
    /// 7, 16 or 64; nil for the shortest form.
    var lengthBits: Int?

    init(_ opcode: UInt8, _ payload: [UInt8] = []) {
        self.opcode = opcode
        self.payload = payload
    }

    init(text: String) {
        self.init(1, Array(text.utf8))
    }

    init(close code: UInt16, _ reason: String = "") {
        self.init(8, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + Array(reason.utf8))
    }

    var bytes: [UInt8] {
        var bytes = [(self.isFinal ? 0x80 : 0) | self.reserved << 4 | self.opcode]
        let maskBit: UInt8 = self.mask == nil ? 0 : 0x80
        let count = self.payload.count
        switch self.lengthBits ?? (count <= 125 ? 7 : count <= 0xFFFF ? 16 : 64) {
        case 7: bytes.append(maskBit | UInt8(count))
        case 16: bytes += [maskBit | 126, UInt8(count >> 8), UInt8(truncatingIfNeeded: count)]
        default: bytes += [maskBit | 127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        }
        if let mask = self.mask {
            bytes += mask
            bytes += self.payload.enumerated().map { $1 ^ mask[$0 % 4] }
        } else {
            bytes += self.payload
        }
        return bytes
    }

    func with(_ change: (inout ClientFrame) -> Void) -> ClientFrame {
        var copy = self
        change(&copy)
        return copy
    }
}
