import NIOCore
import SubscriptionProtocols
import Synchronization

/// What a misbehaving server does instead of counting properly.
final class LimitDeviation: Sendable {
    let misbehaviour: Misbehaviour
    /// Places that are never given back.
    private let kept = Mutex<[LimitLease]>([])

    init(misbehaviour: Misbehaviour) {
        self.misbehaviour = misbehaviour
    }

    func keep(_ places: [LimitLease?]) {
        self.kept.withLock { $0 += places.compactMap { $0 } }
    }

    var ignoresHTTP: Bool { self.misbehaviour == .httpNotLimited }
    var countsRefused: Bool { self.misbehaviour == .refusedMessagesCount }
    var neverRefills: Bool { self.misbehaviour == .rateNeverRefills }
    var keepsTenantsRateApart: Bool { self.misbehaviour == .tenantRatePerConnection }

    func maximum(_ maximum: Int) -> Int {
        self.misbehaviour == .limitOffByOne && maximum < .max ? maximum + 1 : maximum
    }

    func subject(_ kind: LimitKind, _ subject: [String]) -> [String] {
        switch (self.misbehaviour, kind) {
        case (.limitSharedByTenants, .connectionsPerTenant): []
        case (.userLimitIgnoresTenant, .connectionsPerUser), (.userLimitIgnoresTenant, .operationsPerUser):
            Array(subject.dropFirst())
        default: subject
        }
    }

    /// Takes places in its own way. Nil for the right one.
    func acquire(_ claims: [LimitClaim], from store: LocalLimitStore) async -> LimitAnswer? {
        guard self.misbehaviour == .limitCheckThenAct else { return nil }
        for claim in claims where store.value(of: claim.count) >= claim.maximum {
            return .full(claim.count.kind)
        }
        // Anything that is awaited between the two lets others in.
        try? await Task.sleep(for: .milliseconds(50))
        return store.claim(claims.map { LimitClaim($0.count, maximum: .max) })
    }

    /// After places were given back.
    func released(_ claims: [LimitClaim], in store: LocalLimitStore) {
        if self.misbehaviour == .limitFreedTwice {
            store.release(claims)
        }
    }
}

// Which places a misbehaving server never gives back.
extension Misbehaviour {
    /// - Parameter wasAdmitted: whether the client was ever let in.
    func keepsPlaces(at end: SocketEnd, wasAdmitted: Bool) -> Bool {
        switch self {
        case .limitKeptOnReset: end == .dropped
        case .limitKeptOnClose: end == .closedByClient
        case .limitKeptWhenInitFails: !wasAdmitted
        default: false
        }
    }
}

extension BackPressurePolicy {
    /// The policy as a misbehaving server understands it.
    func understood(by misbehaviour: Misbehaviour?) -> BackPressurePolicy {
        var policy = self
        switch misbehaviour {
        case .slowConsumerUnbounded:
            policy.queuedEvents = .max
            policy.queuedBytes = .max
            policy.deadline = .hours(24)
        case .slowConsumerNeverCut:
            policy.deadline = .hours(24)
        case .overflowDropsWrongEnd where policy.overflow == .dropOldest:
            policy.overflow = .dropNewest
        case .overflowDropsWrongEnd where policy.overflow == .dropNewest:
            policy.overflow = .dropOldest
        default: break
        }
        return policy
    }
}
