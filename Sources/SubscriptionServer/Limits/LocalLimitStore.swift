import Synchronization

/// Counts within this process. Nobody waits here: a claim is a few dictionary look-ups.
package final class LocalLimitStore: LimitStore {
    private let counts = Mutex<[LimitCount: CountedSubject]>([:])

    package init() {}

    package func acquire(_ claims: [LimitClaim]) async -> LimitAnswer {
        self.claim(claims)
    }

    /// The same at once.
    package func claim(_ claims: [LimitClaim]) -> LimitAnswer {
        let full = self.counts.withLock { counts -> LimitKind? in
            if let full = Self.full(claims, in: counts) { return full }
            for claim in claims {
                _ = Self.add(claim, to: &counts)
            }
            return nil
        }
        if let full { return .full(full) }
        return .granted(LimitLease { [self] in self.release(claims) })
    }

    /// Takes one place or two, or none at all.
    func take(_ first: LimitClaim, _ second: LimitClaim?) -> Result<LocalPlaces, LimitReached> {
        self.counts.withLock { counts in
            if let full = Self.full([first] + (second.map { [$0] } ?? []), in: counts) {
                return .failure(LimitReached(kind: full))
            }
            return .success(
                LocalPlaces(first: Self.add(first, to: &counts), second: second.map { Self.add($0, to: &counts) }))
        }
    }

    /// Gives places back; for leases, and for whoever has to show what happens without them.
    func release(_ claims: [LimitClaim]) {
        self.counts.withLock { counts in
            for claim in claims {
                Self.remove(claim.count, from: &counts)
            }
        }
    }

    func release(_ places: LocalPlaces) {
        self.counts.withLock { counts in
            Self.remove(places.first.count, from: &counts)
            if let second = places.second { Self.remove(second.count, from: &counts) }
        }
    }

    private static func full(_ claims: [LimitClaim], in counts: [LimitCount: CountedSubject]) -> LimitKind? {
        claims.first { (counts[$0.count]?.number ?? 0) >= $0.maximum }?.count.kind
    }

    private static func add(_ claim: LimitClaim, to counts: inout [LimitCount: CountedSubject]) -> CountedSubject {
        let subject = counts[claim.count] ?? CountedSubject(Self.written(claim.count, as: counts))
        if subject.open.add(1, ordering: .relaxed).newValue == 1 {
            counts[subject.count] = subject
        }
        return subject
    }

    /// A user's operations are counted under the name that the user's connections have already: one text in memory for
    /// both.
    private static func written(_ count: LimitCount, as counts: [LimitCount: CountedSubject]) -> LimitCount {
        guard count.kind == .operationsPerUser else { return count }
        let connections = counts[LimitCount(.connectionsPerUser, of: count.subject)]
        return connections.map { LimitCount(count.kind, of: $0.count.subject) } ?? count
    }

    private static func remove(_ count: LimitCount, from counts: inout [LimitCount: CountedSubject]) {
        guard let subject = counts[count] else { return }
        if subject.open.subtract(1, ordering: .relaxed).newValue == 0 {
            counts[count] = nil
        }
        // Removing keeps the storage of the busiest moment.
        if counts.isEmpty { counts = [:] }
    }

    /// How many are open; nothing is kept of what is at zero.
    package func value(of count: LimitCount) -> Int {
        self.counts.withLock { $0[count]?.number ?? 0 }
    }

    /// Whether nothing is counted at all.
    package var isEmpty: Bool { self.counts.withLock { $0.isEmpty } }
}

/// What is counted, once for all who hold a place of it.
final class CountedSubject: Sendable {
    let count: LimitCount
    /// How many are open; changed under the lock of the counts only.
    fileprivate let open = Atomic(0)

    fileprivate var number: Int { self.open.load(ordering: .relaxed) }

    init(_ count: LimitCount) {
        self.count = count
    }
}

/// One or two places in the counts of this process.
struct LocalPlaces: Sendable {
    let first: CountedSubject
    let second: CountedSubject?
}

/// There is no place left.
struct LimitReached: Error {
    let kind: LimitKind
}
