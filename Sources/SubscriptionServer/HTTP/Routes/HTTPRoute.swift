package import GraphQLCore

/// Something of the application's that the server answers beside GraphQL: a path, and what stands there.
package struct HTTPRoute: Sendable {
    /// Who may call.
    package enum Access: Sendable, Hashable {
        /// Whom the gate lets in; see `RouteCall.admission`.
        case admitted
        /// Everybody, without a question to the gate.
        case open
    }

    /// In capitals. HEAD comes with GET.
    package let methods: Set<String>
    package let pattern: PathPattern
    package let access: Access
    /// Answers a call. The task is cancelled when the client leaves.
    /// - Throws: `RouteError` for the client; anything else is logged, and the client gets 500.
    package let respond: @Sendable (RouteCall) async throws -> RouteAnswer

    /// What stands at a path for GET.
    package init(
        _ pattern: PathPattern, access: Access = .admitted,
        respond: @escaping @Sendable (RouteCall) async throws -> RouteAnswer
    ) {
        self.init(["GET"], pattern, access: access, respond: respond)
    }

    /// What stands at a path for the given methods.
    package init(
        _ methods: Set<String>, _ pattern: PathPattern, access: Access = .admitted,
        respond: @escaping @Sendable (RouteCall) async throws -> RouteAnswer
    ) {
        self.methods = methods
        self.pattern = pattern
        self.access = access
        self.respond = respond
    }
}

/// A request for a route.
package struct RouteCall: Sendable {
    /// In capitals.
    package let method: String
    /// The path as it came.
    package let path: String
    /// What stands in the place of the names in the pattern, decoded.
    package let parameters: [String: String]
    /// The parameters of the URL in order, decoded.
    package let query: [(name: String, value: String)]
    /// The header fields, the target and the address of the client.
    package let facts: HandshakeFacts
    package let body: [UInt8]
    /// As whom the client was let in; nil for open routes.
    package let admission: ConnectionAdmission?

    package init(
        method: String, path: String, parameters: [String: String] = [:], query: [(name: String, value: String)] = [],
        facts: HandshakeFacts, body: [UInt8] = [], admission: ConnectionAdmission? = nil
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.query = query
        self.facts = facts
        self.body = body
        self.admission = admission
    }

    /// The first URL parameter of that name.
    package func queryValue(_ name: String) -> String? {
        self.query.first { $0.name == name }?.value
    }

    /// The last event that the client has seen of an earlier stream (WHATWG HTML §9.2.4); nil when it names none.
    package var lastEventID: String? {
        self.facts.values(of: "last-event-id").first.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// What a route answers.
package enum RouteAnswer: Sendable {
    /// A body. `fields` come beside the content type and the framing.
    case body(status: Int = 200, contentType: String, [UInt8], fields: [HandshakeFacts.Field] = [])
    /// A stream of events.
    case events(RouteEventStream)

    /// A body of JSON.
    package static func json(status: Int = 200, _ value: JSONValue) -> RouteAnswer {
        .body(
            status: status, contentType: "application/json; charset=utf-8", value.encoded(),
            fields: [.init(name: "Cache-Control", value: "no-store")])
    }

    /// A body of HTML.
    package static func html(_ page: String) -> RouteAnswer {
        .body(contentType: "text/html; charset=utf-8", Array(page.utf8))
    }
}

/// A stream of events that a route answers with. Costs no task while it is open.
package struct RouteEventStream: Sendable {
    /// Opens the source of the events, once; returns what releases it. The events may begin before it returns.
    /// - Throws: `RouteError` or anything else when there is no source: the stream then has one event `error` and ends.
    let start: @Sendable (EventStreamSink) async throws -> SourceCancellation

    /// - Parameter start: opens the source, and returns what releases it: called at once when the client leaves, also
    ///   when the source is silent, and when the server ends the stream.
    package init(start: @escaping @Sendable (EventStreamSink) async throws -> SourceCancellation) {
        self.start = start
    }
}

/// Says that a route does not answer as it was asked.
package struct RouteError: Error, Sendable, Equatable {
    /// 400...599.
    package var status: Int
    /// Told to the client as `{"errors":[…]}`.
    package var error: GraphQLError

    package init(status: Int, _ error: GraphQLError) {
        self.status = status
        self.error = error
    }
}
