/// What a token says, once its signature and times have been checked.
package struct VerifiedToken: Sendable, Hashable {
    /// `sub`.
    package var user: String
    /// `tenant_id`.
    package var tenant: String
    /// `name`.
    package var name: String?
    /// `roles`.
    package var roles: Set<String>
    /// `permissions`.
    package var permissions: Set<String>
    /// `team_ids`.
    package var teams: Set<String>
    /// `jti`, by which it can be revoked.
    package var tokenID: String?
    /// `exp`, in seconds since 1970.
    package var expiry: Double

    package init(
        user: String, tenant: String, name: String? = nil, roles: Set<String> = [], permissions: Set<String> = [],
        teams: Set<String> = [], tokenID: String? = nil, expiry: Double
    ) {
        self.user = user
        self.tenant = tenant
        self.name = name
        self.roles = roles
        self.permissions = permissions
        self.teams = teams
        self.tokenID = tokenID
        self.expiry = expiry
    }
}
