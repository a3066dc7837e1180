import NIOCore

/// One WebSocket with one subscription, which checks what comes and keeps nothing of it. Lives on its channel's loop.
final class LoadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Stage: Int, Sendable { case connecting, upgraded, subscribed, gone }

    private let board: LoadBoard
    private let topic: Int
    private let subscription: [UInt8]
    private let key: String
    private var response: ResponseParser?
    /// The beginning of a frame of which the rest has not come.
    private var rest: [UInt8] = []
    private var stage = Stage.connecting
    private(set) var ledger = DeliveryLedger()

    /// - Parameter subscription: The `subscribe` message.
    init(board: LoadBoard, topic: Int, subscription: [UInt8], key: String) {
        self.board = board
        self.topic = topic
        self.subscription = subscription
        self.key = key
        self.response = ResponseParser(key: key)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        guard self.stage != .gone else { return }
        if var parser = self.response {
            self.response = nil
            switch parser.append(Array(buffer.readableBytesView)) {
            case .needsMore: self.response = parser
            case .unreadable(let why): self.fail("the answer to the upgrade: \(why)", context)
            case .response(let response, let rest):
                guard response.status == 101, response.acceptIsRight == true else {
                    self.fail("the upgrade was answered with \(response.status)", context)
                    return
                }
                self.move(to: .upgraded)
                self.send(Opcode.text, Array(#"{"type":"connection_init"}"#.utf8), context)
                rest.withUnsafeBufferPointer { self.read($0, context) }
            }
        } else if self.rest.isEmpty {
            // Most of what comes is whole frames, which are read where they are.
            buffer.withUnsafeReadableBytes { self.read($0.assumingMemoryBound(to: UInt8.self), context) }
        } else {
            var whole = self.rest
            self.rest = []
            whole.append(contentsOf: buffer.readableBytesView)
            whole.withUnsafeBufferPointer { self.read($0, context) }
        }
    }

    /// Takes every whole frame, and keeps what is left.
    private func read(_ bytes: UnsafeBufferPointer<UInt8>, _ context: ChannelHandlerContext) {
        let before = self.ledger.delivered
        var left = bytes
        do {
            while self.stage != .gone, let head = try FrameParser.head(left) {
                self.take(head, UnsafeBufferPointer(rebasing: left[head.payload..<head.end]), context)
                left = UnsafeBufferPointer(rebasing: left[head.end...])
            }
            if !left.isEmpty, self.stage != .gone { self.rest = Array(left) }
        } catch {
            self.fail("a frame is too long", context)
        }
        // Told once for everything that came together.
        let fresh = self.ledger.delivered - before
        if fresh > 0 { self.board.delivered(fresh) }
    }

    private func take(
        _ head: FrameParser.Head, _ payload: UnsafeBufferPointer<UInt8>, _ context: ChannelHandlerContext
    ) {
        guard !head.isMasked, head.rsv == 0, head.fin else {
            self.fail("a frame is masked, compressed or in pieces", context)
            return
        }
        switch head.opcode {
        case Opcode.text:
            let isEvent = self.board.mark.find(in: payload) { topic, number in
                // Number 0 is a probe, of which there may be any number.
                if topic != self.topic { self.ledger.takeForeign() } else if number > 0 { self.ledger.take(number) }
            }
            if isEvent { self.wasHeard() } else { self.takeMessage(Array(payload), context) }
        case Opcode.ping: self.send(Opcode.pong, Array(payload), context)
        case Opcode.pong: return
        case Opcode.close: self.fail("the server closed a connection", context)
        default: self.fail("a frame has opcode \(head.opcode)", context)
        }
    }

    private var heard = false

    /// The first event shows that the subscription is live.
    private func wasHeard() {
        guard !self.heard else { return }
        self.heard = true
        self.board.heard()
    }

    private func takeMessage(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        let message = try? JSONParser.parse(bytes)
        switch message?["type"]?.stringValue {
        case "connection_ack":
            self.send(Opcode.text, self.subscription, context)
            self.move(to: .subscribed)
        case "ping": self.send(Opcode.text, Array(#"{"type":"pong"}"#.utf8), context)
        case "pong": return
        default: self.fail("unexpected: \(String(decoding: bytes.prefix(200), as: UTF8.self))", context)
        }
    }

    private func move(to stage: Stage) {
        self.stage = stage
        self.board.reached(stage)
    }

    private func send(_ opcode: UInt8, _ payload: [UInt8], _ context: ChannelHandlerContext) {
        let bytes = FrameWriter.bytes(RawFrame(opcode: opcode, payload: payload))
        context.writeAndFlush(self.wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    private func fail(_ why: String, _ context: ChannelHandlerContext) {
        guard self.stage != .gone else { return }
        self.stage = .gone
        self.board.failed(why)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard self.stage != .gone else { return }
        self.stage = .gone
        if !self.board.isClosing { self.board.failed("a connection ended") }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.fail("\(error)", context) }
}
