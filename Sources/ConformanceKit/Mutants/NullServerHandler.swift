import COpenSSL
import Foundation
import NIOCore
import Synchronization

/// One connection of a null server. Reads just enough of HTTP and of RFC 6455 to know where a message ends.
final class NullServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The longest request head or frame in bytes that is waited for.
    private static let limit = 32 << 20

    private let kind: NullServer.Kind
    private let room: NullServerRoom
    private var received: [UInt8] = []
    private var isSocket = false

    init(_ kind: NullServer.Kind, room: NullServerRoom) {
        self.kind = kind
        self.room = room
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.received += self.unwrapInboundIn(data).readableBytesView
        guard self.received.count <= Self.limit else {
            context.close(promise: nil)
            return
        }
        while self.isSocket ? self.takeFrame(context) : self.takeRequest(context) {}
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    // MARK: HTTP

    private func takeRequest(_ context: ChannelHandlerContext) -> Bool {
        guard let end = self.received.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: self.received[..<end.lowerBound], as: UTF8.self)
        var fields: [String: String] = [:]
        for line in head.split(separator: "\r\n").dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = line[line.index(after: colon)...]
                .trimmingCharacters(in: .whitespaces)
        }
        let bodyCount = max(0, fields["content-length"].flatMap { Int($0) } ?? 0)
        guard self.received.count - end.upperBound >= bodyCount else { return false }
        self.received.removeFirst(end.upperBound + bodyCount)
        if self.kind != .http, let key = fields["sec-websocket-key"] {
            self.isSocket = true
            self.room.add(context.channel)
            self.send(self.upgradeAnswer(key, offered: fields["sec-websocket-protocol"] ?? ""), context)
            // Status code 4409 in network order (RFC 6455 §5.5.1).
            if self.kind == .close4409 { self.end([17, 57], context) }
        } else {
            self.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".utf8), context)
        }
        return true
    }

    private func upgradeAnswer(_ key: String, offered: String) -> [UInt8] {
        let input = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        _ = SHA1(input, input.count, &digest)
        let first = offered.split(separator: ",").first?.trimmingCharacters(in: .whitespaces)
        let subprotocol = first.map { "Sec-WebSocket-Protocol: \($0)\r\n" } ?? ""
        return Array(
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: \(Data(digest).base64EncodedString())\r\n\(subprotocol)\r\n").utf8)
    }

    // MARK: WebSocket

    private func takeFrame(_ context: ChannelHandlerContext) -> Bool {
        guard let frame = ReceivedFrame(self.received) else { return false }
        self.received.removeFirst(frame.byteCount)
        if frame.opcode == Opcode.close, self.kind != .mute {
            self.end(frame.payload, context)
        } else if self.kind == .echo {
            self.send(Self.frame(frame.opcode, frame.payload), context)
        } else if self.kind == .ack || self.kind == .broadcast {
            self.acknowledge(frame, context)
            if self.kind == .broadcast, frame.opcode == Opcode.text {
                self.room.send(Self.frame(frame.opcode, frame.payload))
            }
        }
        return true
    }

    private func acknowledge(_ frame: ReceivedFrame, _ context: ChannelHandlerContext) {
        if frame.opcode == Opcode.ping { self.send(Self.frame(Opcode.pong, frame.payload), context) }
        guard frame.opcode == Opcode.text, let message = try? JSONParser.parse(frame.payload) else { return }
        switch message["type"]?.stringValue {
        case "connection_init":
            self.send(Self.frame(Opcode.text, Array(#"{"type":"connection_ack"}"#.utf8)), context)
        case "ping":
            let payload = message["payload"].map { ",\"payload\":\($0.text)" } ?? ""
            self.send(Self.frame(Opcode.text, Array("{\"type\":\"pong\"\(payload)}".utf8)), context)
        default: break
        }
    }

    private func end(_ payload: [UInt8], _ context: ChannelHandlerContext) {
        let frame = self.wrapOutboundOut(ByteBuffer(bytes: Self.frame(Opcode.close, payload)))
        context.writeAndFlush(frame, promise: nil)
        context.close(promise: nil)
    }

    /// A whole, unmasked frame (RFC 6455 §5.2).
    private static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ..<126: bytes.append(UInt8(payload.count))
        case ..<65_536: bytes += [126] + Self.bigEndian(payload.count, 2)
        default: bytes += [127] + Self.bigEndian(payload.count, 8)
        }
        return bytes + payload
    }

    private static func bigEndian(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}

/// The WebSockets of one null server.
final class NullServerRoom: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    /// Adds a WebSocket until it closes.
    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        self.channels.withLock { $0[key] = channel }
        channel.closeFuture.whenComplete { [self] _ in self.channels.withLock { $0[key] = nil } }
    }

    /// Sends bytes to every WebSocket.
    func send(_ bytes: [UInt8]) {
        for channel in self.channels.withLock({ Array($0.values) }) {
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        }
    }
}

/// A frame at the beginning of what a client sent.
private struct ReceivedFrame {
    let opcode: UInt8
    let payload: [UInt8]
    /// How many bytes it took.
    let byteCount: Int

    /// `nil` as long as it is not complete.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return nil }
        let isMasked = bytes[1] & 0x80 != 0
        var length = Int(bytes[1] & 0x7F)
        var offset = 2
        let extended = length == 126 ? 2 : length == 127 ? 8 : 0
        if extended > 0 {
            guard bytes.count >= offset + extended else { return nil }
            let announced = bytes[offset..<(offset + extended)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard announced < 1 << 40 else { return nil }
            length = Int(announced)
            offset += extended
        }
        let maskCount = isMasked ? 4 : 0
        guard bytes.count >= offset + maskCount + length else { return nil }
        let mask = bytes[offset..<(offset + maskCount)]
        offset += maskCount
        let body = bytes[offset..<(offset + length)]
        self.payload =
            isMasked
            ? zip(body, 0...).map { $0 ^ mask[mask.startIndex + $1 % 4] } : Array(body)
        self.opcode = bytes[0] & 0x0F
        self.byteCount = offset + length
    }
}
