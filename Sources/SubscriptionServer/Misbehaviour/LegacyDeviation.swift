import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// What one socket of the legacy dialect does instead of the right thing, on a misbehaving server. Bound to the socket's
/// event loop; the speaker asks at each point where it could go wrong.
final class LegacyDeviation {
    typealias Session = LegacyWSSession<any OperationHandle>

    let misbehaviour: Misbehaviour

    /// The operations that hold an id, by id.
    private var open: [OperationID: OperationToken] = [:]
    /// Whether an operation has one result, as far as its document tells.
    private var isSingle: [OperationToken: Bool] = [:]
    /// Keeps operations alive of which the session knows nothing any more.
    private var adrift: [any OperationHandle] = []
    /// Ids that should be free and are not.
    private var kept: Set<OperationID> = []
    /// Messages that wait for an operation.
    private var waiting: [ByteBuffer] = []
    /// Results that travel with the end of their operation.
    private var results: [OperationToken: JSONValue] = [:]
    /// An operation that came before its time.
    private var early: (id: OperationID, payload: SubscribePayload)?
    /// Whether the decision is about a client that never sent `connection_init`.
    private var isIntruding = false
    private var hasSpoken = false
    private var intruder: Task<Void, Never>?

    init(_ misbehaviour: Misbehaviour) {
        self.misbehaviour = misbehaviour
    }

    deinit {
        self.intruder?.cancel()
    }

    /// What stands before a result.
    var resultPrefix: (OperationID) -> [UInt8] {
        if self.misbehaviour == .legacyNextForData { return { ServerMessage.nextPrefix($0) } }
        return { LegacyServerMessage.dataPrefix($0) }
    }

    // MARK: Initialisation

    var keepsInitTimer: Bool { self.misbehaviour == .legacyInitTimeoutAfterInit }

    func opened(_ speaker: LegacyWSSpeaker) {
        if self.misbehaviour == .legacyKeepAliveBeforeAck {
            speaker.socket.send(LegacyServerMessage.keepAlive)
        }
    }

