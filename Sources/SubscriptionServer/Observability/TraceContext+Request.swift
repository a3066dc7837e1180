package import GraphQLCore
import NIOHTTP1

extension TraceContext {
    /// That in the header fields of a handshake; none when it comes more than once.
    package init?(_ facts: HandshakeFacts) {
        self.init(fields: facts.values(of: Self.name))
    }

    /// That of a request for an operation over HTTP. What the request itself says in its extensions comes before what
    /// carried it there.
    init?(_ request: GraphQLRequest, in call: HTTPCall) {
        guard let context = TraceContext(request.extensions) ?? TraceContext(call) else { return nil }
        self = context
    }

    /// That in the header fields of a request.
    init?(_ call: HTTPCall) {
        self.init(fields: call.head.headers[Self.name])
    }

    private init?(fields: [String]) {
        guard fields.count == 1, let context = TraceContext(fields[0]) else { return nil }
        self = context
    }
}
