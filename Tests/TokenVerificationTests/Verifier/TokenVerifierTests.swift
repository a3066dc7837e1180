import Foundation
import Testing

@testable import TokenVerification

@Suite("Verifying tokens", .timeLimit(.minutes(1)))
struct TokenVerifierTests {
    static let now = 1_800_000_000.0
    static let good = #"{"sub":"ada","tenant_id":"acme","exp":1800000060}"#

    private func verifier(
        _ algorithm: TokenAlgorithm, policy: TokenPolicy = TokenPolicy(), at now: Double = Self.now
    ) async throws -> TokenVerifier {
        let keys = try KeySet([await TestKeys.verification(algorithm)])
        return TokenVerifier(keys: FixedKeys(keys), policy: policy, now: { now })
    }

    private func rejection(of token: String, by verifier: TokenVerifier) async -> TokenRejection? {
        do throws(TokenRejection) {
            _ = try await verifier.verify(token)
            return nil
        } catch {
            return error
        }
    }

    @Test("A good token says everything it says", arguments: TokenAlgorithm.allCases)
    func good(algorithm: TokenAlgorithm) async throws {
        let payload = """
            {"iss":"i","aud":["a","b"],"sub":"ada","tenant_id":"acme","name":"Ada","roles":["ADMIN"],\
            "permissions":["events:publish"],"team_ids":["t1","t2"],"jti":"j","iat":1799999990,"nbf":1799999990,\
            "exp":1800000060.5,"other":{"x":[1,null]}}
            """
        let verifier = try await self.verifier(
            algorithm, policy: TokenPolicy(issuers: ["i", "k"], audiences: ["b", "c"]))
        let token = try await verifier.verify(TestKeys.forge(algorithm).token(payload))
        #expect(
            token
                == VerifiedToken(
                    user: "ada", tenant: "acme", name: "Ada", roles: ["ADMIN"], permissions: ["events:publish"],
                    teams: ["t1", "t2"], tokenID: "j", expiry: 1_800_000_060.5))
    }

    @Test("The signature of another key of the same kind", arguments: TokenAlgorithm.allCases)
    func otherKey(algorithm: TokenAlgorithm) async throws {
        let token = try await TestKeys.forge(algorithm, 1).token(Self.good)
        #expect(await self.rejection(of: token, by: try self.verifier(algorithm)) == .signatureInvalid)
    }

    @Test("A token of another algorithm than the key's", arguments: TokenAlgorithm.allCases, TokenAlgorithm.allCases)
    func otherAlgorithm(key: TokenAlgorithm, token: TokenAlgorithm) async throws {
        guard key != token else { return }
        let verifier = try await self.verifier(key)
        let honest = try await TestKeys.forge(token).token(Self.good)
        #expect(await self.rejection(of: honest, by: verifier) == .algorithmOfOtherKey)
        // The right key with the wrong name.
        let renamed = try await TestKeys.forge(key).token(
            header: #"{"alg":"\#(token.rawValue)"}"#, payload: Self.good)
        #expect(await self.rejection(of: renamed, by: verifier) == .algorithmOfOtherKey)
        // The wrong key with the right name.
        let dressed = try await TestKeys.forge(token).token(
            header: #"{"alg":"\#(key.rawValue)"}"#, payload: Self.good)
        #expect(await self.rejection(of: dressed, by: verifier) == .signatureInvalid)
    }

    @Test("The text of a public key is no secret", arguments: [TokenAlgorithm.rs256, .es256, .eddsa])
    func confusion(algorithm: TokenAlgorithm) async throws {
        let pem = try TestKeys.publicPEM(algorithm)
        for secret in [pem, pem + "\n", pem.trimmingCharacters(in: .newlines)] {
            let forge = try await Forge.secret(secret)
            for header in [#"{"alg":"HS256"}"#, #"{"alg":"\#(algorithm.rawValue)"}"#] {
                let token = try forge.token(header: header, payload: Self.good)
                let rejection = await self.rejection(of: token, by: try self.verifier(algorithm))
                #expect(rejection == .algorithmOfOtherKey || rejection == .signatureInvalid)
            }
        }
    }

    @Test(
        "Algorithms that nobody may use",
        arguments: ["none", "None", "NONE", "", "hs256", "HS512", "RS512", "PS256", "ES256K", "A128KW", "HS256 "])
    func refusedAlgorithm(name: String) async throws {
        let verifier = try await self.verifier(.hs256)
        let header = #"{"alg":"\#(name)"}"#
        let signed = try await TestKeys.forge(.hs256).token(header: header, payload: Self.good)
        #expect(await self.rejection(of: signed, by: verifier) == .algorithmRefused)
        let bare = Forge.base64URL(header) + "." + Forge.base64URL(Self.good) + "."
        #expect(await self.rejection(of: bare, by: verifier) == .algorithmRefused)
    }

    @Test("An algorithm that the policy leaves out", arguments: TokenAlgorithm.allCases)
    func leftOut(algorithm: TokenAlgorithm) async throws {
        let others = Set(TokenAlgorithm.allCases).subtracting([algorithm])
        let verifier = try await self.verifier(algorithm, policy: TokenPolicy(algorithms: others))
        let token = try await TestKeys.forge(algorithm).token(Self.good)
        #expect(await self.rejection(of: token, by: verifier) == .algorithmRefused)
    }

    @Test("Any byte that differs is noticed", arguments: TokenAlgorithm.allCases)
    func tampered(algorithm: TokenAlgorithm) async throws {
        let verifier = try await self.verifier(algorithm)
        let token = Array(try await TestKeys.forge(algorithm).token(Self.good).utf8)
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let text = String(decoding: changed, as: UTF8.self)
            #expect(await self.rejection(of: text, by: verifier) != nil, "byte \(index)")
        }
        let text = String(decoding: token, as: UTF8.self)
        for length in 0..<token.count where length % 7 == 0 {
            #expect(await self.rejection(of: String(text.prefix(length)), by: verifier) != nil)
        }
        #expect(await self.rejection(of: text, by: verifier) == nil)
    }

    @Test("The payload of one token with the signature of another", arguments: TokenAlgorithm.allCases)
    func exchanged(algorithm: TokenAlgorithm) async throws {
        let forge = try await TestKeys.forge(algorithm)
        let own = try forge.token(Self.good).split(separator: ".")
        let admin = Forge.base64URL(#"{"sub":"ada","tenant_id":"globex","exp":1800000060}"#)
        let token = "\(own[0]).\(admin).\(own[2])"
        #expect(await self.rejection(of: token, by: try self.verifier(algorithm)) == .signatureInvalid)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let payload: String
        let rejection: TokenRejection?
        var policy = TokenPolicy()
        var testDescription: String { self.what }

        init(_ what: String, _ payload: String, _ rejection: TokenRejection?, _ policy: TokenPolicy = TokenPolicy()) {
            self.what = what
            self.payload = payload
            self.rejection = rejection
            self.policy = policy
        }
    }

    private static func claims(_ more: String, exp: String = "1800000060") -> String {
        #"{"sub":"ada","tenant_id":"acme","exp":\#(exp)\#(more.isEmpty ? "" : ",")\#(more)}"#
    }

    private static let strict = TokenPolicy(issuers: ["i"], audiences: ["a"], leeway: 0)

    static let cases: [Case] = [
        Case("expires in a second", claims("", exp: "1800000001"), nil),
        Case("expired within the leeway", claims("", exp: "1799999996"), nil),
        Case("expired at the leeway", claims("", exp: "1799999995"), .expired),
        Case("expired long ago", claims("", exp: "1"), .expired),
        Case("expired before the epoch", claims("", exp: "-5"), .expired),
        Case("expires now, without leeway", claims("", exp: "1800000000"), .expired, TokenPolicy(leeway: 0)),
        Case("expires at the end of time", claims("", exp: "1e300"), nil),
        Case("no expiry", #"{"sub":"ada","tenant_id":"acme"}"#, .expiryMissing),
        Case("expiry null", claims("", exp: "null"), .expiryMissing),
        Case("expiry in quotes", claims("", exp: #""1800000060""#), .claimsMalformed),
        Case("expiry true", claims("", exp: "true"), .claimsMalformed),
        Case("expiry beyond numbers", claims("", exp: "1e999"), .claimsMalformed),
        Case("not yet, within the leeway", claims(#""nbf":1800000005"#), nil),
        Case("not yet", claims(#""nbf":1800000006"#), .notYetValid),
        Case("not before in quotes", claims(#""nbf":"0""#), .claimsMalformed),
        Case("issued within the leeway", claims(#""iat":1800000005"#), nil),
        Case("issued in the future", claims(#""iat":1800000006"#), .issuedInFuture),
        Case("no subject", #"{"tenant_id":"acme","exp":1800000060}"#, .subjectMissing),
        Case("empty subject", #"{"sub":"","tenant_id":"acme","exp":1800000060}"#, .subjectMissing),
        Case("subject a number", #"{"sub":7,"tenant_id":"acme","exp":1800000060}"#, .claimsMalformed),
        Case("no tenant", #"{"sub":"ada","exp":1800000060}"#, .tenantMissing),
        Case("empty tenant", #"{"sub":"ada","tenant_id":"","exp":1800000060}"#, .tenantMissing),
        Case("tenant a list", #"{"sub":"ada","tenant_id":["acme"],"exp":1800000060}"#, .claimsMalformed),
        Case("roles a string", claims(#""roles":"ADMIN""#), .claimsMalformed),
        Case("roles with a number", claims(#""roles":[1]"#), .claimsMalformed),
        Case("roles null", claims(#""roles":null"#), nil),
        Case("not an object", "[]", .claimsMalformed),
        Case("a string", #""x""#, .claimsMalformed),
        Case("empty", "", .claimsMalformed),
        Case("broken", #"{"sub":"#, .claimsMalformed),
        Case("a token as payload", "eyJhbGciOiJub25lIn0.e30.", .claimsMalformed),
        Case("issuer and audience", claims(#""iss":"i","aud":"a""#), nil, strict),
        Case("audience among others", claims(#""iss":"i","aud":["x","a"]"#), nil, strict),
        Case("no issuer", claims(#""aud":"a""#), .issuerWrong, strict),
        Case("another issuer", claims(#""iss":"i/","aud":"a""#), .issuerWrong, strict),
        Case("no audience", claims(#""iss":"i""#), .audienceWrong, strict),
        Case("another audience", claims(#""iss":"i","aud":["A","a "]"#), .audienceWrong, strict),
        Case("audience empty", claims(#""iss":"i","aud":[]"#), .audienceWrong, strict),
        Case("audience an object", claims(#""iss":"i","aud":{"a":1}"#), .claimsMalformed, strict),
        Case("for somebody, and we are nobody", claims(#""aud":"a""#), .audienceWrong),
    ]

    @Test("Claims", arguments: cases)
    func claims(row: Case) async throws {
        for algorithm in TokenAlgorithm.allCases {
            let verifier = try await self.verifier(algorithm, policy: row.policy)
            let token = try await TestKeys.forge(algorithm).token(row.payload)
            #expect(await self.rejection(of: token, by: verifier) == row.rejection, "\(algorithm)")
        }
    }

    @Test(
        "Tenants that could not be part of a channel's name",
        arguments: ["a:b", "*", "a?", "[a", "a]", #"\\"#, #"a\rb"#, #"a\n"#, #"\u0000"#, #"\u007f"#]
            + [String(repeating: "x", count: 129), String(repeating: "ä", count: 65)])
    func tenants(tenant: String) async throws {
        let verifier = try await self.verifier(.hs256)
        let payload = #"{"sub":"ada","tenant_id":"\#(tenant)","exp":1800000060}"#
        let token = try await TestKeys.forge(.hs256).token(payload)
        #expect(await self.rejection(of: token, by: verifier) == .tenantUnusable)
    }

    @Test(
        "Headers",
        arguments: [
            (#"{"alg":"HS256","typ":"JWT"}"#, nil), (#"{"alg":"HS256","typ":7}"#, nil),
            (#"{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}"#, nil),
            (#"{"alg":"HS256","jku":"http://127.0.0.1:1/"}"#, nil),
            (#"{"alg":"HS256","crit":["exp"]}"#, .extensionUnknown), (#"{"alg":"HS256","crit":[]}"#, .extensionUnknown),
            (#"{"alg":"HS256","b64":false}"#, .extensionUnknown), (#"{"alg":"HS256","enc":"x"}"#, .extensionUnknown),
            (#"{"alg":"HS256","kid":7}"#, .malformed), (#"{"alg":["HS256"]}"#, .malformed), (#"{}"#, .malformed),
            (#"{"ALG":"HS256"}"#, .malformed), ("", .malformed), ("null", .malformed),
            (#"{"alg":"HS256","kid":"x"}"#, .keyUnknown), (#"{"alg":"HS256","kid":""}"#, .keyUnknown),
            (#"{"alg":"HS256","kid":"../../../../dev/null"}"#, .keyUnknown),
        ] as [(String, TokenRejection?)])
    func headers(header: String, rejection: TokenRejection?) async throws {
        let verifier = try await self.verifier(.hs256)
        let token = try await TestKeys.forge(.hs256).token(header: header, payload: Self.good)
        #expect(await self.rejection(of: token, by: verifier) == rejection)
    }

    @Test(
        "What is no token",
        arguments: [
            "", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d", "....", "eyJhbGciOiJIUzI1NiJ9..",
            "eyJhbGciOiJIUzI1NiJ9.e30", " eyJhbGciOiJIUzI1NiJ9.e30.AA", "eyJhbGciOiJIUzI1NiJ9.e30.AA==",
            "eyJhbGciOiJIUzI1NiJ9.e30.AB", "e30=.e30.AA", "\u{0}.\u{0}.\u{0}", "é.é.é", "Bearer a.b.c",
        ])
    func garbage(text: String) async throws {
        let rejection = await self.rejection(of: text, by: try self.verifier(.hs256))
        #expect(rejection == .malformed || rejection == .signatureInvalid)
    }

    @Test("Long tokens")
    func long() async throws {
        let forge = try await TestKeys.forge(.hs256)
        let padding = String(repeating: "x", count: 8 << 10)
        let token = try forge.token(#"{"sub":"ada","tenant_id":"acme","exp":1800000060,"p":"\#(padding)"}"#)
        #expect(await self.rejection(of: token, by: try self.verifier(.hs256)) == .tooLarge)
        let exact = try await self.verifier(.hs256, policy: TokenPolicy(maximumBytes: token.utf8.count))
        #expect(await self.rejection(of: token, by: exact) == nil)
        let short = try await self.verifier(.hs256, policy: TokenPolicy(maximumBytes: token.utf8.count - 1))
        #expect(await self.rejection(of: token, by: short) == .tooLarge)
        let deep = String(repeating: "[", count: 3000)
        let nested = try forge.token(#"{"sub":"ada","tenant_id":"acme","exp":1800000060,"p":\#(deep)"#)
        #expect(await self.rejection(of: nested, by: try self.verifier(.hs256)) == .claimsMalformed)
    }
}
