import GraphQLCore
import SubscriptionServer

/// Lets everybody in, as nobody in particular.
struct OpenGate: ConnectionGate {
    func admit(initPayload: JSONObject?, handshake: HandshakeFacts) async throws -> ConnectionAdmission {
        ConnectionAdmission(context: Visitor())
    }

    func admit(request: HandshakeFacts) async throws -> any ExecutionContext {
        Visitor()
    }
}

/// A client of which nothing is known. All are alike, so they share whatever they ask for alike.
struct Visitor: ExecutionContext {
    var sharingIdentity: String { "visitor" }
}
