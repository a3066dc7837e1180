import GraphQLCore
import NIOCore
import NIOHTTP1
import SubscriptionProtocols

// What a misbehaving server makes of requests.
extension DeviatingResponder {
    /// The request as it is understood.
    func rewritten(_ call: HTTPCall) -> HTTPCall {
        var call = call
        switch self.misbehaviour {
        case .getMutationExecuted where call.head.method == .GET:
            guard let request = try? HTTPRequestParameters.read(query: call.query, limits: .init()) else { break }
            var members: JSONObject = ["query": .string(request.query)]
            members["operationName"] = request.operationName.map { .string($0) }
            members["variables"] = request.variables.map { .object($0) }
            members["extensions"] = request.extensions.map { .object($0) }
            call.head.method = .POST
            call.head.headers.replaceOrAdd(name: "content-type", value: ResultType.json.rawValue)
            call.body = ByteBuffer(bytes: JSONValue.object(members).encoded())
        case .httpAnyContentType where call.head.method == .POST:
            call.head.headers.replaceOrAdd(name: "content-type", value: ResultType.json.rawValue)
        case .httpCharsetIgnored:
            if let type = call.head.headers.first(name: "content-type") {
                call.head.headers.replaceOrAdd(name: "content-type", value: String(type.prefix { $0 != ";" }))
            }
        case .httpWeightsIgnored:
            let types = MediaRange.list(call.head.headers["accept"]).map(\.type)
            if !types.isEmpty {
                call.head.headers.replaceOrAdd(name: "accept", value: types.joined(separator: ", "))
            }
        case .httpPlusKept:
            call.head.uri = call.head.uri.split(separator: "+", omittingEmptySubsequences: false)
                .joined(separator: "%2B")
        case .httpOperationNameNull:
            call.head.uri = call.head.uri.split(separator: "&").filter { $0 != "operationName=null" }
                .joined(separator: "&")
        case .sseAcceptComparedWhole:
            let accept = call.head.headers["accept"].joined(separator: ", ")
            if accept != "text/event-stream", accept.lowercased().contains("text/event-stream") {
                call.head.headers.replaceOrAdd(name: "accept", value: ResultType.json.rawValue)
            }
        default: break
        }
        return call
    }

    /// Refuses what is right.
    func refusal(of call: HTTPCall) -> HTTPAnswer? {
        let body = try? JSONReader.read(Array(call.body.readableBytesView))
        switch self.misbehaviour {
        case .httpInvalidJSON500 where call.head.method == .POST && body == nil:
            return HTTPRefusal(.internalServerError, "Internal server error").answer(.json)
        case .httpNullMembersRefused:
            let hasNull = ["operationName", "variables", "extensions"].contains { body?[$0] == .null }
            return hasNull ? HTTPRefusal(.badRequest, "null is not allowed").answer(.json) : nil
        case .httpUnknownMembersRefused:
            let known: Set<String> = ["query", "operationName", "variables", "extensions"]
            let isKnown = body?.objectValue?.allSatisfy { known.contains($0.key) } ?? true
            return isKnown ? nil : HTTPRefusal(.badRequest, "Unknown member").answer(.json)
        case .sseValidation400
        where MediaRange.prefersEventStream(MediaRange.list(call.head.headers["accept"])) && call.token == nil:
            guard let request = try? self.operations.request(in: call),
                case .failure(let error) = self.operations.engine.prepare(request)
            else { return nil }
            return .result(.badRequest, .json, errors: error.errors)
        default: return nil
        }
    }
}

extension HTTPCall {
    private static let tokenField = "x-graphql-event-stream-token"

    /// The token of a reservation.
    var token: String? {
        self.head.headers.first(name: Self.tokenField) ?? HTTPRequestParameters.value(of: "token", in: self.query)
    }

    /// The id in the body of an operation request.
    var operationID: String? {
        (try? JSONReader.read(Array(self.body.readableBytesView)))?["extensions"]?["operationId"]?.stringValue
    }

    /// The same with another token.
    func with(token: String) -> HTTPCall {
        var copy = self
        copy.head.headers.replaceOrAdd(name: Self.tokenField, value: token)
        return copy
    }
}
