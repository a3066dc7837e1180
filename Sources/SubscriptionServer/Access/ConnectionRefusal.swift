package import GraphQLCore
import NIOHTTP1
package import SubscriptionProtocols

/// Says that a client may not connect.
package struct ConnectionRefusal: Error, Sendable, Equatable {
    /// What can be done about it.
    package enum Kind: Sendable, Hashable {
        /// The client did not say who it is, or not believably: it would need another token.
        case unauthenticated
        /// It is known who the client is, and it may not.
        case forbidden
        /// The server cannot decide now, or not serve. Seconds after which it may be worth trying again.
        case unavailable(retryAfter: Int?)
    }

    /// What the client is told.
    package var kind: Kind
    /// Why, for the log; the client is not told.
    package var reason: String

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// A client that may not.
    package init(_ reason: String) {
        self.init(.forbidden, reason)
    }

    /// How a `connection_init` is refused. The dialect has one code for whoever is turned away (ConnectionInit).
    package var close: Close {
        switch self.kind {
        case .unauthenticated, .forbidden: .forbidden
        case .unavailable: .tryAgainLater
        }
    }

    /// What a client is told in GraphQL, always the same for a kind: a reason would help whoever is guessing.
    package var error: GraphQLError {
        let (message, code): (String, String) =
            switch self.kind {
            case .unauthenticated: ("This needs a valid token.", "UNAUTHENTICATED")
            case .forbidden: ("Forbidden", "FORBIDDEN")
            case .unavailable: ("Not available right now, please try again later.", "EVENTS_UNAVAILABLE")
            }
        var extensions: JSONObject = ["code": .string(code)]
        if case .unavailable(let seconds?) = self.kind {
            extensions["retryAfter"] = .int(Int64(seconds))
        }
        return GraphQLError(message: message, extensions: extensions)
    }

    /// How an HTTP request is refused.
    var status: HTTPResponseStatus {
        switch self.kind {
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .unavailable: .serviceUnavailable
        }
    }

    /// Fields of an HTTP answer: what a token would do (RFC 9110 §11.6.1, RFC 6750 §3), or when to come again.
    var fields: [(name: String, value: String)] {
        switch self.kind {
        case .unauthenticated: [("WWW-Authenticate", #"Bearer error="invalid_token""#)]
        case .forbidden, .unavailable(nil): []
        case .unavailable(let seconds?): [("Retry-After", "\(seconds)")]
        }
    }
}
