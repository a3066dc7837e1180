import GraphQLCore
import NIOCore
import NIOHTTP1
import SubscriptionProtocols

// How requests are misread by a misbehaving server: their bytes, their members, their header fields.
extension DeviatingResponder {
    /// The request as it is understood.
    func misread(_ call: HTTPCall) -> HTTPCall {
        var call = call
        switch self.misbehaviour {
        case .httpBodyLatin1:
            var text = ""
            for byte in call.body.readableBytesView { text.unicodeScalars.append(Unicode.Scalar(byte)) }
            call.body = ByteBuffer(string: text)
        case .httpBadParameterIgnored where call.head.method == .GET:
            let kept = call.query.split(separator: "&").filter { pair in
                let value = HTTPRequestParameters.decoded(pair.drop { $0 != "=" }.dropFirst()) ?? ""
                let isJSON = ["variables=", "extensions="].contains { pair.hasPrefix($0) }
                return !isJSON || (try? JSONReader.read(value)) != nil
            }
            call.head.uri = call.path + "?" + kept.joined(separator: "&")
        case .httpGETUnread
        where call.head.method == .GET && HTTPRequestParameters.value(of: "query", in: call.query) != nil:
            call.head.uri = String(call.path)
        case .sseTokenHeaderCase:
            let name = "X-GraphQL-Event-Stream-Token"
            if !call.head.headers.contains(where: { $0.name == name }) { call.head.headers.remove(name: name) }
        case .sseTokenInURLIgnored:
            let kept = call.query.split(separator: "&").filter { !$0.hasPrefix("token=") }
            call.head.uri = call.path + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
        default:
            guard call.head.method == .POST, let members = call.members else { break }
            var understood = members
            self.misread(&understood, isOwnStream: call.token == nil)
            guard understood != members else { break }
            call.body = ByteBuffer(bytes: JSONValue.object(understood).encoded())
        }
        return call
    }

    private func misread(_ members: inout JSONObject, isOwnStream: Bool) {
        switch self.misbehaviour {
        case .sseIDInvented where !isOwnStream:
            guard (members["extensions"]?["operationId"]?.stringValue ?? "").isEmpty else { break }
            var extensions = members["extensions"]?.objectValue ?? [:]
            extensions["operationId"] = "1"
            members["extensions"] = .object(extensions)
        case .httpVariablesDropped:
            members["variables"] = nil
        case .intWraps:
            guard var variables = members["variables"]?.objectValue else { break }
            for name in variables.keys { variables[name] = variables[name].map(Self.wrapped) }
            members["variables"] = .object(variables)
        default:
            guard let query = members["query"]?.stringValue else { break }
            let payload = SubscribePayload(
                query: query, operationName: members["operationName"]?.stringValue,
                variables: members["variables"]?.objectValue)
            let understood = self.misbehaviour.misread(payload)
            guard understood != payload else { break }
            members["query"] = .string(understood.query)
            members["operationName"] = understood.operationName.map { .string($0) }
            members["variables"] = understood.variables.map { .object($0) }
        }
    }

    private static func wrapped(_ value: JSONValue) -> JSONValue {
        switch value {
        case .int(let number): .int(Int64(Int32(truncatingIfNeeded: number)))
        case .double(let number) where abs(number) < 1e9: .int(Int64(number))
        default: value
        }
    }
}

extension HTTPCall {
    /// The members of a body that is a JSON object.
    fileprivate var members: JSONObject? {
        (try? JSONReader.read(Array(self.body.readableBytesView)))?.objectValue
    }

    /// The document in the body.
    var document: String? { self.members?["query"]?.stringValue }

    /// Whether a subscription is asked for, by whatever method.
    var asksForSubscription: Bool {
        self.isSubscription
            || HTTPRequestParameters.value(of: "query", in: self.query)?.hasPrefix("subscription") ?? false
    }

    /// Whether the answer is to be a stream of the request's own.
    var asksForOwnStream: Bool {
        self.token == nil && self.head.method != .PUT
            && MediaRange.prefersEventStream(MediaRange.list(self.head.headers["accept"]))
    }

    /// Who sends it, as far as a server that keeps sessions can tell.
    var client: String {
        [self.peer ?? "", self.head.headers.first(name: "authorization") ?? ""].joined(separator: " ")
    }

    var isMutation: Bool { self.document?.hasPrefix("mutation") ?? false }
    var isSubscription: Bool { self.document?.hasPrefix("subscription") ?? false }

    /// The request that stops an operation.
    func deleting(_ id: String, of token: String) -> HTTPCall {
        var copy = self.with(token: token)
        copy.head.uri = "\(self.path)?operationId=\(id)"
        return copy
    }
}

extension HTTPAnswer {
    /// Gives the body another media type.
    mutating func label(_ type: String) {
        self.fields = self.fields.map { ($0.name, $0.name == "Content-Type" ? type + "; charset=utf-8" : $0.value) }
    }
}
