import GraphQLCore
import NIOCore
import NIOHTTP1
import SubscriptionProtocols
import Synchronization

/// Answers as a misbehaving server does over HTTP: changes what the right responder is asked, what it answers, and what
/// its streams say.
final class DeviatingResponder: HTTPResponder {
    /// What a misbehaving server remembers of reservations.
    private struct State {
        /// The real tokens by those that clients know, in the order in which they were given out.
        var tokens: [(known: String, real: String)] = []
        /// Ids that were refused, behind their tokens.
        var refused: Set<String> = []
        /// Tokens whose stream was opened.
        var opened: Set<String> = []
        /// Operations that were accepted, by their token.
        var accepted: [String: [String]] = [:]
        /// Tokens with a subscription.
        var subscribed: Set<String> = []
        /// Results by their document.
        var results: [String: HTTPAnswer] = [:]
        /// Operations that had an event, behind their tokens.
        var told: Set<String> = []
        /// Clients with a stream.
        var streaming: Set<String> = []
    }

    let misbehaviour: Misbehaviour
    let operations: HTTPOperations
    private let right: any HTTPResponder
    private let state = Mutex(State())

    init(_ misbehaviour: Misbehaviour, before right: any HTTPResponder, operations: HTTPOperations) {
        self.misbehaviour = misbehaviour
        self.right = right
        self.operations = operations
    }

    func respond(to call: HTTPCall) async -> HTTPReply {
        let streamPath = self.operations.configuration.eventStreams.path
        guard call.path == streamPath || call.path == self.operations.configuration.graphqlPath else {
            return await self.right.respond(to: call)
        }
        var call = self.misread(self.rewritten(call))
        if let answer = self.refusal(of: call) { return .answer(answer) }
        if call.path == streamPath {
            call = self.withRealToken(call)
            if let answer = self.streamAnswer(to: call) { return .answer(answer) }
        }
        if self.misbehaviour == .sseCrossTokenDelete, call.head.method == .DELETE {
            for real in self.state.withLock({ $0.tokens.map(\.real) }) {
                _ = await self.right.respond(to: call.with(token: real))
            }
        }
        if self.misbehaviour == .sseDeleteWithoutIDStopsAll, call.head.method == .DELETE, let token = call.token,
            HTTPRequestParameters.value(of: "operationId", in: call.query) == nil
        {
            for id in self.state.withLock({ $0.accepted[token] ?? [] }) {
                _ = await self.right.respond(to: call.deleting(id, of: token))
            }
            return .answer(HTTPAnswer(.ok))
        }
        if self.misbehaviour == .mutationExecutedTwice, call.head.method == .POST, call.isMutation {
            _ = await self.right.respond(to: call)
        }
        if self.misbehaviour == .http406AfterExecution, ResultType.negotiate(call.head.headers["accept"]) == nil {
            var acceptable = call
            acceptable.head.headers.remove(name: "accept")
            _ = await self.right.respond(to: acceptable)
        }
        let waits =
            self.misbehaviour == .httpSubscriptionWaits && call.path != streamPath && call.asksForSubscription
            && !call.asksForOwnStream
        if waits {
            call.head.headers.replaceOrAdd(name: "accept", value: "text/event-stream")
        }
        if self.misbehaviour == .sseStreamsQueued, call.asksForOwnStream { await self.waitForTurn(of: call.client) }
        switch await self.right.respond(to: call) {
        case .answer(let answer):
            self.release(call)
            if self.misbehaviour == .sseOperationWaits, answer.status == .accepted, call.isSubscription {
                await self.waitForEvent(of: call)
            }
            return self.rewritten(answer, to: call)
        case .stream(let stream): return .stream(self.rewritten(stream, of: call, waits: waits))
        }
    }

    // MARK: Waiting

    /// A misbehaving server looks again and again: nothing of the right one has to tell it anything.
    private static let pause = Duration.milliseconds(10)

