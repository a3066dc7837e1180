import Synchronization

/// Counts within this process. Nobody waits here: a claim is a few dictionary look-ups.
package final class LocalLimitStore: LimitStore {
    private let counts = Mutex<[LimitCount: Int]>([:])

    package init() {}

    package func acquire(_ claims: [LimitClaim]) async -> LimitAnswer {
        self.claim(claims)
    }

    /// The same at once.
    package func claim(_ claims: [LimitClaim]) -> LimitAnswer {
        let full = self.counts.withLock { counts -> LimitKind? in
            for claim in claims where counts[claim.count, default: 0] >= claim.maximum {
                return claim.count.kind
            }
            for claim in claims {
                counts[claim.count, default: 0] += 1
            }
            return nil
        }
        if let full { return .full(full) }
        return .granted(LimitLease { [self] in self.release(claims) })
    }

    /// Gives places back; for leases, and for whoever has to show what happens without them.
    func release(_ claims: [LimitClaim]) {
        self.counts.withLock { counts in
            for claim in claims {
                let count = counts[claim.count, default: 0] - 1
                counts[claim.count] = count > 0 ? count : nil
            }
        }
    }

    /// How many are open; nothing is kept of what is at zero.
    package func value(of count: LimitCount) -> Int {
        self.counts.withLock { $0[count, default: 0] }
    }

    /// Whether nothing is counted at all.
    package var isEmpty: Bool { self.counts.withLock { $0.isEmpty } }
}