    /// What is sent when the client was admitted.
    func greeting(_ messages: [[UInt8]]) -> [[UInt8]] {
        if self.isIntruding { return [] }
        switch self.misbehaviour {
        case .legacyNoKeepAliveAfterAck: return Array(messages.prefix(1))
        case .ackPayloadNull:
            return [Array(#"{"type":"connection_ack","payload":null}"#.utf8)] + messages.dropFirst()
        default: return messages
        }
    }

    /// How a refusal, or a failure, ends the connection. Nil is not at all.
    func refusal(_ close: Session.OnClose, isFailure: Bool, _ speaker: LegacyWSSpeaker) -> Session.OnClose? {
        switch self.misbehaviour {
        case .legacyRefusalAcknowledged:
            speaker.socket.send(LegacyServerMessage.connectionAck())
            return close
        case .legacyRefusalUntold:
            return Session.OnClose(message: nil, close: close.close, stopping: close.stopping)
        case .legacyRefusalKeepsSocket:
            if let message = close.message { speaker.socket.send(message) }
            return nil
        case .legacyCrashUnanswered where isFailure:
            return nil
        case .legacyRefusedOperationRuns:
            self.runEarly(speaker)
            return close
        default:
            return close
        }
    }

    /// Runs an operation that was refused, for its effect.
    private func runEarly(_ speaker: LegacyWSSpeaker) {
        guard let early = self.early else { return }
        let server = speaker.socket.server
        let handshake = speaker.socket.handshake
        let output = OperationOutput(
            to: speaker, on: speaker.connection.eventLoop, token: OperationToken(id: early.id, generation: 0))
        let request = GraphQLRequest(query: early.payload.query, variables: early.payload.variables)
        self.intruder = Task {
            guard let admission = try? await server.gate.admit(initPayload: nil, handshake: handshake) else { return }
            output.execute { _ in
                _ = server.runner.start(request, context: admission.context, output: output)
            }
        }
    }

    // MARK: Messages of the client

    /// Whether the message has to wait.
    func holds(_ message: ByteBuffer) -> Bool {
        self.hasSpoken = true
        guard self.misbehaviour == .legacyReadsBlocked,
            self.open.values.contains(where: { self.isSingle[$0] == true })
        else { return false }
        self.waiting.append(message)
        return true
    }

    /// What is done about a valid message. Nil for the right thing.
    func react(to message: LegacyClientMessage, _ speaker: LegacyWSSpeaker) -> Session.OnMessage? {
        switch message {
        case .connectionInit(let payload): self.initialised(payload, speaker)
        case .start(let id, let payload): self.started(id, payload, speaker)
        case .stop(let id): self.stopped(id, speaker)
        case .connectionTerminate: self.misbehaviour == .legacyTerminateIgnored ? .ignore : nil
        }
    }

    private func initialised(_ payload: JSONObject?, _ speaker: LegacyWSSpeaker) -> Session.OnMessage? {
        switch self.misbehaviour {
        case .legacyNoAckWithoutPayload where payload == nil: return .ignore
        case .legacyOperationsBeforeInit where self.isIntruding:
            self.isIntruding = false
            return .send(LegacyServerMessage.connectionAck())
        default: return nil
        }
    }

    private func started(
        _ id: OperationID, _ payload: SubscribePayload, _ speaker: LegacyWSSpeaker
    ) -> Session.OnMessage? {
        switch (self.misbehaviour, speaker.session.phase) {
        case (.idsTrimmed, .ready) where id.trimmed != id:
            return id.trimmed.map { speaker.session.receive(.start($0, payload), bytes: 0) }
        case (.specialIDTaken, .ready) where id.isSpecial:
            return .send(LegacyServerMessage.error(id, message: "The id is taken"))
        case (.variablesRequired, .ready) where payload.variables == nil:
            return .send(LegacyServerMessage.error(id, message: "variables must be an object"))
        case (.legacyOperationsBeforeInit, .awaitingInit):
            self.isIntruding = true
            speaker.perform(speaker.session.receive(.connectionInit(payload: nil), bytes: 0))
            return nil
        case (.legacyRefusedOperationRuns, .deciding):
            self.early = (id, payload)
            return nil
        case (.legacyIDKept, .ready) where self.kept.contains(id):
            return .send(LegacyServerMessage.error(id, message: "The id is taken"))
        case (.legacyDuplicateLeaks, .ready) where speaker.session.isInUse(id):
            self.letGo(id, speaker)
            return nil
        case (.legacyForgetsOthers, .ready):
            for other in self.open.keys where other != id {
                self.letGo(other, speaker)
            }
            return nil
        default: return nil
        }
    }

    private func stopped(_ id: OperationID, _ speaker: LegacyWSSpeaker) -> Session.OnMessage? {
        let isInUse = speaker.session.isInUse(id)
        switch self.misbehaviour {
        case .legacyStopIgnored: return .ignore
        case .legacyStopUnanswered where isInUse:
            speaker.session.end(id)?.cancel()
            return .ignore
        case .legacyStopKeepsSource where isInUse:
            self.letGo(id, speaker)
            return .send(LegacyServerMessage.complete(id))
        case .legacyStopUnknownCloses where !isInUse:
            return self.closing(.unexpectedCondition, speaker)
        case .legacyStopStopsAll where isInUse:
            for other in self.open.keys where other != id {
                speaker.session.end(other)?.cancel()
            }
            return nil
        case .legacyStopClosesSocket where isInUse && speaker.session.openOperations == 1:
            return self.closing(.normal, speaker)
        default: return nil
        }
    }

    private func closing(_ code: CloseCode, _ speaker: LegacyWSSpeaker) -> Session.OnMessage {
        speaker.session.closing(Close(code, "")).map { .close($0) } ?? .ignore
    }

    /// What is done about something that is no message. Nil for the right thing.
    func react(to invalid: LegacyInvalidMessage, _ speaker: LegacyWSSpeaker) -> Session.OnMessage? {
        switch self.misbehaviour {
        case .legacyInvalidIgnored: .ignore
        case .legacyInvalidCloses: speaker.session.closing(.invalidMessage).map { .close($0) } ?? .ignore
        default: nil
        }
    }

    /// The operation has begun.
    func began(_ token: OperationToken, _ payload: SubscribePayload) {
        self.open[token.id] = token
        self.isSingle[token] = !payload.query.drop { $0.isWhitespace }.hasPrefix("subscription")
    }

    /// The operation goes on without its id.
    private func letGo(_ id: OperationID, _ speaker: LegacyWSSpeaker) {
        self.open[id] = nil
        if let handle = speaker.session.forget(id) {
            self.adrift.append(handle)
        }
    }

    // MARK: Results

    /// The result as it is sent. Nil for none.
    func result(_ payload: ByteBuffer, of token: OperationToken, _ speaker: LegacyWSSpeaker) -> ByteBuffer? {
        // The payload has the brace that ends its message.
        guard let result = try? JSONReader.read(Array(payload.readableBytesView.dropLast())),
            var members = result.objectValue
        else { return payload }
        switch self.misbehaviour {
        case .legacyFieldErrorAsError:
            guard let error = members["errors"]?[0], speaker.session.finish(token) else { return payload }
            speaker.connection.send(end: LegacyServerMessage.error(token.id, error.encoded()), of: token.id)
            return nil
        case .legacyFieldErrorsDropped: members["errors"] = nil
        case .legacyEmptyErrorsArray: members["errors"] = members["errors"] ?? []
        case .legacyResultInComplete where self.isSingle[token] == true:
            self.results[token] = result
            return nil
        default: return payload
        }
        return ByteBuffer(bytes: JSONValue.object(members).encoded() + [UInt8(ascii: "}")])
    }

    /// What is sent at the end of an operation that has ended well.
    func completion(of token: OperationToken, _ speaker: LegacyWSSpeaker) -> [[UInt8]] {
        let complete = LegacyServerMessage.complete(token.id)
        let isSingle = self.ended(token, speaker)
        switch self.misbehaviour {
        case .legacyNoCompleteAfterQuery where isSingle: return []
        case .legacyCompleteTwice: return [complete, complete]
        case .legacyResultInComplete:
            guard let result = self.results.removeValue(forKey: token) else { return [complete] }
            return [self.message("complete", token.id, result)]
        case .legacyIDKept:
            self.kept.insert(token.id)
            return [complete]
        default: return [complete]
        }
    }

    /// What is sent at the end of an operation that has failed.
    func failure(
        of token: OperationToken, errors: [UInt8], because failure: OperationFailure, _ speaker: LegacyWSSpeaker
    ) -> [[UInt8]] {
        let error = LegacyServerMessage.error(token.id, firstOf: errors)
        _ = self.ended(token, speaker)
        switch (self.misbehaviour, failure) {
        case (.legacyErrorArray, _):
            return [(try? JSONReader.read(errors)).map { self.message("error", token.id, $0) } ?? error]
        case (.legacyErrorWithoutID, _):
            let first = (try? JSONReader.read(errors))?[0] ?? .null
            return [JSONValue.object(["type": "error", "payload": first]).encoded()]
        case (.legacyErrorClosesSocket, _):
            speaker.perform(self.closing(.unexpectedCondition, speaker))
            return []
        case (.legacyUnknownOperationNameHangs, .request(.operation)): return []
        default: return [error]
        }
    }

    /// The operation has ended. Returns whether it was one with one result.
    private func ended(_ token: OperationToken, _ speaker: LegacyWSSpeaker) -> Bool {
        if self.open[token.id] == token {
            self.open[token.id] = nil
        }
        defer {
            let waiting = self.waiting
            self.waiting = []
            waiting.forEach { speaker.received($0) }
        }
        return self.isSingle.removeValue(forKey: token) ?? false
    }

    private func message(_ type: String, _ id: OperationID, _ payload: JSONValue) -> [UInt8] {
        JSONValue.object(["id": .string(id.text), "type": .string(type), "payload": payload]).encoded()
    }

    // MARK: Keep-alive and the end

    /// The keep-alive as it is sent. Nil for none.
    func keepAlive(_ message: [UInt8]) -> [UInt8]? {
        switch self.misbehaviour {
        case .legacyKeepAliveOnce: nil
        case .legacyKeepAliveMisnamed: Array(#"{"type":"connection_keep_alive"}"#.utf8)
        case .legacyKeepAliveAsPing: Array(#"{"type":"ping"}"#.utf8)
        default: message
        }
    }

    /// Whether the client is cut for having said nothing since the last keep-alive.
    func isMissed() -> Bool {
        defer { self.hasSpoken = false }
        return self.misbehaviour == .legacySilenceCut && !self.hasSpoken
    }

    /// Whether operations survive the end of their socket.
    func keepsOperations(at end: SocketEnd) -> Bool {
        switch self.misbehaviour {
        case .legacySourcesKept: end == .closedByClient || end == .dropped
        case .legacyTerminateKeepsOperations: end == .closing(.terminated)
        default: false
        }
    }
}
