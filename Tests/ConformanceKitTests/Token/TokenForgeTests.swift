import COpenSSL
import Foundation
import Testing

@testable import ConformanceKit

@Suite struct TokenForgeTests {
    static let facts = TokenFacts(now: 1_800_000_000, subject: "alice", tenant: "acme")

    static func recipe(_ algorithm: String) -> Profile.JWT {
        Profile.JWT(
            algorithm: algorithm, secret: "s", privateKey: nil, keyID: "k1", lifetime: 60_000_000_000,
            claims: .object([
                .init("sub", .string("{{subject}}")), .init("tenant", .string("{{tenant}}")),
                .init("aud", .string("api")), .init("iss", .string("us")), .init("iat", .string("{{issued}}")),
                .init("exp", .string("{{expires}}")), .init("role", .string("of {{subject}}")),
            ]))
    }

    /// The parts of a token.
    static func parts(_ token: String) throws -> (header: JSON, claims: JSON, signed: [UInt8], signature: [UInt8]) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try #require(parts.count == 3)
        let header = try JSONParser.parse(#require(Base64.decodeFromURL(parts[0])))
        let claims = try JSONParser.parse(#require(Base64.decodeFromURL(parts[1])))
        return (header, claims, Array("\(parts[0]).\(parts[1])".utf8), try #require(Base64.decodeFromURL(parts[2])))
    }

    @Test func hmacIsThatOfTheStandard() throws {
        // RFC 4231 §4.3.
        let digest = try SigningKey.hmac(
            Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8), algorithm: "HS256")
        #expect(Bytes.hex(digest) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func aRightTokenSaysWhatTheRecipeSays() throws {
        let forge = try TokenForge(Self.recipe("HS256"), secret: "secret", privateKey: nil)
        let (token, expires) = try forge.token(.valid, Self.facts)
        let parts = try Self.parts(token)
        #expect(expires == 1_800_000_060)
        #expect(parts.header.text == #"{"typ":"JWT","alg":"HS256","kid":"k1"}"#)
        #expect(
            parts.claims.text
                == #"{"sub":"alice","tenant":"acme","aud":"api","iss":"us","iat":1800000000,"exp":1800000060,"role":"of alice"}"#
        )
        #expect(try parts.signature == SigningKey.hmac(parts.signed, key: Array("secret".utf8), algorithm: "HS256"))
    }

