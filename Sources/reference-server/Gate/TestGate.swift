import GraphQLCore
import SubscriptionServer

/// Decides as another gate does, except that the member `token` of the init payload orders otherwise: `deny` is refused, `slow`
/// is decided upon after a second, `crash` makes the decision fail.
struct TestGate<Time: Clock>: ConnectionGate where Time.Duration == Duration {
    /// What `crash` throws.
    struct Crash: Error, CustomStringConvertible {
        var description: String { "the init token asked for a crash" }
    }

    private let clock: Time
    private let gate: any ConnectionGate

    init(clock: Time, before gate: any ConnectionGate) {
        self.clock = clock
        self.gate = gate
    }

    func admit(initPayload: JSONObject?, handshake: HandshakeFacts) async throws -> ConnectionAdmission {
        var payload = initPayload
        switch initPayload?["token"]?.stringValue {
        case "deny": throw ConnectionRefusal("the init token asked for a refusal")
        case "slow":
            try await self.clock.sleep(for: .seconds(1))
            // An order, and not a token to be verified.
            payload?["token"] = nil
        case "crash": throw Crash()
        default: break
        }
        return try await self.gate.admit(initPayload: payload, handshake: handshake)
    }

    func admit(request: HandshakeFacts) async throws -> ConnectionAdmission {
        try await self.gate.admit(request: request)
    }
}
