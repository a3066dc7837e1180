import Foundation
import JWTKit
import Testing

@testable import TokenVerification

@Suite("Keys", .timeLimit(.minutes(1)))
struct KeySetTests {
    private static let payload = TokenVerifierTests.good

    private func rejection(_ token: String, _ keys: KeySet) async -> TokenRejection? {
        let verifier = TokenVerifier(
            keys: FixedKeys(keys), policy: TokenPolicy(), now: { TokenVerifierTests.now })
        do throws(TokenRejection) {
            _ = try await verifier.verify(token)
            return nil
        } catch {
            return error
        }
    }

    @Test("A name means that key and no other", arguments: TokenAlgorithm.allCases)
    func named(algorithm: TokenAlgorithm) async throws {
        let keys = try KeySet([
            await TestKeys.verification(algorithm, 0, id: "a"), await TestKeys.verification(algorithm, 1, id: "b"),
        ])
        let (first, second) = (try await TestKeys.forge(algorithm, 0), try await TestKeys.forge(algorithm, 1))
        #expect(await self.rejection(try first.token(Self.payload, kid: "a"), keys) == nil)
        #expect(await self.rejection(try second.token(Self.payload, kid: "b"), keys) == nil)
        #expect(await self.rejection(try first.token(Self.payload, kid: "b"), keys) == .signatureInvalid)
        #expect(await self.rejection(try first.token(Self.payload, kid: "c"), keys) == .keyUnknown)
        #expect(await self.rejection(try first.token(Self.payload, kid: "A"), keys) == .keyUnknown)
        #expect(await self.rejection(try first.token(Self.payload), keys) == .keyNotNamed)
    }

    @Test("Without a name only the one key, or the one without a name, is meant")
    func unnamed() async throws {
        let forge = try await TestKeys.forge(.hs256)
        let one = try KeySet([await TestKeys.verification(.hs256, 0, id: "a")])
        #expect(await self.rejection(try forge.token(Self.payload), one) == nil)
        let mixed = try KeySet([
            await TestKeys.verification(.hs256, 1, id: "a"), await TestKeys.verification(.hs256, 0),
        ])
        #expect(await self.rejection(try forge.token(Self.payload), mixed) == nil)
        #expect(await self.rejection(try forge.token(Self.payload, kid: "b"), mixed) == .keyUnknown)
        #expect(await self.rejection(try forge.token(Self.payload), try KeySet([])) == .keyUnknown)
    }

    @Test("Two keys of one name are refused")
    func ambiguous() async throws {
        let keys = [
            try await TestKeys.verification(.es256, 0, id: "a"), try await TestKeys.verification(.es256, 1, id: "a"),
        ]
        #expect(throws: UnusableKey(reason: "two ES256 keys are called \"a\"")) { try KeySet(keys) }
        let kinds = [
            try await TestKeys.verification(.es256, 0, id: "a"), try await TestKeys.verification(.rs256, 1, id: "a"),
        ]
        #expect(try KeySet(kinds).keys.count == 2)
    }

    @Test("PEM", arguments: [TokenAlgorithm.rs256, .es256, .eddsa])
    func pem(algorithm: TokenAlgorithm) async throws {
        let key = try await VerificationKey.pem(TestKeys.publicPEM(algorithm), id: "x")
        #expect(key.algorithm == algorithm)
        #expect(key.id == "x")
        #expect(!key.isSecret)
        await #expect(throws: UnusableKey(reason: "it is a private key; what verifies is its public half")) {
            try await VerificationKey.pem(TestKeys.privatePEM(algorithm))
        }
    }

    @Test("PEM that is none", arguments: ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
    func noPEM(text: String) async {
        await #expect(throws: UnusableKey.self) { try await VerificationKey.pem(text) }
    }

    @Test("P-384 is not among the algorithms")
    func otherCurve() async {
        await #expect(throws: UnusableKey.self) {
            try await VerificationKey.pem(ES384PrivateKey().publicKey.pemRepresentation)
        }
    }

    @Test("A secret has 32 bytes or more")
    func secret() async throws {
        #expect(try await VerificationKey.secret(Array(repeating: 1, count: 32)).isSecret)
        await #expect(throws: UnusableKey(reason: "a secret for HS256 has at least 32 bytes, this one has 31")) {
            try await VerificationKey.secret(Array(repeating: 1, count: 31))
        }
    }
}

