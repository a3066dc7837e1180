import GraphQLCore
import ReferenceDomains
import SubscriptionProtocols
import SubscriptionServer
import Testing
import TokenVerification

@testable import reference_server

@Suite("The gate for tokens", .timeLimit(.minutes(1)))
struct TokenGateTests {
    private static let secret = Array("a secret of more than 32 bytes for tests".utf8)
    private static let now = 1_800_000_000

    private func gate(_ change: (inout TokenGate) -> Void = { _ in }) async throws -> TokenGate {
        let keys = FixedKeys(try KeySet([await .secret(Self.secret)]))
        var gate = TokenGate(
            verifier: TokenVerifier(keys: keys, policy: TokenPolicy(leeway: 5), now: { Double(Self.now) }))
        change(&gate)
        return gate
    }

    private func token(_ tenant: String = "acme", exp: Int = now + 60) async throws -> String {
        var claims = TokenIssuer.Claims(sub: "ada", tenant: tenant, iat: Self.now, exp: exp)
        claims.name = "Ada"
        claims.roles = ["ADMIN"]
        claims.permissions = ["events:publish"]
        claims.teams = ["t"]
        claims.jti = "j"
        return try await TokenIssuer.secret(Self.secret).token(claims)
    }

    private func refusal(_ admit: () async throws -> ConnectionAdmission) async throws -> ConnectionRefusal {
        do {
            let admission = try await admit()
            throw NotRefused(admission: "\(admission)")
        } catch let refusal as ConnectionRefusal {
            return refusal
        }
    }

    private struct NotRefused: Error {
        let admission: String
    }

    private static let request = HandshakeFacts(target: "/graphql")

    @Test("A good token makes identity and principal, on sockets and requests")
    func good() async throws {
        let gate = try await self.gate()
        let token = try await self.token()
        let request = HandshakeFacts(
            target: "/graphql", fields: [.init(name: "authorization", value: "Bearer \(token)")])
        for admission in [
            try await gate.admit(initPayload: ["token": .string(token)], handshake: Self.request),
            try await gate.admit(initPayload: nil, handshake: request), try await gate.admit(request: request),
        ] {
            #expect(
                admission.context as? Identity
                    == Identity(
                        tenant: "acme", user: "ada", name: "Ada", roles: ["ADMIN"], permissions: ["events:publish"],
                        teams: ["t"]))
            #expect(
                admission.principal
                    == Principal(tenant: "acme", user: "ada", tokenID: "j", expiry: Double(Self.now + 65)))
            #expect(admission.ackPayload == nil)
        }
    }

    @Test("Without a token: refused, or nobody in particular in the default tenant")
    func anonymous() async throws {
        let strict = try await self.gate()
        #expect(
            try await self.refusal { try await strict.admit(request: Self.request) }
                == ConnectionRefusal(.unauthenticated, "no token"))
        let lenient = try await self.gate {
            $0.anonymous = .allow
            $0.defaultTenant = "guests"
        }
        let admission = try await lenient.admit(initPayload: [:], handshake: Self.request)
        #expect(admission.context as? Identity == Identity(tenant: "guests"))
        #expect(admission.principal == Principal(tenant: "guests"))
    }

    @Test("A bad token is refused, whatever else is there and allowed")
    func bad() async throws {
        let gate = try await self.gate { $0.anonymous = .allow }
        let good = try await self.token()
        let expired = try await self.token(exp: Self.now - 5)
        let request = HandshakeFacts(
            target: "/graphql", fields: [.init(name: "authorization", value: "Bearer \(good)")])
        for (payload, reason) in [
            (["token": .string(expired)], "connection_init token: expired"),
            (["token": "x"], "connection_init token: malformed"),
            (["token": ""], "connection_init token: malformed"),
            (["token": 7], "connection_init token: no bearer token"),
            (["Authorization": .string(good)], "connection_init Authorization: no bearer token"),
        ] as [(JSONObject, String)] {
            let refusal = try await self.refusal { try await gate.admit(initPayload: payload, handshake: request) }
            #expect(refusal == ConnectionRefusal(.unauthenticated, reason))
            #expect(refusal.close == .forbidden)
        }
        let query = HandshakeFacts(
            target: "/graphql?token=\(expired)", fields: [.init(name: "authorization", value: "Bearer \(good)")])
        #expect(
            try await self.refusal { try await gate.admit(request: query) }
                == ConnectionRefusal(.unauthenticated, "query token: expired"))
    }

    @Test("Nothing that a client says beside its token moves it to another tenant")
    func tenant() async throws {
        let gate = try await self.gate()
        let token = try await self.token()
        let request = HandshakeFacts(
            target: "/graphql?tenant=globex&tenant_id=globex",
            fields: [
                .init(name: "authorization", value: "Bearer \(token)"), .init(name: "x-tenant-id", value: "globex"),
            ])
        let admission = try await gate.admit(
            initPayload: ["tenant_id": "globex", "tenant": "globex"], handshake: request)
        #expect((admission.context as? Identity)?.tenant == "acme")
        #expect(admission.principal.tenant == "acme")
    }

    @Test("Without keys clients are told to come again")
    func noKeys() async throws {
        struct Away: Error {}
        let keys = RotatingKeys(now: { 0 }, fetch: { throw Away() })
        let gate = TokenGate(verifier: TokenVerifier(keys: keys, policy: TokenPolicy(), now: { Double(Self.now) }))
        let token = try await self.token()
        let refusal = try await self.refusal {
            try await gate.admit(initPayload: ["token": .string(token)], handshake: Self.request)
        }
        #expect(refusal.kind == .unavailable(retryAfter: 5))
        #expect(refusal.close == .tryAgainLater)
        #expect(refusal.error.extensions == ["code": "EVENTS_UNAVAILABLE", "retryAfter": 5])
    }

    @Test("The faults are faults")
    func faults() async throws {
        let token = try await self.token()
        let trusting = try await self.gate { $0.faults = [.badTokenIsNone] }
        let anybody = try await trusting.admit(initPayload: ["token": "x"], handshake: Self.request)
        #expect(anybody.context as? Identity == Identity(tenant: "public"))
        let moving = try await self.gate { $0.faults = [.tenantFromPayload, .tenantFromHeader] }
        let moved = try await moving.admit(
            initPayload: ["token": .string(token), "tenant_id": "globex"], handshake: Self.request)
        #expect((moved.context as? Identity)?.tenant == "globex")
        let unchecked = try await self.gate { $0.faults = [.permissionsUnchecked] }
        let free = try await unchecked.admit(initPayload: ["token": .string(token)], handshake: Self.request)
        #expect((free.context as? Identity)?.holds(permission: "anything") == true)
    }
}
