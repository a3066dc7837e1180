import FoundationEssentials
import JWTKit

/// Makes tokens, for developers and tests: whoever runs a server for others has an issuer already.
package struct TokenIssuer: Sendable {
    /// What a token is to say. Times are seconds since 1970.
    package struct Claims: Sendable, Encodable {
        package var sub: String
        package var tenant: String
        package var name: String?
        package var roles: [String] = []
        package var permissions: [String] = []
        package var teams: [String] = []
        package var iss: String?
        package var aud: [String]?
        package var jti: String?
        package var iat: Int
        package var exp: Int

        package init(sub: String, tenant: String, iat: Int, exp: Int) {
            self.sub = sub
            self.tenant = tenant
            self.iat = iat
            self.exp = exp
        }

        private enum CodingKeys: String, CodingKey {
            case sub, name, roles, permissions, iss, aud, jti, iat, exp
            case tenant = "tenant_id"
            case teams = "team_ids"
        }
    }

    private struct Header: Encodable {
        let alg: String
        let kid: String?
        let typ = "JWT"
    }

    private let algorithm: any JWTAlgorithm
    private let keyID: String?

    private init(_ keys: JWTKeyCollection, keyID: String?) async throws(UnusableKey) {
        do {
            self.algorithm = try await keys.getKey()
        } catch {
            throw UnusableKey(reason: "the key cannot be used: \(error)")
        }
        self.keyID = keyID
    }

    /// Signs with HS256.
    ///
    /// - Throws: `UnusableKey` for fewer than 32 bytes.
    package static func secret(_ bytes: [UInt8], keyID: String? = nil) async throws(UnusableKey) -> TokenIssuer {
        _ = try await VerificationKey.secret(bytes)
        return try await TokenIssuer(
            JWTKeyCollection().add(hmac: HMACKey(from: bytes), digestAlgorithm: .sha256), keyID: keyID)
    }

    /// Signs with the private key in PEM text, as its kind asks: EdDSA, ES256 or RS256.
    ///
    /// - Throws: `UnusableKey` for anything else.
    package static func pem(_ text: String, keyID: String? = nil) async throws(UnusableKey) -> TokenIssuer {
        if let key = try? EdDSA.PrivateKey(pem: text) {
            return try await TokenIssuer(JWTKeyCollection().add(eddsa: key), keyID: keyID)
        }
        if let key = try? ES256PrivateKey(pem: text) {
            return try await TokenIssuer(JWTKeyCollection().add(ecdsa: key), keyID: keyID)
        }
        if let key = try? Insecure.RSA.PrivateKey(pem: text) {
            return try await TokenIssuer(
                JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256), keyID: keyID)
        }
        throw UnusableKey(reason: "no private key in PEM of RSA (2048 bits or more), P-256 or Ed25519")
    }

    /// The token.
    ///
    /// - Throws: `UnusableKey` when the key fails to sign.
    package func token(_ claims: Claims) throws(UnusableKey) -> String {
        try self.token(header: Header(alg: self.algorithm.name, kid: self.keyID), payload: claims)
    }

    private func token(header: some Encodable, payload: some Encodable) throws(UnusableKey) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            var text = Base64URL.encode(Array(try encoder.encode(header)))
            text.append(UInt8(ascii: "."))
            text += Base64URL.encode(Array(try encoder.encode(payload)))
            let signature = try self.algorithm.sign(text)
            return String(decoding: text + [UInt8(ascii: ".")] + Base64URL.encode(signature), as: UTF8.self)
        } catch {
            throw UnusableKey(reason: "signing failed: \(error)")
        }
    }
}
