import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols

/// One WebSocket on its event loop: reads frames for its speaker and writes what that says, in batches; keeps the
/// connection alive and closes it in order.
///
/// No task belongs to a socket while it is idle; it costs this object, its speaker and one timer.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How far the closing handshake is (RFC 6455 §7). Each stage is followed only by those after it.
    enum Stage {
        /// No close frame either way.
        case open
        /// The server has sent its close frame and waits for the client's.
        case closeSent
        /// Both sent theirs, or the client broke the framing. The server has ended its side of TCP.
        case ending
        /// TCP is gone.
        case gone
    }

    let server: ServerContext
    /// The request that was upgraded, until the client was admitted: an idle connection keeps no header fields.
    private var request: Boxed<HandshakeFacts>?
    private(set) var context: ChannelHandlerContext?
    /// Nil once it was called.
    private var makeSpeaker: ((WebSocketHandler, any EventLoop) -> (any SocketSpeaker)?)?
    /// Present while the socket is open and somebody speaks on it.
    var speaker: (any SocketSpeaker)?
    /// As whom the client may be here; nil before it was admitted.
    private(set) var identity: (any ExecutionContext)?
    /// The socket among all connections, while it is open and its client was admitted.
    var live: LiveConnection?
    /// The place of the connection below the limits of the server and its address; free when TCP is gone.
    let place: LimitLease
    /// The place of the connection below the limits of its tenant and user; free when the socket closes.
    var membership = LimitLease.none
    /// Whether a misbehaving server never gives them back.
    var keepsPlaces = false
    var meter: MessageMeter
    /// Why the message at hand is beyond the rate, where that does not close the socket.
    var rateRefusal: LimitRefusal? { self.refusedByRate?.value }
    private var refusedByRate: Boxed<LimitRefusal>?

    var stage = Stage.open
    var reader: FrameReader
    var outgoing = OutgoingFrames()

    /// The timer of the closing handshake: waiting for the echo, or for the end of TCP.
    var deadline: Scheduled<Void>?
    var keepAlivePlace = KeepAliveQueue.Place.none
    var awaitsPong = false
    var hasInputEnded = false

    /// Where the connection belongs in a trace, as far as its client says.
    var trace: TraceContext?
    var received = 0
    var sent = 0

    /// Whether the peer takes what is written.
    private(set) var pressure: WritePressure?
    /// Whether the peer takes nothing at present, so that events have to wait.
    var isBlocked: Bool { self.pressure?.isBlocked ?? false }

    /// What this socket's frames do wrong on purpose; nil in earnest.
    let deviation: FrameDeviation?
    /// How this socket misreads frames on purpose; nil in earnest.
    var incoming: IncomingDeviation?
    /// How this socket spoils frames on purpose; nil in earnest.
    let spoiling: OutgoingDeviation?

    /// - Parameters:
    ///   - handshake: the request that was upgraded.
    ///   - place: the place of the connection below the limits of the server and its address.
    ///   - readsBinary: whether binary messages are given to the speaker, and not only reported.
    ///   - makeSpeaker: makes what speaks on the socket; nil when no offered subprotocol is spoken here, which closes
    ///     the socket with 4406.
    init(
        server: ServerContext, handshake: HandshakeFacts, place: LimitLease, readsBinary: Bool = false,
        makeSpeaker: @escaping (WebSocketHandler, any EventLoop) -> (any SocketSpeaker)?
    ) {
        self.server = server
        self.request = Boxed(handshake)
        self.place = place
        self.trace = TraceContext(handshake)
        self.meter = MessageMeter(server.limiter)
        self.makeSpeaker = makeSpeaker
        self.reader = FrameReader(
            messageLimit: server.configuration.limits.messageBytes, readsBinary: readsBinary,
            lenience: server.misbehaviour?.lenience ?? [])
        self.deviation = server.misbehaviour.map { FrameDeviation(misbehaviour: $0) }
        self.incoming = IncomingDeviation(server.misbehaviour)
        self.spoiling = OutgoingDeviation(server.misbehaviour)
    }

    /// The request that was upgraded; of an admitted client only its address.
    var handshake: HandshakeFacts { self.request?.value ?? HandshakeFacts(target: "", peer: self.live?.peer) }

    /// The client was admitted, by the dialect's initialisation or before the upgrade.
    /// - Parameters:
    ///   - membership: its place below the limits of its tenant and user.
    ///   - transport: what is spoken on the socket.
    func admitted(
        _ admission: ConnectionAdmission, holding membership: LimitLease, as transport: LiveConnection.Transport
    ) {
        self.identity = admission.context
        self.membership = membership
        self.enlist(admission.principal, as: transport)
        self.meter.join(admission.principal.tenant)
        self.request = nil
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.server.metrics.sockets.add()
        self.server.metrics.socketsTotal.add()
        self.server.logger.record(
            .socketOpened(peer: self.handshake.peer, target: self.server.logged(self.handshake.target)))
        self.watchPressure(context)
        self.speaker = self.makeSpeaker?(self, context.eventLoop)
        self.makeSpeaker = nil
        if let speaker = self.speaker {
            speaker.opened()
            self.scheduleKeepAlive()
        } else {
            self.close(.subprotocolNotAcceptable)
        }
        self.flush()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.disconnected()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.stage == .open || self.stage == .closeSent else { return }
        if self.incoming == nil {
            self.read(self.unwrapInboundIn(data))
        } else {
            self.misread(self.unwrapInboundIn(data))
        }
    }

    /// Acts on every frame that the bytes complete.
    func read(_ bytes: ByteBuffer) {
        self.reader.feed(bytes)
        while let event = self.reader.next() {
            self.handle(event)
            guard self.stage == .open || self.stage == .closeSent else { break }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.speaker?.readCompleted()
        self.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isNews = self.pressure?.writabilityChanged() ?? self.watchPressure(context)
        if isNews, !self.isBlocked {
            self.speaker?.writable()
            self.flush()
        }
        context.fireChannelWritabilityChanged()
    }

    /// Begins to watch whether the peer takes what is written, when it does not for the first time.
    /// - Returns: whether that is so.
    @discardableResult
    private func watchPressure(_ context: ChannelHandlerContext) -> Bool {
        guard self.pressure == nil, !context.channel.isWritable else { return false }
        self.pressure = WritePressure(server: self.server, channel: context.channel) { [weak self] in self?.drop() }
        return true
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.disconnected()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // A WebSocket has no half: a client that ends its side without a close frame has left.
            self.hasInputEnded = true
            self.disconnected()
            context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            self.close(.goingAway)
            self.flush()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset, mostly. Whatever it is, the connection is of no use.
        self.disconnected()
        context.close(promise: nil)
    }

    // MARK: Frames

    /// Counts a message before anybody looks at it. False when it closed the socket.
    private func admitsByRate() -> Bool {
        guard self.stage == .open, let now = self.context?.eventLoop.now else { return true }
        let refusal = self.meter.count(now: now)
        self.refusedByRate = refusal.map { Boxed($0) }
        guard let refusal, self.meter.action == .close else { return true }
        self.close(refusal.close)
        return false
    }

    private func handle(_ event: FrameReader.Event) {
        switch event {
        case .text(let message):
            self.received += 1
            guard self.admitsByRate() else { return }
            self.speaker?.received(message)
        case .binary(let message):
            guard self.deviation?.ignoresBinary != true else { return }
            self.received += 1
            guard self.admitsByRate() else { return }
            self.speaker?.received(binary: message)
        case .ping(let payload):
            guard self.stage == .open else { return }
            self.outgoing.appendControl(.pong, self.deviation?.pongPayload(payload) ?? payload)
        case .pong:
            self.awaitsPong = false
        case .close(let status):
            self.peerClosed(status)
        case .violation(let close):
            if self.stage == .open {
                self.close(close, endsAtOnce: true)
            } else {
                self.end()
            }
        }
    }
}
