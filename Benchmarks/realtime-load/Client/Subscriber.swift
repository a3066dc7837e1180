import Glibc
import NIOCore

/// One client: a WebSocket with one subscription on one topic.
final class Subscriber: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Stage: Comparable {
        case connecting
        case upgrading
        case initialising
        case subscribed
        /// An event has come.
        case live
        case gone
    }

    let topic: String
    private(set) var stage = Stage.connecting
    /// The number of the last event, by which gaps, repetitions and swaps are seen.
    private(set) var lastNumber: UInt64 = 0
    /// Whether an event has come since this was last set to false.
    var hasHeard = false
    private unowned let fleet: Fleet
    private let authorization: String?
    private var head: [UInt8] = []
    private var cutter = FrameCutter()
    private var context: ChannelHandlerContext?
    private var pingSentAt: NIODeadline?

    init(topic: String, authorization: String?, fleet: Fleet) {
        self.topic = topic
        self.authorization = authorization
        self.fleet = fleet
    }

    var channel: (any Channel)? { self.context?.channel }

    /// Asks for a pong, unless one is awaited.
    func ping() {
        guard self.pingSentAt == nil, self.stage >= .subscribed, self.stage != .gone else { return }
        self.pingSentAt = .now()
        self.write(FrameCutter.frame(.ping, []))
    }

    /// How long a pong has been awaited; nil when none is.
    var waitsForPong: TimeAmount? { self.pingSentAt.map { .now() - $0 } }

    /// Ends TCP with a reset instead of an orderly end.
    func reset() {
        guard let channel = self.context?.channel, let options = channel as? any SocketOptionProvider else { return }
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    /// Closes TCP.
    func close() {
        self.context?.close(promise: nil)
    }

    /// Whether the client reads what is sent to it.
    func setReading(_ reads: Bool) {
        _ = self.context?.channel.setOption(.autoRead, value: reads)
        if reads { self.context?.read() }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        self.enter(.upgrading)
        self.write(Array(self.fleet.target.handshake.utf8))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.leave()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        if self.stage == .upgrading, !self.endsHead(&bytes) { return }
        self.cutter.feed(&bytes)
        while let (opcode, payload) = self.cutter.next() {
            self.received(opcode, payload)
        }
    }

    /// Whether the head of the answer to the handshake has come whole. `bytes` keeps what follows it.
    private func endsHead(_ bytes: inout ByteBuffer) -> Bool {
        while let byte: UInt8 = bytes.readInteger() {
            self.head.append(byte)
            guard self.head.count >= 4, self.head.suffix(4) == [13, 10, 13, 10] else { continue }
            guard self.head.starts(with: Array("HTTP/1.1 101".utf8)) else {
                self.fleet.failed(self, String(decoding: self.head.prefix(64), as: UTF8.self))
                self.close()
                return false
            }
            self.head = []
            self.enter(.initialising)
            let payload = self.authorization.map { #","payload":{"Authorization":"Bearer \#($0)"}"# } ?? ""
            self.write(FrameCutter.frame(.text, Array(#"{"type":"connection_init"\#(payload)}"#.utf8)))
            return true
        }
        return false
    }

    private func received(_ opcode: UInt8, _ payload: ByteBuffer) {
        switch FrameCutter.Opcode(rawValue: opcode) {
        case .text: self.received(payload)
        case .ping: self.write(FrameCutter.frame(.pong, Array(buffer: payload)))
        case .pong:
            guard let sentAt = self.pingSentAt else { return }
            self.pingSentAt = nil
            self.fleet.ponged(.now() - sentAt)
        case .close: self.close()
        case nil: break
        }
    }

    private func received(_ message: ByteBuffer) {
        if let event = EventText.find(in: message) {
            if self.stage == .subscribed { self.enter(.live) }
            self.hasHeard = true
            self.fleet.received(event, after: self.lastNumber)
            if event.number > 0 { self.lastNumber = max(self.lastNumber, event.number) }
        } else if self.stage == .initialising {
            let text = String(buffer: message)
            guard text.contains("connection_ack") else { return self.fleet.failed(self, text) }
            self.enter(.subscribed)
            let subscribe = self.fleet.target.subscribe(to: self.topic)
            self.write(FrameCutter.frame(.text, Array(subscribe.utf8)))
        } else {
            self.fleet.failed(self, String(buffer: message))
        }
    }

    private func enter(_ stage: Stage) {
        self.fleet.moved(from: self.stage, to: stage)
        self.stage = stage
    }

    private func leave() {
        guard self.stage != .gone else { return }
        self.pingSentAt = nil
        self.enter(.gone)
        self.fleet.left(self)
    }

    private func write(_ bytes: [UInt8]) {
        guard let context = self.context, self.stage != .gone else { return }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}

/// Where a server is and how it is spoken to.
struct Target: Sendable {
    let port: Int
    var path = "/graphql"

    var handshake: String {
        """
        GET \(self.path) HTTP/1.1\r\nHost: 127.0.0.1:\(self.port)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n
        """
    }

    func subscribe(to topic: String) -> String {
        #"{"id":"1","type":"subscribe","payload":{"query":"subscription ($t: String!) { topic(name: $t) }","variables":{"t":"\#(topic)"}}}"#
    }
}
