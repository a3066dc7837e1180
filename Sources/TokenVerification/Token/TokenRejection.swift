/// Why a token was not accepted. For logs and metrics; a client is told no more than that its token is no good.
package enum TokenRejection: String, Error, Sendable, Hashable, CaseIterable {
    /// Longer than the policy allows.
    case tooLarge = "too-large"
    /// Not three parts of base64url with JSON objects in the first two (RFC 7515 §7.1).
    case malformed = "malformed"
    /// Its header asks for something that has to be understood (`crit`, RFC 7515 §4.1.11), or is encrypted.
    case extensionUnknown = "extension-unknown"
    /// Its `alg` is `none`, unknown, or not among those that the policy allows.
    case algorithmRefused = "algorithm-refused"
    /// Its `alg` is not the one that the key is for.
    case algorithmOfOtherKey = "algorithm-of-other-key"
    /// Its `kid` names no key, also after asking again for the keys.
    case keyUnknown = "key-unknown"
    /// It has no `kid` while there are several keys.
    case keyNotNamed = "key-not-named"
    /// There are no keys now, since their source cannot be reached. Not the client's fault.
    case keysUnavailable = "keys-unavailable"
    /// The signature is not one of the key over these bytes.
    case signatureInvalid = "signature-invalid"
    /// A claim has the wrong type (RFC 7519 §4.1), such as `exp` in quotes.
    case claimsMalformed = "claims-malformed"
    /// `exp` is missing.
    case expiryMissing = "expiry-missing"
    /// `exp` has passed.
    case expired = "expired"
    /// `nbf` has not come.
    case notYetValid = "not-yet-valid"
    /// `iat` has not come.
    case issuedInFuture = "issued-in-future"
    /// `iss` is missing or another.
    case issuerWrong = "issuer-wrong"
    /// `aud` does not name this server (RFC 7519 §4.1.3).
    case audienceWrong = "audience-wrong"
    /// `sub` is missing or empty.
    case subjectMissing = "subject-missing"
    /// `tenant_id` is missing or empty.
    case tenantMissing = "tenant-missing"
    /// `tenant_id` could not be part of a channel's name.
    case tenantUnusable = "tenant-unusable"
}
