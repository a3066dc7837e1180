package import GraphQLCore
package import SubscriptionProtocols

/// Says that a limit is reached.
package struct LimitRefusal: Error, Sendable, Equatable {
    /// Which.
    package let kind: LimitKind
    /// After how many seconds to come again, at least 1. Exact for rates, rounded up; for what is open it is a hint.
    package let retryAfter: Int

    /// What is wrong about it on purpose.
    private let misbehaviour: Misbehaviour?

    package init(_ kind: LimitKind, retryAfter: Int, misbehaviour: Misbehaviour? = nil) {
        self.misbehaviour = misbehaviour
        self.kind = kind
        self.retryAfter = max(retryAfter, 1)
    }

    /// For people.
    package var message: String {
        switch self.kind {
        case .connectionsPerServer, .connectionsPerPeer, .connectionsPerTenant, .connectionsPerUser:
            "Too many connections"
        case .operationsPerConnection: "Too many operations on this connection"
        case .operationsPerUser: "Too many operations"
        case .messagesPerConnection, .messagesPerTenant: "Too many messages"
        case .store: "Limits cannot be checked now"
        }
    }

    /// For programs: the code in the extensions of `error`.
    package var code: String {
        switch self.kind {
        case .messagesPerConnection, .messagesPerTenant: "RATE_LIMITED"
        case .store: "OVERLOADED"
        default: "LIMIT_EXCEEDED"
        }
    }

    /// The error that a refused operation gets.
    package var error: GraphQLError {
        guard self.misbehaviour != .limitErrorWithoutCode else { return GraphQLError(message: self.message) }
        return GraphQLError(
            message: self.message,
            extensions: ["code": .string(self.code), "retryAfter": .int(Int64(self.retryAfter))])
    }

    /// The header field of an answer with status 429 (RFC 9110 §10.2.3).
    var fields: [(name: String, value: String)] {
        self.misbehaviour == .retryAfterMissing ? [] : [("Retry-After", "\(self.retryAfter)")]
    }

    /// How a socket is closed that meets the limit.
    package var close: Close {
        guard self.misbehaviour != .limitClosesWith4403 else { return .forbidden }
        return self.kind == .store
            ? Close(.tryAgainLater, CloseReason(self.message)) : Close(.tooManyRequests, CloseReason(self.message))
    }
}
