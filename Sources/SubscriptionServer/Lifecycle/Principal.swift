/// Who a client is to the server itself: whose limits its connections and operations count against, and how long it may
/// stay. What operations may see is decided by the context that the gate gives beside it.
package struct Principal: Sendable, Hashable {
    /// The tenant; clients without a token belong to the default one.
    package var tenant: String
    /// The user; nil for a client without a token.
    package var user: String?
    /// By which the token can be revoked.
    package var tokenID: String?
    /// When the token ends, in seconds since 1970; nil for never.
    package var expiry: Double?

    /// A client of which nothing is known.
    package static let anybody = Principal(tenant: "public")

    package init(tenant: String, user: String? = nil, tokenID: String? = nil, expiry: Double? = nil) {
        self.tenant = tenant
        self.user = user
        self.tokenID = tokenID
        self.expiry = expiry
    }
}
