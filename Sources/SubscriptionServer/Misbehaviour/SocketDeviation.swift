import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// What one socket of a misbehaving server does instead of the right thing. Bound to the socket's event loop; the
/// socket asks at each point where it could go wrong.
final class SocketDeviation {
    let shared: Deviations
    let misbehaviour: Misbehaviour

    /// The operations that hold an id, by id.
    var open: [OperationID: OperationToken] = [:]
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

    func opened(_ socket: WebSocketHandler) {
        if let eventLoop = socket.context?.eventLoop {
            self.shared.add(socket, on: eventLoop)
        }
        if self.misbehaviour == .ackBeforeInit {
            socket.send(ServerMessage.connectionAck())
        }
    }

    func gone(_ socket: WebSocketHandler) {
        self.shared.remove(socket)
    }

    func admitted(_ socket: WebSocketHandler) {
        if self.misbehaviour == .ackTwice {
            socket.send(ServerMessage.connectionAck())
        }
        self.runEarly(socket)
    }

    func refused(_ socket: WebSocketHandler) {
        if self.misbehaviour == .refusalAsConnectionError {
            socket.send(Array(#"{"type":"connection_error","payload":{"message":"Forbidden"}}"#.utf8))
        }
        for (id, payload) in self.early {
            self.runDetached(id, payload, socket)
        }
        self.early = []
    }

    func decisionFailed(_ socket: WebSocketHandler) {
        guard self.misbehaviour == .crashClosesAllSockets else { return }
        self.shared.forAll(but: socket) { other in
            other.perform(other.session.closing(Close(.unexpectedCondition, "Internal server error")))
            other.flush()
        }
    }

    func readCompleted(_ socket: WebSocketHandler) {
        self.burst = []
    }

    /// Runs what came before the acknowledgement.
    private func runEarly(_ socket: WebSocketHandler) {
        let early = self.early
        self.early = []
        for (id, payload) in early {
            self.pass(.subscribe(id, payload), socket)
        }
    }

    /// Runs an operation that was refused, for its effect.
    func runDetached(_ id: OperationID, _ payload: SubscribePayload, _ socket: WebSocketHandler) {
        guard let context = socket.context else { return }
        let server = socket.server
        let output = OperationOutput(
            to: socket, on: context.eventLoop, token: OperationToken(id: id, generation: 0))
        let request = GraphQLRequest(
            query: payload.query, operationName: payload.operationName, variables: payload.variables,
            extensions: payload.extensions)
        let handshake = socket.handshake
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
    var keepsInitTimer: Bool { self.misbehaviour == .initTimeoutAfterAck }
    var isDeaf: Bool { self.misbehaviour == .noKeepAlive }

    func lateInitTimeout(_ socket: WebSocketHandler) -> TransportWSSession<any OperationHandle>.OnClose? {
        self.keepsInitTimer ? socket.session.closing(.initialisationTimeout) : socket.session.initTimedOut()
    }

    /// Sends a keep-alive of its own kind. False for the right one.
    func keepAliveMessage(_ socket: WebSocketHandler) -> Bool {
        guard socket.session.phase == .ready else { return false }
        switch self.misbehaviour {
        case .legacyKeepAlive: socket.send(Array(#"{"type":"ka"}"#.utf8))
        case .ackAsKeepAlive: socket.send(ServerMessage.connectionAck())
        default: return false
        }
        return true
    }

    // MARK: Frames

    var ignoresBinary: Bool { self.misbehaviour == .binaryIgnored }
    var echoesClose: Bool { self.misbehaviour != .closeNotEchoed }
    var keepsTCP: Bool { self.misbehaviour == .tcpKeptAfterClose }

    func pongPayload(_ payload: ByteBuffer) -> ByteBuffer {
        self.misbehaviour == .pingPayloadDropped ? ByteBuffer() : payload
    }

    /// The message as it is sent.
    func rewritten(_ message: [UInt8], _ socket: WebSocketHandler) -> [UInt8] {
        switch self.misbehaviour {
        case .ackPayloadNull where message == ServerMessage.connectionAck():
            Array(#"{"type":"connection_ack","payload":null}"#.utf8)
        case .pongPayloadNull where message == ServerMessage.pong():
            Array(#"{"type":"pong","payload":null}"#.utf8)
        default: message
        }
    }

    // MARK: Closing

    /// Before a close. Returns whether to say nothing at all.
    func closing(_ close: TransportWSSession<any OperationHandle>.OnClose, _ socket: WebSocketHandler) -> Bool {
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

    /// The close as it is sent.
    func rewritten(_ close: Close) -> (code: UInt16, reason: String) {
        let (code, reason) = (close.code.rawValue, close.reason.text)
        switch self.misbehaviour {
        case .everyCloseIs4400: return (CloseCode.invalidMessage.rawValue, reason)
        case .reasonsMisspelt:
            return (code, reason.lowercased().split(separator: "isation").joined(separator: "ization"))
        case .reasonTooLong: return (code, reason + String(repeating: "!", count: 130))
        case .refusalClosesWith1000 where close == .forbidden: return (CloseCode.normal.rawValue, "")
        default: return (code, reason)
        }
    }

    func closeSent(_ socket: WebSocketHandler) {
        if self.misbehaviour == .framesAfterClose {
            socket.sendRaw(ServerMessage.pong())
        }
    }

    /// Whether operations survive the end of their socket.
    func keepsOperations(dropped: Bool, because close: Close?) -> Bool {
        switch self.misbehaviour {
        case .sourceKeptOnDrop: dropped
        case .sourceKeptOnClose: !dropped && close == nil
        case .invalidMessageKeepsOperations: close == .invalidMessage
        default: false
        }
    }
}
