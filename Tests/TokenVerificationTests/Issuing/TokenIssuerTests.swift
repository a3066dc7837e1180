import Testing

@testable import TokenVerification

@Suite("Making tokens", .timeLimit(.minutes(1)))
struct TokenIssuerTests {
    @Test("What was made is accepted, and says what it was told to", arguments: TokenAlgorithm.allCases)
    func roundTrip(algorithm: TokenAlgorithm) async throws {
        let issuer =
            algorithm == .hs256
            ? try await TokenIssuer.secret(Array(TestKeys.secrets[0].utf8), keyID: "k")
            : try await TokenIssuer.pem(TestKeys.privatePEM(algorithm), keyID: "k")
        var claims = TokenIssuer.Claims(sub: "ada", tenant: "acme", iat: 1_800_000_000, exp: 1_800_000_060)
        claims.permissions = ["events:publish", "jobs.cancel"]
        claims.roles = ["ADMIN"]
        claims.teams = ["t"]
        claims.name = "Ada / \"A\""
        claims.jti = "j"
        claims.iss = "i"
        claims.aud = ["a"]
        let keys = try KeySet([await TestKeys.verification(algorithm, id: "k")])
        let verifier = TokenVerifier(
            keys: FixedKeys(keys), policy: TokenPolicy(issuers: ["i"], audiences: ["a"]),
            now: { TokenVerifierTests.now })
        #expect(
            try await verifier.verify(issuer.token(claims))
                == VerifiedToken(
                    user: "ada", tenant: "acme", name: "Ada / \"A\"", roles: ["ADMIN"],
                    permissions: ["events:publish", "jobs.cancel"], teams: ["t"], tokenID: "j",
                    expiry: 1_800_000_060))
    }

    @Test("Keys that cannot sign")
    func unusable() async throws {
        await #expect(throws: UnusableKey.self) { try await TokenIssuer.secret([1, 2, 3]) }
        await #expect(throws: UnusableKey.self) { try await TokenIssuer.pem("x") }
        await #expect(throws: UnusableKey.self) { try await TokenIssuer.pem(TestKeys.publicPEM(.rs256)) }
    }
}
