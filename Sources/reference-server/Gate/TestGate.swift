import GraphQLCore
import SubscriptionServer

/// Lets everybody in, except that the member `token` of the init payload orders otherwise: `deny` is refused, `slow`
/// is let in after a second, `crash` makes the decision fail.
struct TestGate<Time: Clock>: ConnectionGate where Time.Duration == Duration {
    /// What `crash` throws.
    struct Crash: Error, CustomStringConvertible {
        var description: String { "the init token asked for a crash" }
    }

    private let clock: Time

    init(clock: Time) {
        self.clock = clock
    }

    func admit(initPayload: JSONObject?, handshake: HandshakeFacts) async throws -> ConnectionAdmission {
        switch initPayload?["token"]?.stringValue {
        case "deny": throw ConnectionRefusal("the init token asked for a refusal")
        case "slow": try await self.clock.sleep(for: .seconds(1))
        case "crash": throw Crash()
        default: break
        }
        return ConnectionAdmission(context: Visitor())
    }

    func admit(request: HandshakeFacts) async throws -> any ExecutionContext {
        Visitor()
    }
}