    /// Until no other stream of the client is open.
    private func waitForTurn(of client: String) async {
        while !self.state.withLock({ $0.streaming.insert(client).inserted }), !Task.isCancelled {
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func release(_ call: HTTPCall) {
        guard self.misbehaviour == .sseStreamsQueued, call.asksForOwnStream else { return }
        self.state.withLock { _ = $0.streaming.remove(call.client) }
    }

    /// Until the stream has told of the operation.
    private func waitForEvent(of call: HTTPCall) async {
        let key = "\(call.token ?? "") \(call.operationID ?? "")"
        while !self.state.withLock({ $0.told.contains(key) }), !Task.isCancelled {
            try? await Task.sleep(for: Self.pause)
        }
    }

    // MARK: Tokens

    private func withRealToken(_ call: HTTPCall) -> HTTPCall {
        guard call.head.method != .PUT,
            self.misbehaviour == .sseTokenGuessable || self.misbehaviour == .sseTokenNotChecked
        else { return call }
        let tokens = self.state.withLock { $0.tokens }
        let known = call.token
        if let real = tokens.first(where: { $0.known == known })?.real { return call.with(token: real) }
        guard self.misbehaviour == .sseTokenNotChecked, let last = tokens.last, call.head.method != .GET else {
            return call
        }
        return call.with(token: last.real)
    }

    /// What is answered about reservations before the right responder is asked.
    private func streamAnswer(to call: HTTPCall) -> HTTPAnswer? {
        let id = call.operationID
        let key = "\(call.token ?? "") \(id ?? "")"
        switch self.misbehaviour {
        case .sseDeleteIgnored where call.head.method == .DELETE && call.token != nil:
            return HTTPAnswer(.ok)
        case .sseIDKeptAfterRejection where id != nil && self.state.withLock({ $0.refused.contains(key) }):
            return HTTPRefusal(.conflict, "Operation with ID already exists").answer(.json)
        case .sseSpecialIDTaken where ["__proto__", "constructor", "toString"].contains(id ?? ""):
            return HTTPRefusal(.conflict, "Operation with ID already exists").answer(.json)
        case .sseNoResultsBeforeOpen
        where id != nil && call.head.method == .POST && !self.state.withLock({ $0.opened.contains(call.token ?? "") }):
            return HTTPRefusal(.notFound, "Stream not found").answer(.json)
        case .sseEarlyOperationsLost
        where id != nil && call.head.method == .POST && !self.state.withLock({ $0.opened.contains(call.token ?? "") }):
            return HTTPAnswer(.accepted)
        case .sseOneSubscription
        where id != nil && call.head.method == .POST
            && self.state.withLock({ $0.subscribed.contains(call.token ?? "") }):
            return HTTPRefusal(.conflict, "There is a subscription already").answer(.json)
        default: return nil
        }
    }

    // MARK: Answers

    private func rewritten(_ answer: HTTPAnswer, to call: HTTPCall) -> HTTPReply {
        let isOperation = call.path == self.operations.configuration.eventStreams.path && call.operationID != nil
        var changed = answer
        switch (self.misbehaviour, answer.status) {
        case (.sseTokenGuessable, .created):
            let known = self.state.withLock { state in
                state.tokens.append(("\(state.tokens.count + 1)", String(buffer: answer.body)))
                return "\(state.tokens.count)"
            }
            changed.body = ByteBuffer(string: known)
        case (.sseTokenNotChecked, .created), (.sseCrossTokenDelete, .created):
            self.state.withLock { $0.tokens.append((String(buffer: answer.body), String(buffer: answer.body))) }
        case (.sseIDKeptAfterRejection, .badRequest) where isOperation:
            self.state.withLock { _ = $0.refused.insert("\(call.token ?? "") \(call.operationID ?? "")") }
        case (.sseDuplicateIDAccepted, .conflict) where isOperation, (.sseRefusalAs202, .badRequest) where isOperation:
            changed = HTTPAnswer(.accepted)
        case (.sseOperation200, .accepted):
            changed.status = .ok
        case (.sseDeleteWithoutIDStopsAll, .accepted) where isOperation:
            self.state.withLock { $0.accepted[call.token ?? "", default: []].append(call.operationID ?? "") }
        case (.sseOneSubscription, .accepted) where call.isSubscription:
            self.state.withLock { _ = $0.subscribed.insert(call.token ?? "") }
        case (.httpCachedByDocument, .ok) where call.document != nil:
            changed = self.state.withLock { state in
                defer { if state.results[call.document ?? ""] == nil { state.results[call.document ?? ""] = answer } }
                return state.results[call.document ?? ""] ?? answer
            }
        case (.sseSecondStream, .conflict) where !isOperation:
            let keepAlive = self.operations.configuration.timeouts.keepAlive
            return .stream(
                HTTPStreamAnswer(fields: EventStreamWriter.fields) { body in
                    SilentStream(EventStreamWriter(body, keepAlive: keepAlive))
                })
        default: changed = self.rewritten(changed)
        }
        return .answer(changed)
    }

    /// What is wrong with answers in general.
    private func rewritten(_ answer: HTTPAnswer) -> HTTPAnswer {
        var answer = answer
        let type = answer.fields.first { $0.name == "Content-Type" }?.value ?? ""
        let members = (try? JSONReader.read(Array(answer.body.readableBytesView)))?.objectValue
        switch self.misbehaviour {
        case .httpNoCharset:
            answer.fields = answer.fields.map {
                ($0.name, $0.value == type ? String(type.prefix { $0 != ";" }) : $0.value)
            }
        case .httpNoAllow:
            answer.fields.removeAll { $0.name == "Allow" }
        case .httpDataNullWithErrors:
            if var members, members["data"] == nil, members["errors"] != nil {
                members["data"] = .null
                answer.body = ByteBuffer(bytes: JSONValue.object(members).encoded())
            }
        case .httpEmptyErrors:
            if var members, members["errors"] == nil {
                members["errors"] = []
                answer.body = ByteBuffer(bytes: JSONValue.object(members).encoded())
            }
        case .httpRequestError200
        where answer.status == .badRequest && type.hasPrefix(ResultType.graphQLResponse.rawValue):
            answer.status = .ok
        case .httpTextAsGRJ where type.hasPrefix("text/plain") && answer.status != .created:
            answer.label(ResultType.graphQLResponse.rawValue)
        case .httpJSONMislabelled where type.hasPrefix(ResultType.json.rawValue):
            answer.label(ResultType.graphQLResponse.rawValue)
        case .keysSorted:
            if var members, let data = members["data"] {
                members["data"] = SocketDeviation.sorted(data)
                answer.body = ByteBuffer(bytes: JSONValue.object(members).encoded())
            }
        case .nullDataLeftOut:
            if var members, members["data"] == .null {
                members["data"] = nil
                answer.body = ByteBuffer(bytes: JSONValue.object(members).encoded())
            }
        case .httpFieldError500 where answer.status == .ok && members?["errors"] != nil && members?["data"] != nil:
            answer.status = .internalServerError
        default: break
        }
        return answer
    }

    // MARK: Streams

    /// - Parameter waits: whether the answer is the first event alone.
    private func rewritten(_ stream: HTTPStreamAnswer, of call: HTTPCall, waits: Bool) -> HTTPStreamAnswer {
        var fields = stream.fields
        if waits || self.misbehaviour == .sseWrongContentType {
            fields = fields.map { ($0.name, $0.name == "Content-Type" ? "application/json; charset=utf-8" : $0.value) }
        }
        if let token = call.token {
            self.state.withLock { _ = $0.opened.insert(token) }
        }
        let misbehaviour = self.misbehaviour
        return HTTPStreamAnswer(stream.status, fields: fields) { body in
            let target = DeviatingBody(misbehaviour, behind: body)
            switch misbehaviour {
            case .httpSubscriptionWaits: target.answersOnce = waits
            case .sseStreamsQueued: target.ended = { self.release(call) }
            case .sseOperationWaits:
                target.told = { id in self.state.withLock { _ = $0.told.insert("\(call.token ?? "") \(id)") } }
            default: break
            }
            let writer = HTTPBodyWriter(to: target, on: body.eventLoop)
            target.begin(stream.start(writer), writer)
            return target
        } abandon: {
            self.release(call)
            stream.abandon()
        }
    }

    /// A stream on which nothing happens.
    private final class SilentStream: HTTPBodyProducer {
        private let writer: EventStreamWriter

        init(_ writer: EventStreamWriter) {
            self.writer = writer
        }

        func disconnected() {
            self.writer.stop()
        }

        func goAway() {
            self.writer.end()
        }
    }
}
