import NIOCore

/// Reads what a server sends on one connection and writes it to the history; answers pings and closes.
///
/// Lives on its channel's event loop.
final class WireHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Answers: Sendable {
        var messagePings: Bool
        var controlPings: Bool
        var close: Bool
    }

    private let session: CaseSession
    private let name: String
    private let answers: Answers
    private var response: ResponseParser?
    private var frames = FrameParser()
    private var isUnreadable = false
    private var sentClose = false
    private var endIsRecorded = false
    private var context: ChannelHandlerContext?
    /// How many writes in pieces are under way, and the answers that wait for their end.
    private var holders = 0
    private var held: [RawFrame] = []

    /// - Parameter key: The key that was sent, to check the answer's accept value; nil if none was.
    init(session: CaseSession, name: String, key: String?, answers: Answers) {
        self.session = session
        self.name = name
        self.answers = answers
        self.response = ResponseParser(key: key)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        guard !self.isUnreadable else { return }
        let bytes = Array(buffer.readableBytesView)
        if self.response != nil {
            self.readResponse(bytes, context: context)
        } else {
            self.frames.append(bytes)
            self.readFrames(context: context)
        }
    }

    private func readResponse(_ bytes: [UInt8], context: ChannelHandlerContext?, atEnd: Bool = false) {
        guard var parser = self.response else { return }
        // The parser is one value: taken out, it is not copied.
        self.response = nil
        switch parser.append(bytes, atEnd: atEnd) {
        case .needsMore: self.response = parser
        case .unreadable(let why): self.giveUp(why, Array(parser.received.prefix(1_024)))
        case .response(let response, let rest):
            self.session.record(.responseReceived(response: response), connection: self.name)
            guard response.status == 101 else {
                self.isUnreadable = true
                return
            }
            self.frames.append(rest)
            if let context { self.readFrames(context: context) }
        }
    }

    private func readFrames(context: ChannelHandlerContext) {
        while !self.isUnreadable {
            do throws(FrameParser.TooLong) {
                guard let frame = try self.frames.next() else { return }
                guard self.session.charge(bytes: frame.payload.bytes.count, pieces: 1) else {
                    self.giveUp("the server sent more than a case can keep", [])
                    context.close(promise: nil)
                    return
                }
                let item = self.session.record(.frameReceived(frame: frame), connection: self.name)
                self.answer(frame, item, context: context)
            } catch {
                self.giveUp("a frame announces \(error.announced) bytes", Array(self.frames.rest.prefix(64)))
            }
        }
    }

    private func giveUp(_ why: String, _ bytes: [UInt8]) {
        self.isUnreadable = true
        self.session.record(.unreadable(reason: why, bytes: Bytes(bytes)), connection: self.name)
    }

    private func answer(_ frame: WireFrame, _ item: ConnectionState.Item?, context: ChannelHandlerContext) {
        if frame.opcode == Opcode.ping, self.answers.controlPings {
            self.send(RawFrame(opcode: Opcode.pong, payload: frame.payload.bytes), context: context)
        } else if frame.opcode == Opcode.close, self.answers.close, !self.sentClose {
            self.send(RawFrame(opcode: Opcode.close, payload: Array(frame.payload.bytes.prefix(2))), context: context)
        } else if let item, item.type == "ping", self.answers.messagePings, case .message(let message) = item.content {
            var members: [JSON.Member] = [.init("type", .string("pong"))]
            if let payload = message["payload"] { members.append(.init("payload", payload)) }
            self.send(RawFrame(opcode: Opcode.text, payload: Array(JSON.object(members).text.utf8)), context: context)
        }
    }

    private func send(_ frame: RawFrame, context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        if frame.opcode == Opcode.close { self.sentClose = true }
        guard self.holders == 0 else {
            self.held.append(frame)
            return
        }
        self.session.record(.frameSent(frame: FrameWriter.record(frame)), connection: self.name)
        context.writeAndFlush(
            self.wrapOutboundOut(context.channel.allocator.buffer(bytes: FrameWriter.bytes(frame))), promise: nil)
    }

    /// Answers wait from now on: one of them between the pieces of a frame would be taken for a part of it.
    func hold() { self.holders += 1 }

    /// What waited is sent, unless somebody else still holds it.
    func release() {
        self.holders -= 1
        guard self.holders == 0, let context = self.context else { return }
        let held = self.held
        self.held = []
        for frame in held { self.send(frame, context: context) }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// The scenario sends a close frame itself, so the server's is not answered.
    func willSendClose() { self.sentClose = true }

    func channelInactive(context: ChannelHandlerContext) {
        self.recordEnd(.fin)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset is the only error that says how the server ended; any other ends the connection too.
        let isReset = (error as? IOError)?.errnoCode == 104
        self.recordEnd(isReset ? .reset : .fin)
        context.close(promise: nil)
    }

    /// Our own end of the connection: what comes later is not the server's doing.
    func willCloseLocally() { self.endIsRecorded = true }

    private func recordEnd(_ how: HistoryRecord.Ending) {
        guard !self.endIsRecorded else { return }
        self.endIsRecorded = true
        if self.response != nil { self.readResponse([], context: nil, atEnd: true) }
        self.session.record(.ended(how: how), connection: self.name)
    }
}
