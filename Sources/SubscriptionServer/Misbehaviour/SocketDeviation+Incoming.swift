import GraphQLCore
import NIOCore
import SubscriptionProtocols

// What goes wrong with messages of the client.
extension SocketDeviation {
    /// A text message.
    func received(_ message: ByteBuffer, _ socket: TransportWSSpeaker) {
        if self.misbehaviour == .readsBlockedByOperations,
            self.open.values.contains(where: { self.isSingle[$0] == true })
        {
            self.waiting.append(message)
            return
        }
        if self.misbehaviour == .noPongWhileDeciding, socket.session.phase == .deciding {
            self.waiting.append(message)
            return
        }
        if self.misbehaviour == .pingsExtendInitTimeout, socket.session.phase == .awaitingInit {
            socket.awaitInit()
        }
        let limits = JSONReader.Limits(
            depth: socket.server.configuration.limits.jsonDepth,
            bytes: socket.server.configuration.limits.messageBytes)
        let text = String(decoding: message.readableBytesView, as: UTF8.self)
        do throws(JSONError) {
            guard let value = try self.misread(text, limits: limits, socket) else { return }
            self.received(value, socket)
        } catch {
            if self.misbehaviour != .invalidJSONIgnored {
                self.receiveInvalid(.json(error), socket)
            }
        }
    }

    private func received(_ value: JSONValue, _ socket: TransportWSSpeaker) {
        if self.misbehaviour == .batchAccepted, case .array(let elements) = value {
            elements.forEach { self.received($0, socket) }
            return
        }
        do throws(InvalidMessage) {
            self.received(try ClientMessage.validate(try self.misread(self.withOtherID(value))), socket)
        } catch {
            guard !self.overlooks(error, in: value, socket) else { return }
            self.receiveInvalid(error, socket)
        }
    }

    /// A message that is not valid.
    private func receiveInvalid(_ error: InvalidMessage, _ socket: TransportWSSpeaker) {
        if self.misbehaviour == .readsPastInvalid {
            self.invalid = self.invalid ?? error
        } else {
            socket.receiveInvalid(error)
        }
    }

    /// The message with the id that the server makes of it.
    private func withOtherID(_ value: JSONValue) -> JSONValue {
        guard case .object(var members) = value, let id = members["id"] else { return value }
        switch (self.misbehaviour, id) {
        case (.numericIDAccepted, .int(let number)):
            members["id"] = .string("\(number)")
        case (.idsTrimmed, .string(let text)):
            members["id"] = .string(text.trimmed)
        case (.idsNormalised, .string(let text)):
            let first = self.spellings[text] ?? text
            self.spellings[text] = first
            members["id"] = .string(first)
        default:
            return value
        }
        return .object(members)
    }

    private func received(_ message: ClientMessage, _ socket: TransportWSSpeaker) {
        switch message {
        case .ping: self.receivedPing(message, socket)
        case .connectionInit(let payload): self.receivedInit(payload, message, socket)
        case .subscribe(let id, let payload):
            self.receivedSubscribe(id, payload, .subscribe(id, payload), socket)
        case .complete(let id): self.receivedComplete(id, message, socket)
        case .pong where self.misbehaviour == .pongCloses: socket.receiveInvalid(.typeUnknown("pong"))
        case .pong: self.pass(message, socket)
        }
    }

    /// Does the right thing, and remembers what it was.
    func pass(_ message: ClientMessage, _ socket: TransportWSSpeaker) {
        let action = socket.react(to: message)
        switch (action, message) {
        case (.start(let token, let payload), _):
            self.open[token.id] = token
            self.isSingle[token] = !payload.isSubscription
            self.burst.insert(token.id)
        case (.stop, .complete(let id)):
            self.open[id] = nil
        default: break
        }
        socket.perform(action)
    }

