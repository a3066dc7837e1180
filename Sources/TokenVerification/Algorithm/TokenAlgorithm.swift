/// How a token can be signed (RFC 7518 §3.1, RFC 8037 §3.1). What is not here, `none` above all, is never accepted.
package enum TokenAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// HMAC with SHA-256: both sides know one secret.
    case hs256 = "HS256"
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 bits or more.
    case rs256 = "RS256"
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// Ed25519.
    case eddsa = "EdDSA"
}
