import GraphQLCore
import NIOCore
import SubscriptionProtocols

// What goes wrong with what operations produce.
extension SocketDeviation {
    func deliver(_ payload: ByteBuffer, to token: OperationToken, _ socket: TransportWSSpeaker) {
        guard socket.session.isOpen(token) || self.unregistered.contains(token) || self.isStale(token, socket) else {
            return
        }
        guard let result = self.result(payload) else { return }
        if let spoiled = self.spoiled(result) {
            self.sendNext(token.id, spoiled, socket)
            return
        }
        switch self.misbehaviour {
        case .largeResultDropped where payload.readableBytes > 512 << 10: break
        case .completeBeforeResult where self.isSingle[token] == true:
            self.results[token] = payload
        case .eventsCrossSockets where self.isSingle[token] == false:
            guard let other = self.shared.holder(of: token.id, but: socket) else {
                socket.sendNext(token.id, payload)
                break
            }
            other.eventLoop.execute {
                other.value.sendNext(token.id, payload)
                other.value.flush()
            }
        case .fieldErrorAsError:
            if let errors = result["errors"] {
                self.fail(token, errors: errors.encoded(), because: .source, socket)
            } else {
                socket.sendNext(token.id, payload)
            }
        case .fieldErrorsDropped:
            self.sendNext(token.id, result.objectValue.map { $0.without("errors") } ?? [:], socket)
        case .emptyErrorsArray:
            var members = result.objectValue ?? [:]
            members["errors"] = members["errors"] ?? []
            self.sendNext(token.id, members, socket)
        case .resultInsideComplete where self.isSingle[token] == true:
            self.results[token] = payload
        case .eventsCross where self.isSingle[token] == false:
            let other = self.open.values.first { $0 != token && self.isSingle[$0] == false }
            socket.sendNext(other?.id ?? token.id, payload)
        case .idNotEscaped:
            self.sendNext(token.id, result.objectValue ?? [:], socket)
        default:
            socket.sendNext(token.id, payload)
        }
    }

    func complete(_ token: OperationToken, _ socket: TransportWSSpeaker) {
        guard self.finish(token, socket) else { return }
        let isSingle = self.isSingle.removeValue(forKey: token) ?? false
        switch self.misbehaviour {
        case .noCompleteAfterQuery where isSingle: break
        case .noCompleteAfterSubscription where !isSingle: break
        case .completeBeforeResult:
            self.send("complete", token.id, nil, socket)
            if let result = self.results.removeValue(forKey: token) {
                socket.sendNext(token.id, result)
            }
        case .completeTwice:
            self.send("complete", token.id, nil, socket)
            self.send("complete", token.id, nil, socket)
        case .resultInsideComplete:
            self.send("complete", token.id, self.results.removeValue(forKey: token).flatMap(self.result), socket)
        case .idKeptAfterComplete:
            self.kept.insert(token.id)
            self.send("complete", token.id, nil, socket)
        default:
            self.send("complete", token.id, nil, socket)
        }
        self.readWaiting(socket)
    }

    func fail(
        _ token: OperationToken, errors: [UInt8], because failure: OperationFailure, _ socket: TransportWSSpeaker
    ) {
        guard self.finish(token, socket), let read = try? JSONReader.read(errors) else { return }
        let value = self.spoiled(errors: read)
        self.isSingle[token] = nil
        switch (self.misbehaviour, failure) {
        case (.errorPayloadObject, _): self.send("error", token.id, value[0], socket)
        case (.errorPayloadWrapped, _): self.send("error", token.id, ["errors": value], socket)
        case (.errorPayloadDoublyWrapped, _): self.send("error", token.id, [["errors": value]], socket)
        case (.requestErrorAsNext, .request(.validation)), (.requestErrorAsNext, .request(.syntax)):
            self.send("next", token.id, ["errors": value], socket)
        case (.unknownOperationNameHangs, .request(.operation)): break
        case (.fragmentCycleUnanswered, .request(.validation)) where Self.tellsOfCycle(read): break
        case (.requestErrorClosesSocket, .request), (.sourceErrorClosesSocket, .source):
            socket.perform(socket.session.closing(.internalError))
        case (.sourceErrorAsComplete, .source): self.send("complete", token.id, nil, socket)
        case (.completeAfterError, _):
            self.send("error", token.id, value, socket)
            self.send("complete", token.id, nil, socket)
        case (.idKeptAfterError, _):
            self.kept.insert(token.id)
            self.send("error", token.id, value, socket)
        default: self.send("error", token.id, value, socket)
        }
        self.readWaiting(socket)
    }

    /// Whether errors say that a fragment spreads itself.
    private static func tellsOfCycle(_ errors: JSONValue) -> Bool {
        guard case .string(let message)? = errors[0]?["message"] else { return false }
        return message.utf8.ranges(of: "within itself".utf8).isEmpty == false
    }

    /// Whether the operation has ended, its id is in use again, and the server does not tell the two apart.
    private func isStale(_ token: OperationToken, _ socket: TransportWSSpeaker) -> Bool {
        self.misbehaviour == .staleEventsAfterReuse && socket.session.isInUse(token.id)
    }

    private func finish(_ token: OperationToken, _ socket: TransportWSSpeaker) -> Bool {
        if socket.session.finish(token) {
            self.open[token.id] = nil
            return true
        }
        return self.unregistered.remove(token) != nil || self.isStale(token, socket)
    }

    /// Goes on reading after an operation, or a decision.
    func readWaiting(_ socket: TransportWSSpeaker) {
        if self.open.isEmpty {
            let pings = self.pingsForLater
            self.pingsForLater = []
            pings.forEach { self.pass($0, socket) }
        }
        let waiting = self.waiting
        self.waiting = []
        for message in waiting {
            self.received(message, socket)
        }
    }

    /// The execution result in a payload, which has one more brace.
    private func result(_ payload: ByteBuffer) -> JSONValue? {
        try? JSONReader.read(Array(payload.readableBytesView.dropLast()))
    }

    private func sendNext(_ id: OperationID, _ result: JSONObject, _ socket: TransportWSSpeaker) {
        self.send("next", id, .object(result), socket)
    }

    /// The id as it is written.
    func quoted(_ id: OperationID) -> String {
        switch self.misbehaviour {
        case .idNotEscaped: "\"\(id.text)\""
        case .numericIDsAsNumbers where Int64(id.text).map { "\($0)" == id.text } ?? false: id.text
        default: JSONValue.string(id.text).text
        }
    }

    private func send(_ type: String, _ id: OperationID, _ payload: JSONValue?, _ socket: TransportWSSpeaker) {
        let quoted = self.quoted(id)
        let member = payload.map { #","payload":\#($0.text)"# } ?? ""
        let message = Array(#"{"id":\#(quoted),"type":"\#(type)"\#(member)}"#.utf8)
        if type == "next" {
            socket.send(message)
        } else {
            socket.connection.send(end: message, of: id)
        }
    }
}

extension JSONObject {
    fileprivate func without(_ name: String) -> JSONObject {
        var copy = self
        copy[name] = nil
        return copy
    }
}
