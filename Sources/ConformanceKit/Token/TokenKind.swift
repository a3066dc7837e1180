/// What is right or wrong with a token.
package enum TokenKind: String, Sendable, CaseIterable {
    case valid
    /// `exp` is over.
    case expired
    /// `nbf` is to come.
    case notYetValid = "not-yet-valid"
    /// Signed with a key that the server does not know.
    case otherKey = "other-key"
    /// `alg: none` without a signature (RFC 8725 §2.1).
    case algNone = "alg-none"
    /// As `alg-none`, spelled `nOnE`.
    case algNoneSpelled = "alg-none-spelled"
    /// An HMAC with the public key as its secret (RFC 8725 §2.1).
    case algConfusion = "alg-confusion"
    /// The claims were changed after signing.
    case tampered
    /// The signature is empty.
    case emptySignature = "empty-signature"
    case wrongAudience = "wrong-audience"
    case wrongIssuer = "wrong-issuer"
    /// Without `exp`.
    case neverExpires = "never-expires"
    /// Without `sub`.
    case withoutSubject = "without-subject"
    /// Without the claim of the tenant.
    case withoutTenant = "without-tenant"
    /// `iat` is to come.
    case issuedInFuture = "issued-in-future"
    /// `exp` is a text.
    case expiryAsText = "exp-as-text"
    /// A `kid` that the server does not know.
    case unknownKeyID = "unknown-kid"
    /// A `kid` that is a path to an empty file, signed with an empty key.
    case keyIDPath = "kid-path"
    /// The header brings a key of its own (`jwk`, RFC 8725 §3.10).
    case ownKey = "own-key"
    /// Not three parts.
    case garbage
}

/// What a token says.
package struct TokenFacts: Sendable, Equatable {
    /// Seconds since 1970.
    package var now: Int
    package var subject: String
    package var tenant: String?
    /// Seconds until `exp`; nil for the recipe's own.
    package var lifetime: Int?
    /// Set in the claims, over everything else.
    package var claims: [JSON.Member]
    /// Left out of the claims.
    package var without: [String]
    /// Set in the header.
    package var header: [JSON.Member]

    package init(
        now: Int, subject: String, tenant: String? = nil, lifetime: Int? = nil, claims: [JSON.Member] = [],
        without: [String] = [], header: [JSON.Member] = []
    ) {
        self.now = now
        self.subject = subject
        self.tenant = tenant
        self.lifetime = lifetime
        self.claims = claims
        self.without = without
        self.header = header
    }
}
