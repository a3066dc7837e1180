import GraphQLCore
import Synchronization

/// What a token allows, and on whose data, without the person: one object for all clients who are allowed the same.
package final class Grants: Sendable, Hashable {
    /// Whose data it is. Never empty.
    let tenant: String
    /// Whether there is a token at all.
    let isKnown: Bool
    /// Such as `SUPPORT_AGENT`, `ADMIN`.
    let roles: Set<String>
    /// Such as `events:publish`, `jobs.cancel`.
    let permissions: Set<String>
    /// The teams of the user.
    let teams: Set<String>
    /// Whether everything is allowed, as on a server that asks nobody for a token.
    let isUnrestricted: Bool
    /// All of it, so that no two can be written alike.
    let text: String

    init(
        tenant: String, isKnown: Bool, roles: Set<String>, permissions: Set<String>, teams: Set<String>,
        isUnrestricted: Bool
    ) {
        self.tenant = tenant
        self.isKnown = isKnown
        self.roles = roles
        self.permissions = permissions
        self.teams = teams
        self.isUnrestricted = isUnrestricted
        self.text = Self.text(
            [tenant, isKnown ? "+" : "-", isUnrestricted ? "*" : ""]
                + [roles, permissions, teams].flatMap { ["\($0.count)"] + $0.sorted() })
    }

    package static func == (left: Grants, right: Grants) -> Bool {
        left === right || ByteString(left.text) == ByteString(right.text)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ByteString(self.text))
    }

    /// Each part with its length before it.
    static func text(_ parts: [String]) -> String {
        parts.map { "\($0.utf8.count):\($0)" }.joined()
    }
}

/// Keeps one of equal grants, for thousands of clients come with a handful of different ones. Made anew when it has seen
/// too many to be worth the search.
package final class GrantBook: Sendable {
    private static let limit = 1024
    private let grants = Mutex<Set<Grants>>([])

    package init() {}

    /// The same identity, with the grants of those who came before.
    package func shared(_ identity: Identity) -> Identity {
        let grants = self.grants.withLock { known in
            if known.count >= Self.limit { known = [] }
            return known.insert(identity.grants).memberAfterInsert
        }
        return Identity(user: identity.user, name: identity.name, grants: grants)
    }
}
