/// What a gate does wrong on purpose; nothing but the program's test mode makes one that is not empty.
struct GateFaults: OptionSet, Sendable {
    let rawValue: UInt

    /// A token that is no good counts as none, so that its bearer is let in as anybody.
    static let badTokenIsNone = GateFaults(rawValue: 1 << 0)
    /// `tenant_id` in the payload of `connection_init` has the last word.
    static let tenantFromPayload = GateFaults(rawValue: 1 << 1)
    /// A field `X-Tenant-Id` has the last word.
    static let tenantFromHeader = GateFaults(rawValue: 1 << 2)
    /// Everybody has every role and permission.
    static let permissionsUnchecked = GateFaults(rawValue: 1 << 3)
    /// When a token is no good, the next place is looked at.
    static let nextCarrierAfterBadToken = GateFaults(rawValue: 1 << 4)
    /// Requests over HTTP are let in without a token.
    static let requestsUngated = GateFaults(rawValue: 1 << 5)
    /// Whom a token names is who came before.
    static let identityOfLastClient = GateFaults(rawValue: 1 << 6)
    /// Revoked tokens are let in.
    static let revocationIgnored = GateFaults(rawValue: 1 << 7)
    /// The tenant of a token is not looked at.
    static let tenantClaimIgnored = GateFaults(rawValue: 1 << 8)
}
