import GraphQLCore
import ReferenceDomains
import SubscriptionServer

/// Lets everybody in, as nobody in particular, into one tenant, with every role and permission.
struct OpenGate: ConnectionGate {
    private let admission: ConnectionAdmission

    init(tenant: String) {
        self.admission = ConnectionAdmission(
            context: Identity(tenant: tenant, isUnrestricted: true), principal: Principal(tenant: tenant))
    }

    func admit(initPayload: JSONObject?, handshake: HandshakeFacts) async throws -> ConnectionAdmission {
        self.admission
    }

    func admit(request: HandshakeFacts) async throws -> ConnectionAdmission {
        self.admission
    }
}
