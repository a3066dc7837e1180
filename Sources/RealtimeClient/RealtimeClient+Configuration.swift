extension RealtimeClient {
    /// What a client speaks to its server.
    public enum Speech: Sendable, Hashable {
        /// Server-sent events, each as it is.
        case eventStream
        /// JSON messages over a WebSocket, with `ping` and `pong` messages.
        case socket
        /// A GraphQL operation over the subprotocol `graphql-transport-ws`.
        case transportWS(GraphQLOperation)
        /// A GraphQL operation over the legacy subprotocol `graphql-ws`.
        case legacyWS(GraphQLOperation)
        /// A GraphQL operation over server-sent events, in distinct connections mode.
        case graphQLStream(GraphQLOperation)

        var isSocket: Bool {
            switch self {
            case .socket, .transportWS, .legacyWS: true
            case .eventStream, .graphQLStream: false
            }
        }
    }

    /// How the token travels.
    public enum TokenPlace: String, Sendable, Hashable, CaseIterable {
        /// `Authorization: Bearer …` of the request.
        case header
        /// `?token=…`; ends up in logs of servers and proxies, so the last choice.
        case query
        /// The cookie `access_token`.
        case cookie
        /// The member `Authorization` of the payload of `connection_init`.
        case initPayload = "init"
    }

    /// Where a client connects, what it says there, and how it stays connected.
    public struct Configuration: Sendable {
        /// Scheme http, https, ws or wss.
        public var url: String
        /// What is spoken there.
        public var speech: Speech
        /// A JWT or whatever the server takes; nil for none. Never printed.
        public var token: String?
        /// Nil for the usual place: the init payload of GraphQL over a WebSocket, else the header.
        public var tokenPlace: TokenPlace?
        /// More header fields of the request.
        public var fields: [(name: String, value: String)] = []
        /// How long it waits before each attempt after a loss.
        public var backoff = Backoff()
        /// The time between two heartbeats, in which the server must give a sign of life; nil for none.
        public var heartbeat: Duration? = .seconds(30)
        /// How many events `history` keeps.
        public var historyCapacity = 100
        /// A PEM file of certificate authorities to trust instead of the system's.
        public var trustedCertificates: String?

        /// - Parameter token: nil for none.
        public init(url: String, speech: Speech, token: String? = nil) {
            self.url = url
            self.speech = speech
            self.token = token
        }
    }

    /// Settings that cannot be used, with the reason in one sentence.
    public struct Unusable: Error, Sendable, Hashable, CustomStringConvertible {
        /// The reason in one sentence.
        public let description: String

        init(_ description: String) {
            self.description = description
        }
    }
}

extension RealtimeClient.Configuration {
    /// - Throws: `RealtimeClient.Unusable`.
    func transport() throws(RealtimeClient.Unusable) -> any Transport {
        var address = try Address(url: self.url)
        var fields = self.fields
        if let token {
            switch self.place {
            case .header: fields.append(("Authorization", "Bearer \(token)"))
            case .query: address.addQuery("token", token)
            case .cookie: fields.append(("Cookie", "access_token=\(token)"))
            case .initPayload: break
            }
        }
        let dialling: Dialling
        do {
            dialling = try Dialling(address, trustedCertificates: self.trustedCertificates)
        } catch {
            throw RealtimeClient.Unusable("the trusted certificates cannot be used: \(error)")
        }
        switch self.speech {
        case .eventStream: return EventStreamTransport(dialling: dialling, fields: fields, body: nil)
        case .graphQLStream(let operation):
            return EventStreamTransport(dialling: dialling, fields: fields, body: operation.json)
        case .socket: return WebSocketTransport(dialling: dialling, fields: fields, subprotocol: nil)
        case .transportWS:
            return WebSocketTransport(dialling: dialling, fields: fields, subprotocol: "graphql-transport-ws")
        case .legacyWS:
            return WebSocketTransport(dialling: dialling, fields: fields, subprotocol: "graphql-ws")
        }
    }

    /// How a new connection begins to speak.
    func dialect() -> any Dialect {
        switch self.speech {
        case .eventStream: EventStreamDialect()
        case .socket: PlainSocketDialect()
        case .graphQLStream: GraphQLStreamDialect()
        case .transportWS(let operation):
            GraphQLSocketDialect(.transportWS, operation: operation, initPayload: self.initPayload)
        case .legacyWS(let operation):
            GraphQLSocketDialect(.legacy, operation: operation, initPayload: self.initPayload)
        }
    }

    private var place: RealtimeClient.TokenPlace {
        switch self.speech {
        case .transportWS, .legacyWS: self.tokenPlace ?? .initPayload
        case .eventStream, .socket, .graphQLStream: self.tokenPlace ?? .header
        }
    }

    private var initPayload: String? {
        guard let token, self.place == .initPayload else { return nil }
        return #"{"Authorization":\#(GraphQLOperation.quoted("Bearer \(token)"))}"#
    }
}
