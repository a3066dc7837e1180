import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// What one socket of a misbehaving server does instead of the right thing. Bound to the socket's event loop; the
/// socket asks at each point where it could go wrong.
final class SocketDeviation {
    let shared: Deviations
    let misbehaviour: Misbehaviour

    /// The operations that hold an id, by id.
    var open: [OperationID: OperationToken] = [:] {
        didSet { self.holder.map { self.shared.note(Set(self.open.keys), of: $0) } }
    }
    /// The socket, where others want to know its operations.
    private var holder: ObjectIdentifier?
    /// Operations of which the session knows nothing any more and that go on all the same.
    var unregistered: Set<OperationToken> = []
    /// Keeps operations alive that the session has forgotten.
    var adrift: [any OperationHandle] = []
    /// Whether an operation has one result, as far as its document tells.
    var isSingle: [OperationToken: Bool] = [:]
    /// Ids that should be free and are not.
    var kept: Set<OperationID> = []
    /// Ids used since the last read was complete.
    var burst: Set<OperationID> = []
    /// Messages that wait for an operation, or for a decision.
    var waiting: [ByteBuffer] = []
    /// Operations that came before their time.
    var early: [(OperationID, SubscribePayload)] = []
    /// Ids by canonical equivalence, for that is how Swift compares strings.
    var spellings: [String: String] = [:]
    /// Results that travel with the end of their operation.
    var results: [OperationToken: ByteBuffer] = [:]
    /// What was wrong with a message of the read at hand.
    var invalid: InvalidMessage?
    /// The last ping of the read at hand.
    var ping: ClientMessage?
    /// Pings that wait for the end of operations.
    var pingsForLater: [ClientMessage] = []
    /// How often the client asked for admission in the read in which it first did.
    var initsInRead = 0
    private var extraAcks = 0
    /// Whether the admission is for an operation that came without init.
    var isIntruding = false
    private var intruders: [Task<Void, Never>] = []

    init(_ shared: Deviations) {
        self.shared = shared
        self.misbehaviour = shared.misbehaviour
    }

    deinit {
        self.intruders.forEach { $0.cancel() }
    }

    // MARK: The connection

