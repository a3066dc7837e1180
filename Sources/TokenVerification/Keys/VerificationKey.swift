import FoundationEssentials
import JWTKit

/// One key that verifies signatures of exactly one algorithm.
///
/// A key never serves another algorithm than its own, whatever a token's header says: an RSA key's public half used as
/// an HMAC secret would let anybody sign.
package struct VerificationKey: Sendable {
    /// Its name, `kid`; nil for a key without one.
    package let id: String?
    /// What it is for.
    package let algorithm: TokenAlgorithm
    private let verifier: any JWTAlgorithm
    /// What everybody may know of it, in text; empty for a secret.
    let publicText: [UInt8]

    private init(id: String?, algorithm: TokenAlgorithm, verifier: any JWTAlgorithm, publicText: String = "") {
        self.id = id
        self.algorithm = algorithm
        self.verifier = verifier
        self.publicText = Array(publicText.utf8)
    }

    /// Whether it is a shared secret, which no published set of keys may hold.
    package var isSecret: Bool { self.algorithm == .hs256 }

    /// A secret for HS256.
    ///
    /// - Throws: `UnusableKey` for fewer than 32 bytes (RFC 7518 §3.2).
    package static func secret(_ bytes: [UInt8], id: String? = nil) async throws(UnusableKey) -> VerificationKey {
        guard bytes.count >= 32 else {
            throw UnusableKey(reason: "a secret for HS256 has at least 32 bytes, this one has \(bytes.count)")
        }
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: bytes), digestAlgorithm: .sha256)
        return VerificationKey(id: id, algorithm: .hs256, verifier: try await self.verifier(of: keys))
    }

    /// The public key in PEM text (`BEGIN PUBLIC KEY`): RSA, P-256 or Ed25519.
    ///
    /// - Throws: `UnusableKey` for private keys, certificates, other kinds of keys, and RSA below 2048 bits.
    package static func pem(_ text: String, id: String? = nil) async throws(UnusableKey) -> VerificationKey {
        guard !text.contains("PRIVATE KEY-----") else {
            throw UnusableKey(reason: "it is a private key; what verifies is its public half")
        }
        if let key = try? EdDSA.PublicKey(pem: text) { return try await self.eddsa(key, id, text) }
        if let key = try? ES256PublicKey(pem: text) { return try await self.es256(key, id, text) }
        if let key = try? Insecure.RSA.PublicKey(pem: text) { return try await self.rs256(key, id, text) }
        throw UnusableKey(reason: "no public key in PEM of RSA (2048 bits or more), P-256 or Ed25519")
    }

    static func eddsa(
        _ key: EdDSA.PublicKey, _ id: String?, _ text: String
    ) async throws(UnusableKey) -> VerificationKey {
        let keys = await JWTKeyCollection().add(eddsa: key)
        return VerificationKey(
            id: id, algorithm: .eddsa, verifier: try await self.verifier(of: keys), publicText: text)
    }

    static func es256(
        _ key: ES256PublicKey, _ id: String?, _ text: String
    ) async throws(UnusableKey) -> VerificationKey {
        let keys = await JWTKeyCollection().add(ecdsa: key)
        return VerificationKey(
            id: id, algorithm: .es256, verifier: try await self.verifier(of: keys), publicText: text)
    }

    static func rs256(
        _ key: Insecure.RSA.PublicKey, _ id: String?, _ text: String
    ) async throws(UnusableKey) -> VerificationKey {
        let keys = await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256)
        return VerificationKey(
            id: id, algorithm: .rs256, verifier: try await self.verifier(of: keys), publicText: text)
    }

    private static func verifier(of keys: JWTKeyCollection) async throws(UnusableKey) -> any JWTAlgorithm {
        do {
            return try await keys.getKey()
        } catch {
            throw UnusableKey(reason: "the key cannot be used: \(error)")
        }
    }

    /// Whether the signature is one of this key over the bytes.
    func verifies(_ signature: [UInt8], of signed: ArraySlice<UInt8>) -> Bool {
        (try? self.verifier.verify(signature, signs: signed)) ?? false
    }
}

/// A key that cannot be used, and why in one sentence. Holds nothing of the key itself.
package struct UnusableKey: Error, Sendable, Equatable, CustomStringConvertible {
    package let reason: String
    package var description: String { self.reason }

    package init(reason: String) {
        self.reason = reason
    }
}
