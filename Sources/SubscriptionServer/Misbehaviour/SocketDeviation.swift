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

    func opened(_ socket: TransportWSSpeaker) {
        self.shared.add(socket, on: socket.connection.eventLoop)
        if self.misbehaviour == .ackBeforeInit {
            socket.send(ServerMessage.connectionAck())
        }
    }

    func gone(_ socket: TransportWSSpeaker) {
        self.shared.remove(socket)
    }

    func admitted(_ socket: TransportWSSpeaker) {
        if self.misbehaviour == .ackTwice {
            socket.send(ServerMessage.connectionAck())
        }
        self.runEarly(socket)
    }

    func refused(_ socket: TransportWSSpeaker) {
        if self.misbehaviour == .refusalAsConnectionError {
            socket.send(Array(#"{"type":"connection_error","payload":{"message":"Forbidden"}}"#.utf8))
        }
        for (id, payload) in self.early {
            self.runDetached(id, payload, socket)
        }
        self.early = []
    }

    func decisionFailed(_ socket: TransportWSSpeaker) {
        guard self.misbehaviour == .crashClosesAllSockets else { return }
        self.shared.forAll(but: socket) { other in
            other.perform(other.session.closing(Close(.unexpectedCondition, "Internal server error")))
            other.flush()
        }
    }

    func readCompleted(_ socket: TransportWSSpeaker) {
        self.burst = []
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
    var keepsInitTimer: Bool { self.misbehaviour == .initTimeoutAfterAck }

    func lateInitTimeout(_ socket: TransportWSSpeaker) -> TransportWSSession<any OperationHandle>.OnClose? {
        self.keepsInitTimer ? socket.session.closing(.initialisationTimeout) : socket.session.initTimedOut()
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
        default: message
        }
    }

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
        default: false
        }
    }
}