    func opened(_ socket: TransportWSSpeaker) {
        self.shared.add(socket, on: socket.connection.eventLoop)
        if self.misbehaviour == .idsSharedBetweenSockets || self.misbehaviour == .eventsCrossSockets {
            self.holder = ObjectIdentifier(socket)
        }
        if self.misbehaviour == .numericIDsAsNumbers {
            socket.connection.resultPrefix = { [weak self] id in
                Array(#"{"id":\#(self?.quoted(id) ?? "null"),"type":"next","payload":"#.utf8)
            }
        }
        if self.misbehaviour == .ackBeforeInit {
            socket.send(ServerMessage.connectionAck())
        }
    }

    func gone(_ socket: TransportWSSpeaker, _ end: SocketEnd) {
        self.holder = nil
        self.shared.remove(socket)
        if self.misbehaviour == .dropClosesAllSockets, end == .dropped {
            self.closeOthers(than: socket)
        }
    }

    func admitted(_ socket: TransportWSSpeaker) {
        if self.misbehaviour == .ackTwice {
            socket.send(ServerMessage.connectionAck())
        }
        for _ in 0..<self.extraAcks {
            socket.send(ServerMessage.connectionAck())
        }
        self.runEarly(socket)
        if self.misbehaviour == .noPongWhileDeciding {
            self.readWaiting(socket)
        }
    }

    func refused(_ socket: TransportWSSpeaker) {
        if self.misbehaviour == .refusedInitAcked {
            socket.send(ServerMessage.connectionAck())
        }
        if self.misbehaviour == .refusalAsConnectionError {
            socket.send(Array(#"{"type":"connection_error","payload":{"message":"Forbidden"}}"#.utf8))
        }
        for (id, payload) in self.early {
            self.runDetached(id, payload, socket)
        }
        self.early = []
    }

    func decisionFailed(_ error: any Error, _ socket: TransportWSSpeaker) {
        switch self.misbehaviour {
        case .crashClosesAllSockets:
            self.closeOthers(than: socket)
        case .crashReasonLeaks:
            let reason = CloseReason("Sources/reference-server/Gate/TestGate.swift line 27: \(error)")
            socket.perform(socket.session.closing(Close(.internalError, reason)))
        default: break
        }
    }

    func readCompleted(_ socket: TransportWSSpeaker) {
        self.burst = []
        self.extraAcks += max(0, self.initsInRead - 1)
        self.initsInRead = 0
        if let ping = self.ping {
            self.ping = nil
            self.pass(ping, socket)
        }
        if let invalid = self.invalid {
            self.invalid = nil
            // Not at once: the close would stop what was just begun.
            let bound = NIOLoopBound(socket, eventLoop: socket.connection.eventLoop)
            socket.connection.eventLoop.scheduleTask(in: .milliseconds(50)) { bound.value.receiveInvalid(invalid) }
        }
    }

    /// Runs what came before the acknowledgement.
    private func runEarly(_ socket: TransportWSSpeaker) {
        let early = self.early
        self.early = []
        for (id, payload) in early {
            self.pass(.subscribe(id, payload), socket)
        }
    }

    /// Runs an operation that was refused, for its effect.
    func runDetached(_ id: OperationID, _ payload: SubscribePayload, _ socket: TransportWSSpeaker) {
        let server = socket.server
        let output = OperationOutput(
            to: socket, on: socket.connection.eventLoop, token: OperationToken(id: id, generation: 0))
        let request = GraphQLRequest(
            query: payload.query, operationName: payload.operationName, variables: payload.variables,
            extensions: payload.extensions)
        let handshake = socket.socket.handshake
        self.intruders.append(
            Task {
                guard let admission = try? await server.gate.admit(initPayload: nil, handshake: handshake) else {
                    return
                }
                output.execute { _ in
                    _ = server.runner.start(request, context: admission.context, output: output)
                }
            })
    }

    // MARK: Timers

    var forgetsInitTimer: Bool { self.misbehaviour == .initTimeoutNever }
    var keepsInitTimer: Bool {
        self.misbehaviour == .initTimeoutAfterAck || self.misbehaviour == .initTimeoutWhileDeciding
    }

    func lateInitTimeout(_ socket: TransportWSSpeaker) -> TransportWSSession<any OperationHandle>.OnClose? {
        let isAcked = self.misbehaviour == .initTimeoutWhileDeciding && socket.session.phase == .ready
        return self.keepsInitTimer && !isAcked
            ? socket.session.closing(.initialisationTimeout) : socket.session.initTimedOut()
    }

    /// Sends a keep-alive of its own kind. False for the right one.
    func keepAliveMessage(_ socket: TransportWSSpeaker) -> Bool {
        guard socket.session.phase == .ready else { return false }
        switch self.misbehaviour {
        case .legacyKeepAlive: socket.send(Array(#"{"type":"ka"}"#.utf8))
        case .ackAsKeepAlive: socket.send(ServerMessage.connectionAck())
        default: return false
        }
        return true
    }

    // MARK: Sending

    /// The message as it is sent.
    func rewritten(_ message: [UInt8], _ socket: TransportWSSpeaker) -> [UInt8] {
        switch self.misbehaviour {
        case .ackPayloadNull where message == ServerMessage.connectionAck():
            Array(#"{"type":"connection_ack","payload":null}"#.utf8)
        case .pongPayloadNull where message == ServerMessage.pong():
            Array(#"{"type":"pong","payload":null}"#.utf8)
        case .pongExtraMembers where message.starts(with: Self.pong),
            .ackExtraMembers where message.starts(with: Self.ack):
            message.dropLast() + Array(#","id":"1"}"#.utf8)
        case .pongPayloadOwn where message.starts(with: Self.pong):
            Array(#"{"type":"pong","payload":{"server":"reference-server"}}"#.utf8)
        default: message
        }
    }

    private static let pong = Array(#"{"type":"pong""#.utf8)
    private static let ack = Array(#"{"type":"connection_ack""#.utf8)

    // MARK: Closing

    /// Before a close. Returns whether to say nothing at all.
    func closing(_ close: TransportWSSession<any OperationHandle>.OnClose, _ socket: TransportWSSpeaker) -> Bool {
        switch self.misbehaviour {
        case .completeBeforeClose:
            for id in self.open.keys {
                socket.send(ServerMessage.complete(id))
            }
            return false
        case .longDuplicateIDHangs:
            return close.close.code == .subscriberExists && close.close.reason.text.utf8.count > 115
        default:
            return false
        }
    }

    /// Whether operations survive the end of their socket.
    func keepsOperations(at end: SocketEnd) -> Bool {
        switch self.misbehaviour {
        case .sourceKeptOnDrop: end == .dropped
        case .sourceKeptOnClose: end == .closedByClient
        case .invalidMessageKeepsOperations: end == .closing(.invalidMessage)
        case .secondInitKeepsOperations: end == .closing(.tooManyInitialisations)
        case .duplicateCloseKeepsOperations:
            if case .closing(let close) = end { close.code == .subscriberExists } else { false }
        default: false
        }
    }
}