    private func receivedPing(_ message: ClientMessage, _ socket: TransportWSSpeaker) {
        switch self.misbehaviour {
        case .pingCloses: socket.receiveInvalid(.typeUnknown("ping"))
        case .pongsCoalesced: self.ping = message
        case .pingsWaitForStreams where !self.open.isEmpty: self.pingsForLater.append(message)
        case .noPongBeforeInit where socket.session.phase == .awaitingInit: break
        default: self.pass(message, socket)
        }
    }

    private func receivedInit(_ payload: JSONObject?, _ message: ClientMessage, _ socket: TransportWSSpeaker) {
        switch self.misbehaviour {
        case .noAckWithoutPayload where payload == nil: break
        case .secondInitIgnored where socket.session.phase != .awaitingInit: break
        case .secondInitIgnoredWhilePending where socket.session.phase == .deciding: break
        case .secondInitCheckThenAct where socket.session.phase == .deciding && self.initsInRead > 0:
            self.initsInRead += 1
        case .secondInitCheckThenAct where socket.session.phase == .awaitingInit:
            self.initsInRead = 1
            self.pass(message, socket)
        case .sharedInitFlag where self.shared.initialise():
            socket.perform(socket.session.closing(.tooManyInitialisations))
        case .operationsBeforeInit where self.isIntruding:
            self.isIntruding = false
            socket.send(ServerMessage.connectionAck())
        default: self.pass(message, socket)
        }
    }

