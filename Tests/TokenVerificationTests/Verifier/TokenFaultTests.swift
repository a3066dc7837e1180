import Testing

@testable import TokenVerification

/// Each fault lets through exactly the token that it is about, so that a mutant with it is worth its name.
@Suite("Faults of verifying", .timeLimit(.minutes(1)))
struct TokenFaultTests {
    private func outcome(_ token: String, _ faults: TokenFaults, key: TokenAlgorithm = .hs256) async throws
        -> TokenRejection?
    {
        let keys = try KeySet([await TestKeys.verification(key, id: "k")])
        let policy = TokenPolicy(issuers: ["i"], audiences: ["a"], faults: faults)
        let verifier = TokenVerifier(keys: FixedKeys(keys), policy: policy, now: { TokenVerifierTests.now })
        do throws(TokenRejection) {
            _ = try await verifier.verify(token)
            return nil
        } catch {
            return error
        }
    }

    private func claims(
        exp: String = #","exp":1800000060"#, tenant: String = #","tenant_id":"acme""#, iss: String = "i",
        aud: String = "a", more: String = ""
    ) -> String {
        #"{"sub":"ada","iss":"\#(iss)","aud":"\#(aud)"\#(tenant)\#(exp)\#(more)}"#
    }

    @Test("Claims")
    func claims() async throws {
        let forge = try await TestKeys.forge(.hs256)
        let rows: [(String, TokenFaults, TokenRejection)] = [
            (self.claims(exp: #","exp":1"#), .expiryIgnored, .expired),
            (self.claims(exp: ""), .expiryOptional, .expiryMissing),
            (self.claims(more: #","nbf":1900000000"#), .notBeforeIgnored, .notYetValid),
            (self.claims(more: #","iat":1900000000"#), .issueTimeIgnored, .issuedInFuture),
            (self.claims(aud: "b"), .audienceIgnored, .audienceWrong),
            (self.claims(iss: "j"), .issuerIgnored, .issuerWrong),
            (self.claims(tenant: ""), .tenantOptional, .tenantMissing),
        ]
        for (payload, fault, rejection) in rows {
            let token = try forge.token(payload)
            #expect(try await self.outcome(token, []) == rejection)
            #expect(try await self.outcome(token, fault) == nil)
            for (_, other, _) in rows where other != fault {
                #expect(try await self.outcome(token, other) == rejection)
            }
        }
    }

    @Test("Signatures")
    func signatures() async throws {
        let forged = try await TestKeys.forge(.hs256, 1).token(self.claims())
        #expect(try await self.outcome(forged, []) == .signatureInvalid)
        #expect(try await self.outcome(forged, .signatureUnchecked) == nil)

        let none = Forge.base64URL(#"{"alg":"none"}"#) + "." + Forge.base64URL(self.claims()) + "."
        #expect(try await self.outcome(none, []) == .algorithmRefused)
        #expect(try await self.outcome(none, .noneAccepted) == nil)

        let confused = try await Forge.secret(TestKeys.publicPEM(.rs256)).token(self.claims())
        #expect(try await self.outcome(confused, [], key: .rs256) == .algorithmOfOtherKey)
        #expect(try await self.outcome(confused, .algorithmConfused, key: .rs256) == nil)

        let unknown = try await TestKeys.forge(.hs256).token(self.claims(), kid: "other")
        #expect(try await self.outcome(unknown, []) == .keyUnknown)
        #expect(try await self.outcome(unknown, .keyFallBack) == nil)
    }
}
