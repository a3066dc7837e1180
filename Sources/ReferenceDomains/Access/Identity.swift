import GraphQLCore

/// As whom an operation runs: what resolvers decide on.
///
/// Made from a verified token only; nothing that a client says about itself in arguments or headers changes it.
package struct Identity: ExecutionContext, Hashable {
    /// Whose data it is. Never empty.
    package let tenant: String
    /// The user; nil for a client that needed no token.
    package let user: String?
    /// What the user is called, for events that name who caused them.
    package let name: String?
    /// Such as `SUPPORT_AGENT`, `ADMIN`.
    package let roles: Set<String>
    /// Such as `events:publish`, `jobs.cancel`.
    package let permissions: Set<String>
    /// The teams of the user.
    package let teams: Set<String>
    /// Whether it has every role and permission, as on a server that asks nobody for a token.
    package let isUnrestricted: Bool
    package let sharingIdentity: String

    package init(
        tenant: String, user: String? = nil, name: String? = nil, roles: Set<String> = [],
        permissions: Set<String> = [], teams: Set<String> = [], isUnrestricted: Bool = false
    ) {
        self.tenant = tenant
        self.user = user
        self.name = name
        self.roles = roles
        self.permissions = permissions
        self.teams = teams
        self.isUnrestricted = isUnrestricted
        // All of it, each part with its length before it, so that no two identities can be written alike.
        self.sharingIdentity =
            ([tenant, user ?? "", user == nil ? "-" : "+", name ?? "", isUnrestricted ? "*" : ""]
            + [roles, permissions, teams].flatMap { ["\($0.count)"] + $0.sorted() })
            .map { "\($0.utf8.count):\($0)" }.joined()
    }

    /// Whether it has the permission.
    package func holds(permission: String) -> Bool {
        self.isUnrestricted || self.permissions.contains(permission)
    }

    /// Whether it has the role.
    package func has(role: String) -> Bool {
        self.isUnrestricted || self.roles.contains(role)
    }
}
