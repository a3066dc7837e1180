import Crypto
import Foundation
import NIOCore
import NIOPosix
import RealtimeClient
import TestSupport
import Testing

/// A server that does not wait between its answer to the handshake and its first messages.
@Suite(.timeLimit(.minutes(1))) struct HastyServerTests {
    /// Answers the handshake and sends three messages; both in one write, up to a place where the bytes are parted.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let laterBytes: Int
        private var request = ""

        init(laterBytes: Int) {
            self.laterBytes = laterBytes
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.request += String(buffer: self.unwrapInboundIn(data))
            guard self.request.hasSuffix("\r\n\r\n"),
                let key = self.request.firstMatch(of: /(?i)sec-websocket-key: (\S+)\r\n/)?.1
            else { return }
            let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
            var bytes = Array(
                """
                HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Accept: \(Data(digest).base64EncodedString())\r\n\r\n
                """.utf8)
            for number in 1...3 {
                let text = #"{"event_type":"hasty","number":\#(number)}"#
                bytes += [0x81, UInt8(text.utf8.count)] + Array(text.utf8)
            }
            let first = bytes.dropLast(self.laterBytes)
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: first)), promise: nil)
            guard self.laterBytes > 0 else { return }
            let rest = self.wrapOutboundOut(ByteBuffer(bytes: bytes.suffix(self.laterBytes)))
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let content = NIOLoopBound(rest, eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(50)) {
                bound.value.writeAndFlush(content.value, promise: nil)
            }
        }
    }

    @Test("What comes with the answer to the handshake is read behind it", arguments: [0, 1, 50, 100])
    func firstMessages(laterBytes: Int) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(laterBytes: laterBytes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let client = try RealtimeClient(.init(url: "ws://127.0.0.1:\(port)/", speech: .socket))
        client.start()
        try await eventually("three messages") { client.history.count == 3 }
        #expect(client.history.map { $0["number"]?.integer } == [1, 2, 3])
        #expect(client.state == .connected)
        client.close()
        try await server.close()
    }
}
