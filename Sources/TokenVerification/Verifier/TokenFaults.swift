/// What a verifier does wrong on purpose, in a server that is to be caught at it. Nothing but the program's test mode
/// makes one that is not empty.
package struct TokenFaults: OptionSet, Sendable, Hashable {
    package let rawValue: UInt

    package init(rawValue: UInt) {
        self.rawValue = rawValue
    }

    /// Any signature will do.
    package static let signatureUnchecked = TokenFaults(rawValue: 1 << 0)
    /// `alg: none` needs no signature.
    package static let noneAccepted = TokenFaults(rawValue: 1 << 1)
    /// The header chooses the algorithm: the text of a public key serves as HMAC secret.
    package static let algorithmConfused = TokenFaults(rawValue: 1 << 2)
    /// `exp` is not looked at.
    package static let expiryIgnored = TokenFaults(rawValue: 1 << 3)
    /// `nbf` is not looked at.
    package static let notBeforeIgnored = TokenFaults(rawValue: 1 << 4)
    /// `aud` is not looked at.
    package static let audienceIgnored = TokenFaults(rawValue: 1 << 5)
    /// `iss` is not looked at.
    package static let issuerIgnored = TokenFaults(rawValue: 1 << 6)
    /// A `kid` that names no key is taken for the first one.
    package static let keyFallBack = TokenFaults(rawValue: 1 << 7)
    /// A token without `exp` is valid for ever.
    package static let expiryOptional = TokenFaults(rawValue: 1 << 8)
    /// A token without `tenant_id` is let into a tenant called `public`.
    package static let tenantOptional = TokenFaults(rawValue: 1 << 9)
    /// `iat` may lie in the future.
    package static let issueTimeIgnored = TokenFaults(rawValue: 1 << 10)
}
