package import GraphQLCore

/// What one limit counts: connections of tenant `acme`, operations of a user.
package struct LimitCount: Sendable, Hashable {
    /// Which limit.
    package let kind: LimitKind
    /// Whose: the parts of the name, such as tenant and user. Compared byte by byte. Empty for the server's own.
    package let subject: [ByteString]

    package init(_ kind: LimitKind, of subject: [String] = []) {
        self.kind = kind
        self.subject = subject.map { ByteString($0) }
    }

    init(_ kind: LimitKind, of subject: [ByteString]) {
        self.kind = kind
        self.subject = subject
    }
}

/// One more of what is counted, unless there are as many as there may be.
package struct LimitClaim: Sendable, Hashable {
    /// What is counted.
    package let count: LimitCount
    /// How many there may be, inclusive.
    package let maximum: Int

    package init(_ count: LimitCount, maximum: Int) {
        self.count = count
        self.maximum = maximum
    }
}

/// How a store answers claims.
package enum LimitAnswer: Sendable {
    /// All places are taken, until the lease is released.
    case granted(LimitLease)
    /// No place was taken, since this limit is reached.
    case full(LimitKind)
    /// The store cannot be asked, and its policy is to refuse then; with the reason in a few words, for the log.
    case unavailable(String)
}

/// Counts what is open, for one process or for several together.
///
/// A store that outlives its processes has to let leases of a dead process expire, and renews those of a living one by
/// itself. Whether claims are granted while it cannot be reached is its own policy.
package protocol LimitStore: Sendable {
    /// Takes a place for every claim, or none at all: checking and taking are one step. The same count comes at most
    /// once among the claims.
    func acquire(_ claims: [LimitClaim]) async -> LimitAnswer
}