@Suite("Published sets of keys", .timeLimit(.minutes(1)))
struct JSONWebKeySetTests {
    static func ecdsa(_ index: Int, _ more: String) throws -> String {
        let (x, y) = try #require(TestKeys.ecdsa[index].parameters)
        func url(_ text: String) -> String {
            text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        return #"{"kty":"EC","crv":"P-256","x":"\#(url(x))","y":"\#(url(y))"\#(more)}"#
    }

    static func eddsa(_ more: String) throws -> String {
        let x = Forge.base64URL(try TestKeys.eddsa.get()[0].publicKey.rawRepresentation)
        return #"{"kty":"OKP","crv":"Ed25519","x":"\#(x)"\#(more)}"#
    }

    static func rsa(_ more: String) throws -> String {
        let (n, e) = try TestKeys.rsa.get()[0].publicKey.getKeyPrimitives()
        return #"{"kty":"RSA","n":"\#(Forge.base64URL(n))","e":"\#(Forge.base64URL(e))"\#(more)}"#
    }

    private func read(_ keys: [String], allowsSecrets: Bool = false) async throws -> KeySet {
        let json = #"{"keys":[\#(keys.joined(separator: ","))],"more":1}"#
        return try await JSONWebKeySet.read(Array(json.utf8), allowsSecrets: allowsSecrets)
    }

    @Test("Every kind verifies what its private half signed")
    func kinds() async throws {
        let secret = Forge.base64URL(TestKeys.secrets[0])
        let keys = try await self.read(
            [
                Self.ecdsa(0, #","kid":"ec""#), Self.eddsa(#","kid":"ed","alg":"EdDSA","use":"sig""#),
                Self.rsa(#","kid":"rs","alg":"RS256","key_ops":["verify"]"#),
                #"{"kty":"oct","kid":"hs","k":"\#(secret)"}"#,
            ], allowsSecrets: true)
        let verifier = TokenVerifier(
            keys: FixedKeys(keys), policy: TokenPolicy(), now: { TokenVerifierTests.now })
        for (algorithm, kid) in [(TokenAlgorithm.es256, "ec"), (.eddsa, "ed"), (.rs256, "rs"), (.hs256, "hs")] {
            let token = try await TestKeys.forge(algorithm).token(TokenVerifierTests.good, kid: kid)
            #expect(try await verifier.verify(token).user == "ada")
        }
    }

    @Test("Keys for other things are left out")
    func leftOut() async throws {
        let keys = try await self.read([
            Self.ecdsa(0, #","kid":"a""#), Self.ecdsa(1, #","kid":"b","use":"enc""#),
            Self.rsa(#","kid":"c","alg":"RS512""#),
            Self.rsa(#","kid":"d","key_ops":["encrypt"]"#), #"{"kty":"EC","crv":"P-521","kid":"e","x":"A","y":"A"}"#,
            #"{"kty":"future","kid":"f"}"#,
        ])
        #expect(keys.keys.map(\.id) == ["a"])
    }

    @Test("Sets that cannot be used")
    func unusable() async throws {
        await #expect(throws: UnusableKey.self) { try await self.read([]) }
        await #expect(throws: UnusableKey.self) {
            try await self.read([#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#])
        }
        await #expect(throws: UnusableKey.self) { try await self.read([#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#]) }
        await #expect(throws: UnusableKey.self) { try await self.read([#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#]) }
        await #expect(throws: UnusableKey.self) {
            try await self.read([Self.ecdsa(0, ""), #"{"kty":"oct","k":"\#(Forge.base64URL(TestKeys.secrets[0]))"}"#])
        }
        await #expect(throws: UnusableKey.self) { try await self.read([Self.ecdsa(0, ""), Self.ecdsa(1, "")]) }
        for json in ["", "{}", "[]", "null", #"{"keys":{}}"#, #"{"keys":[7]}"#] {
            await #expect(throws: UnusableKey.self) {
                try await JSONWebKeySet.read(Array(json.utf8), allowsSecrets: true)
            }
        }
    }
}
