import FoundationEssentials
import JWTKit

/// A set of keys as JSON (RFC 7517 §5).
///
/// Keys of kinds and for purposes that are not ours are left out, as the section asks. A key that is for us and cannot
/// be used makes the set unusable: it is likelier a mistake than a key that nobody needs.
package enum JSONWebKeySet {
    private struct Members: Decodable {
        let keys: [Key]
    }

    /// A key as it stands in the set (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
    private struct Key: Decodable {
        let kty: String
        let use: String?
        let alg: String?
        let kid: String?
        let crv: String?
        let n: String?
        let e: String?
        let x: String?
        let y: String?
        let k: String?
        let keyOps: [String]?

        private enum CodingKeys: String, CodingKey {
            case kty, use, alg, kid, crv, n, e, x, y, k
            case keyOps = "key_ops"
        }

        var isForSignatures: Bool {
            self.use.map { $0 == "sig" } ?? true && self.keyOps.map { $0.contains("verify") } ?? true
        }

        /// What it is for, if that is one of ours.
        var algorithm: TokenAlgorithm? {
            let algorithm: TokenAlgorithm? =
                switch (self.kty, self.crv) {
                case ("RSA", _): .rs256
                case ("EC", "P-256"?): .es256
                case ("OKP", "Ed25519"?): .eddsa
                case ("oct", _): .hs256
                default: nil
                }
            guard let algorithm, let alg = self.alg else { return algorithm }
            // RFC 9864 also calls EdDSA with this curve Ed25519.
            return alg == algorithm.rawValue || (algorithm == .eddsa && alg == "Ed25519") ? algorithm : nil
        }
    }

    /// Reads a set of at least one usable key.
    ///
    /// - Parameter allowsSecrets: Whether it may hold secrets (`oct`), as a file that nobody else can read may.
    /// - Throws: `UnusableKey`, with the name of the key.
    package static func read(_ json: [UInt8], allowsSecrets: Bool) async throws(UnusableKey) -> KeySet {
        guard let members = try? JSONDecoder().decode(Members.self, from: Data(json)) else {
            throw UnusableKey(reason: "not a JSON object with \"keys\", as RFC 7517 has it")
        }
        var keys: [VerificationKey] = []
        for key in members.keys where key.isForSignatures {
            guard let algorithm = key.algorithm else { continue }
            guard algorithm != .hs256 || allowsSecrets else {
                throw UnusableKey(reason: "it holds a secret (\"oct\"), and a published set must not")
            }
            do throws(UnusableKey) {
                keys.append(try await self.key(key, algorithm))
            } catch {
                throw UnusableKey(reason: "key \"\(key.kid ?? "without a name")\": \(error.reason)")
            }
        }
        guard !keys.isEmpty else {
            throw UnusableKey(reason: "it has no key for RS256, ES256 or EdDSA\(allowsSecrets ? " or HS256" : "")")
        }
        return try KeySet(keys)
    }

    private static func key(_ key: Key, _ algorithm: TokenAlgorithm) async throws(UnusableKey) -> VerificationKey {
        switch algorithm {
        case .hs256:
            guard let secret = key.k.flatMap({ Base64URL.decode(Array($0.utf8)) }) else {
                throw UnusableKey(reason: "\"k\" is missing or not base64url")
            }
            return try await .secret(secret, id: key.kid)
        case .rs256:
            guard let n = key.n, let e = key.e,
                let rsa = try? Insecure.RSA.PublicKey(modulus: n, exponent: e)
            else { throw UnusableKey(reason: "no RSA key of 2048 bits or more") }
            return try await .rs256(rsa, key.kid, rsa.pemRepresentation)
        case .es256:
            guard let x = key.x, let y = key.y, let point = try? ES256PublicKey(parameters: (x, y)) else {
                throw UnusableKey(reason: "no point of P-256")
            }
            return try await .es256(point, key.kid, point.pemRepresentation)
        case .eddsa:
            guard let x = key.x, let point = try? EdDSA.PublicKey(x: x, curve: .ed25519) else {
                throw UnusableKey(reason: "no point of Ed25519")
            }
            return try await .eddsa(point, key.kid, point.pemRepresentation)
        }
    }
}