    @Test(arguments: ["RS256", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"])
    func signaturesVerifyWithThePublicKeyAlone(algorithm: String) throws {
        let key = try SigningKey.generate(for: algorithm)
        let forge = try TokenForge(Self.recipe(algorithm), secret: nil, privateKey: key.privatePEM)
        let right = try Self.parts(forge.token(.valid, Self.facts).text)
        #expect(try Self.verifies(right.signature, right.signed, algorithm, key.publicPEM))
        var changed = right.signed
        changed[10] ^= 1
        #expect(try !Self.verifies(right.signature, changed, algorithm, key.publicPEM))
        let foreign = try Self.parts(forge.token(.otherKey, Self.facts).text)
        #expect(try !Self.verifies(foreign.signature, foreign.signed, algorithm, key.publicPEM))
        #expect(foreign.signature.count == right.signature.count)
    }

    @Test func confusionSignsWithThePublicKey() throws {
        let key = try SigningKey.generate(for: "RS256")
        let forge = try TokenForge(Self.recipe("RS256"), secret: nil, privateKey: key.privatePEM)
        let parts = try Self.parts(forge.token(.algConfusion, Self.facts).text)
        #expect(parts.header["alg"] == .string("HS256"))
        #expect(
            try parts.signature
                == SigningKey.hmac(parts.signed, key: Array(key.publicPEM.utf8), algorithm: "HS256"))
        #expect(key.publicPEM.hasPrefix("-----BEGIN PUBLIC KEY-----"))
    }

    @Test func everyKindIsBrokenInItsOwnWay() throws {
        let forge = try TokenForge(Self.recipe("HS256"), secret: "secret", privateKey: nil)
        func parts(_ kind: TokenKind) throws -> (header: JSON, claims: JSON, signed: [UInt8], signature: [UInt8]) {
            try Self.parts(forge.token(kind, Self.facts).text)
        }
        func isSigned(_ kind: TokenKind) throws -> Bool {
            let parts = try parts(kind)
            return try parts.signature == SigningKey.hmac(parts.signed, key: Array("secret".utf8), algorithm: "HS256")
        }
        #expect(try parts(.expired).claims["exp"]?.intValue == 1_799_996_400)
        #expect(try isSigned(.expired))
        #expect(try parts(.notYetValid).claims["nbf"]?.intValue == 1_800_003_600)
        #expect(try isSigned(.notYetValid))
        #expect(try !isSigned(.otherKey))
        #expect(try parts(.algNone).header["alg"] == .string("none"))
        #expect(try parts(.algNone).signature.isEmpty)
        #expect(try parts(.algNoneSpelled).header["alg"] == .string("nOnE"))
        #expect(try parts(.tampered).claims["sub"] == .string("intruder"))
        #expect(try !isSigned(.tampered))
        #expect(try parts(.emptySignature).signature.isEmpty)
        #expect(try parts(.wrongAudience).claims["aud"] == .string("somebody-else"))
        #expect(try isSigned(.wrongAudience))
        #expect(try parts(.wrongIssuer).claims["iss"] == .string("https://somebody-else.example"))
        #expect(try parts(.neverExpires).claims["exp"] == nil)
        #expect(try parts(.withoutSubject).claims["sub"] == nil)
        #expect(try parts(.withoutTenant).claims["tenant"] == nil)
        #expect(try isSigned(.withoutTenant))
        #expect(try parts(.issuedInFuture).claims["iat"]?.intValue == 1_800_003_600)
        #expect(try parts(.expiryAsText).claims["exp"]?.stringValue != nil)
        #expect(try parts(.unknownKeyID).header["kid"] != .string("k1"))
        #expect(try parts(.keyIDPath).header["kid"]?.stringValue?.hasSuffix("/dev/null") ?? false)
        let path = try parts(.keyIDPath)
        #expect(try path.signature == SigningKey.hmac(path.signed, key: [], algorithm: "HS256"))
        #expect(try parts(.ownKey).header["jwk"] != nil)
        #expect(try !forge.token(.garbage, Self.facts).text.contains("."))
    }

    @Test func aStepMayChangeEveryPart() throws {
        let forge = try TokenForge(Self.recipe("HS256"), secret: "secret", privateKey: nil)
        var facts = Self.facts
        facts.lifetime = 3
        facts.claims = [.init("role", .string("admin"))]
        facts.without = ["aud"]
        facts.header = [.init("typ", .string("at+jwt"))]
        let parts = try Self.parts(forge.token(.valid, facts).text)
        #expect(parts.claims["exp"] == .int(1_800_000_003))
        #expect(parts.claims["role"] == .string("admin"))
        #expect(parts.claims["aud"] == nil)
        #expect(parts.header["typ"] == .string("at+jwt"))
    }

    @Test(arguments: [TokenKind.emptySignature, .algNone, .tampered])
    func tokensOfOthersCanBeBroken(kind: TokenKind) throws {
        let forge = try TokenForge(Self.recipe("HS256"), secret: "secret", privateKey: nil)
        let right = try forge.token(.valid, Self.facts).text
        let broken = try BrokenToken.make(kind, of: right)
        #expect(broken != right)
        #expect(broken.split(separator: ".", omittingEmptySubsequences: false).count == 3)
        #expect(throws: TokenFailure.self) { try BrokenToken.make(kind, of: "opaque") }
        #expect(throws: TokenFailure.self) { try BrokenToken.make(.expired, of: right) }
    }

    @Test(arguments: [[UInt8](), [1], [1, 2], [1, 2, 3], [255, 254, 253, 252]])
    func base64ForURLsGoesBothWays(bytes: [UInt8]) {
        #expect(Base64.decodeFromURL(Base64.encodeForURL(bytes)) == bytes)
        #expect(Base64.decodeFromURL("a+b=") == nil)
    }

    @Test func secretsNeverStandInAHistory() throws {
        let writer = HistoryWriter(caseName: "x", now: { 0 })
        writer.redaction.hide("token-of-alice-0123456789", as: "token:alice")
        let payload = Array(#"{"payload":{"Authorization":"Bearer token-of-alice-0123456789"}}"#.utf8)
        writer.append(.frameSent(frame: WireFrame(opcode: Opcode.text, masked: true, payload: payload)))
        writer.append(.frameReceived(frame: WireFrame(opcode: Opcode.text, masked: false, payload: payload)))
        writer.append(
            .httpSent(
                exchange: 1,
                request: HTTPSent(
                    role: .answer, method: "GET", url: "http://a/?t=token-of-alice-0123456789",
                    headers: [.init(name: "Authorization", value: "Bearer token-of-alice-0123456789")])))
        writer.append(.problem(kind: .server, message: "token-of-alice-0123456789 was refused"))
        let text = String(decoding: try JSONEncoder().encode(writer.history), as: UTF8.self)
        #expect(!text.contains("token-of-alice-0123456789"))
        #expect(text.components(separatedBy: "secret token:alice").count == 6)
    }

    static func verifies(
        _ signature: [UInt8], _ message: [UInt8], _ algorithm: String, _ publicPEM: String
    ) throws -> Bool {
        let pem = Array(publicPEM.utf8)
        let key = try #require(
            pem.withUnsafeBytes { buffer -> OpaquePointer? in
                let bio = gqc_read_only_bio(buffer.baseAddress, Int32(buffer.count))
                defer { BIO_free(bio) }
                return PEM_read_bio_PUBKEY(bio, nil, nil, nil)
            })
        defer { EVP_PKEY_free(key) }
        var signature = signature
        if algorithm.hasPrefix("ES") {
            // Back to the form of OpenSSL.
            let half = signature.count / 2
            let pair = ECDSA_SIG_new()
            defer { ECDSA_SIG_free(pair) }
            _ = ECDSA_SIG_set0(
                pair, BN_bin2bn(signature, Int32(half), nil), BN_bin2bn(Array(signature[half...]), Int32(half), nil))
            var der: UnsafeMutablePointer<UInt8>?
            let count = i2d_ECDSA_SIG(pair, &der)
            let start = try #require(der)
            signature = Array(UnsafeBufferPointer(start: start, count: Int(count)))
            CRYPTO_free(start, "", 0)
        }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        let digest = algorithm == "EdDSA" ? nil : SigningKey.digest(of: algorithm)
        guard EVP_DigestVerifyInit(context, &keyContext, digest, nil, key) == 1 else { return false }
        if algorithm.hasPrefix("PS") {
            _ = EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING)
            _ = EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, -1)
        }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
