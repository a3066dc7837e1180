/// What was taken back before its time.
package enum Revocation: Sendable, Hashable {
    /// One token, by its `jti`.
    case token(String)
    /// Every token of a user.
    case user(tenant: String, user: String)
}

extension Principal {
    /// What would revoke it.
    package var revocations: [Revocation] {
        (self.tokenID.map { [.token($0)] } ?? [])
            + (self.user.map { [.user(tenant: self.tenant, user: $0)] } ?? [])
    }
}
