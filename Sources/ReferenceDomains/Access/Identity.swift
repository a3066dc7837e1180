package import GraphQLCore

/// As whom an operation runs: what resolvers decide on.
///
/// Made from a verified token only; nothing that a client says about itself in arguments or headers changes it.
package struct Identity: ExecutionContext, Hashable {
    /// The user; nil for a client that needed no token.
    package let user: String?
    /// What the user is called, for events that name who caused them.
    package let name: String?
    /// What it may, and on whose data.
    package let grants: Grants
    /// The trace of the one request that is executed, to go on with what it publishes; nil when it has none. Decides
    /// nothing.
    package private(set) var trace: TraceContext?

    package init(
        tenant: String, user: String? = nil, name: String? = nil, roles: Set<String> = [],
        permissions: Set<String> = [], teams: Set<String> = [], isUnrestricted: Bool = false
    ) {
        self.init(
            user: user, name: name,
            grants: Grants(
                tenant: tenant, isKnown: user != nil, roles: roles, permissions: permissions, teams: teams,
                isUnrestricted: isUnrestricted))
    }

    init(user: String?, name: String?, grants: Grants) {
        self.user = user
        self.name = name
        self.grants = grants
    }

    /// Whose data it is. Never empty.
    package var tenant: String { self.grants.tenant }
    /// Such as `SUPPORT_AGENT`, `ADMIN`.
    package var roles: Set<String> { self.grants.roles }
    /// Such as `events:publish`, `jobs.cancel`.
    package var permissions: Set<String> { self.grants.permissions }
    /// The teams of the user.
    package var teams: Set<String> { self.grants.teams }
    /// Whether it has every role and permission, as on a server that asks nobody for a token.
    package var isUnrestricted: Bool { self.grants.isUnrestricted }

    /// The tenant and what is allowed, but not to whom: all colleagues are served by one execution.
    package var sharingIdentity: String { self.grants.text }

    /// Somebody who is allowed the same, and nobody in particular.
    package var shared: any ExecutionContext {
        Identity(user: self.grants.isKnown ? "" : nil, name: nil, grants: self.grants)
    }

    package func traced(by trace: TraceContext) -> Identity {
        var identity = self
        identity.trace = trace
        return identity
    }

    /// All of it, for streams that choose by user.
    package var personal: String {
        Grants.text([self.grants.text, self.user ?? "", self.user == nil ? "-" : "+", self.name ?? ""])
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