    private func receivedSubscribe(
        _ id: OperationID, _ payload: SubscribePayload, _ message: ClientMessage, _ socket: TransportWSSpeaker
    ) {
        let phase = socket.session.phase
        switch self.misbehaviour {
        case .operationsBeforeInit where phase == .awaitingInit || (phase == .deciding && self.isIntruding):
            self.early.append((id, payload))
            guard phase == .awaitingInit else { return }
            self.isIntruding = true
            self.pass(.connectionInit(payload: nil), socket)
        case .refusedEarlyOperationRuns where phase != .ready:
            self.runDetached(id, payload, socket)
            self.pass(message, socket)
        case .refusedInitOperationRuns where phase == .deciding:
            self.early.append((id, payload))
        case .operationsWhileDeciding where phase == .deciding:
            self.unregistered.insert(OperationToken(id: id, generation: 0))
            self.runDetached(id, payload, socket)
        case _ where phase != .ready:
            self.pass(message, socket)
        case .idKeptAfterComplete where self.kept.contains(id), .idKeptAfterError where self.kept.contains(id),
            .idKeptAfterClientComplete where self.kept.contains(id), .specialIDTaken where id.isSpecial:
            socket.perform(socket.session.closing(.subscriberExists(id)))
        case .extensionsRefused where payload.extensions != nil, .singleResultsClose where !payload.isSubscription,
            .variablesRequired where payload.variables == nil:
            socket.receiveInvalid(.payload)
        case .operationsDropped where self.open.count >= 50: break
        case .idsSharedBetweenSockets where self.shared.holder(of: id, but: socket) != nil:
            socket.perform(socket.session.closing(.subscriberExists(id)))
        case .mutationExecutedTwice where payload.isMutation:
            self.runDetached(id, payload, socket)
            self.pass(message, socket)
        case .typenameAsRoot:
            if let name = Misbehaviour.typeNameAlone(in: payload) {
                socket.send(ServerMessage.next(id, result: Array(#"{"data":{"\#(name)":"Subscription"}}"#.utf8)))
                socket.send(ServerMessage.complete(id))
            } else {
                self.pass(message, socket)
            }
        case .operationsKeyedBySocket:
            if let other = self.open.keys.first {
                socket.perform(socket.session.closing(.subscriberExists(other)))
            } else {
                self.pass(message, socket)
            }
        case _ where !socket.session.isInUse(id):
            self.pass(message, socket)
        default:
            self.receivedDuplicate(id, message, socket)
        }
    }

    private func receivedDuplicate(_ id: OperationID, _ message: ClientMessage, _ socket: TransportWSSpeaker) {
        switch self.misbehaviour {
        case .duplicateIDIgnored: return
        case .duplicateIDClosesWith4400: socket.receiveInvalid(.id)
        case .duplicateIDReplaces: self.letGo(id, socket)
        case .duplicateIDCheckThenAct where self.burst.contains(id): self.letGo(id, socket)
        case .queryIDNotReserved where self.isSingleOperation(id): self.letGo(id, socket)
        default: break
        }
        self.pass(message, socket)
    }

    private func receivedComplete(_ id: OperationID, _ message: ClientMessage, _ socket: TransportWSSpeaker) {
        let isInUse = socket.session.isInUse(id)
        switch self.misbehaviour {
        case .clientCompleteIgnored: break
        case .queryCompleteCloses where !isInUse || self.isSingleOperation(id):
            socket.perform(socket.session.closing(.internalError))
        case .queryNotCancelled where self.isSingleOperation(id):
            self.letGo(id, socket)
        case .staleEventsAfterReuse:
            self.forget(id, socket)
            self.open[id] = nil
        case .clientCompleteEchoed where isInUse:
            self.pass(message, socket)
            socket.send(ServerMessage.complete(id))
        case .idKeptAfterClientComplete where isInUse:
            self.kept.insert(id)
            self.pass(message, socket)
        case .completeBeforeAckCloses where socket.session.phase != .ready:
            socket.perform(socket.session.closing(.subscriberExists(id)))
        case .unknownCompleteCloses where !isInUse:
            socket.receiveInvalid(.id)
        case .completeEndsAll:
            for id in self.open.keys { self.pass(.complete(id), socket) }
        case .completeLostWhilePreparing where self.isPreparing(id, socket): break
        case .completeCrossesSockets:
            self.pass(message, socket)
            self.shared.forAll(but: socket) { other in
                other.deviation?.pass(.complete(id), other)
                other.flush()
            }
        default: self.pass(message, socket)
        }
    }

    private func isSingleOperation(_ id: OperationID) -> Bool {
        self.open[id].flatMap { self.isSingle[$0] } ?? false
    }

    /// Whether the operation is a subscription without a source stream.
    private func isPreparing(_ id: OperationID, _ socket: TransportWSSpeaker) -> Bool {
        guard let token = self.open[id], self.isSingle[token] == false else { return false }
        let handle = socket.session.open.first { $0.token == token }?.handle
        return (handle as? EngineOperation)?.isPreparing ?? false
    }

    private func forget(_ id: OperationID, _ socket: TransportWSSpeaker) {
        if let handle = socket.session.forget(id) {
            self.adrift.append(handle)
        }
    }

    /// The operation goes on without its id.
    private func letGo(_ id: OperationID, _ socket: TransportWSSpeaker) {
        self.forget(id, socket)
        if let token = self.open.removeValue(forKey: id) {
            self.unregistered.insert(token)
        }
    }
}

extension String {
    /// The text without white space around it.
    var trimmed: String {
        let isSpace: (Character) -> Bool = \.isWhitespace
        return String(String(self.drop(while: isSpace).reversed()).drop(while: isSpace).reversed())
    }
}

extension OperationID {
    /// Whether it names a member of some language's base object.
    var isSpecial: Bool {
        ["__proto__", "constructor", "toString", "hasOwnProperty"].contains(self.text)
    }

    /// The id without white space around it; nil for nothing but white space.
    var trimmed: OperationID? { OperationID(self.text.trimmed) }
}

extension SubscribePayload {
    /// Whether it asks for a subscription, as far as its first word tells.
    fileprivate var isSubscription: Bool { self.query.drop { $0.isWhitespace }.hasPrefix("subscription") }

    /// Whether it asks for a mutation, as far as its first word tells.
    fileprivate var isMutation: Bool { self.query.drop { $0.isWhitespace }.hasPrefix("mutation") }
}
