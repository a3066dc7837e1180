import NIOCore
import NIOPosix
import Synchronization

@testable import ConformanceKit

/// A TCP server on a free port of 127.0.0.1 whose behaviour is a closure. It reads one HTTP request, or upgrades to
/// WebSocket and hands over every frame. It checks nothing.
final class FakePeer: Sendable {
    struct Request: Sendable {
        var method: String
        /// Path and query as sent.
        var target: String
        var headers: [(name: String, value: String)]
        var body: [UInt8]

        func header(_ name: String) -> String? {
            self.headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// What a behaviour hears.
    enum Event: Sendable {
        case request(Request)
        case frame(WireFrame)
        case closed
    }

    /// One connection, as a behaviour sees it.
    final class Peer: Sendable {
        let channel: any Channel
        /// Numbers connections from 1.
        let number: Int
        private let notes = Mutex<[String: String]>([:])

        init(channel: any Channel, number: Int) {
            self.channel = channel
            self.number = number
        }

        subscript(key: String) -> String? {
            get { self.notes.withLock { $0[key] } }
            set { self.notes.withLock { $0[key] = newValue } }
        }

        func send(_ bytes: [UInt8]) { self.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
        func send(_ text: String) { self.send(Array(text.utf8)) }
        func close() { self.channel.close(promise: nil) }

        /// A text frame, unmasked.
        func message(_ text: String) {
            self.send(FrameWriter.bytes(RawFrame(opcode: Opcode.text, payload: Array(text.utf8), masked: false)))
        }

        func answer(_ status: Int, _ body: String, type: String = "application/json") {
            self.send(
                "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        /// A chunk of a body (RFC 9112 §7.1).
        func chunk(_ text: String) {
            self.send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
        }

        func upgrade(_ request: Request, _ subprotocol: String?) {
            let accept = UpgradeRequest.accept(for: request.header("Sec-WebSocket-Key") ?? "")
            let chosen = subprotocol.map { "Sec-WebSocket-Protocol: \($0)\r\n" } ?? ""
            self.send(
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n"
                    + chosen + "\r\n")
        }
    }

    let port: Int
    private let channel: any Channel

    init(
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ behave: @escaping @Sendable (Peer, Event) -> Void
    ) async throws {
        let numbers = Mutex(0)
        let channel = try await ServerBootstrap(group: group)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                let number = numbers.withLock { number in
                    number += 1
                    return number
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Reader(Peer(channel: channel, number: number), behave))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.channel = channel
        self.port = channel.localAddress?.port ?? 0
    }

    func stop() async { try? await self.channel.close() }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let peer: Peer
        private let behave: @Sendable (Peer, Event) -> Void
        private var buffer: [UInt8] = []
        private var frames: FrameParser?

        init(_ peer: Peer, _ behave: @escaping @Sendable (Peer, Event) -> Void) {
            self.peer = peer
            self.behave = behave
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(self.unwrapInboundIn(data).readableBytesView)
            if self.frames != nil {
                self.frames?.append(bytes)
            } else {
                self.buffer += bytes
                while let request = self.nextRequest() {
                    self.behave(self.peer, .request(request))
                    if request.header("Upgrade") != nil {
                        self.frames = FrameParser()
                        self.frames?.append(self.buffer)
                        self.buffer = []
                        break
                    }
                }
            }
            while let frame = try? self.frames?.next() { self.behave(self.peer, .frame(frame)) }
        }

        func channelInactive(context: ChannelHandlerContext) { self.behave(self.peer, .closed) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func nextRequest() -> Request? {
            guard let end = self.buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let head = String(decoding: self.buffer[..<end.lowerBound], as: UTF8.self)
            var lines = head.split(separator: "\r\n")
            let words = lines.removeFirst().split(separator: " ")
            let headers = lines.map { line -> (name: String, value: String) in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
            }
            var request = Request(method: String(words[0]), target: String(words[1]), headers: headers, body: [])
            let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
            guard self.buffer.count >= end.upperBound + length else { return nil }
            request.body = Array(self.buffer[end.upperBound..<end.upperBound + length])
            self.buffer.removeFirst(end.upperBound + length)
            return request
        }
    }
}
