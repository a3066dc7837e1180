import Logging
package import NIOCore
import SubscriptionProtocols
import Synchronization

/// Says who may enter, as the policy has it: the one place where limits are decided for every transport.
///
/// What is known before a connection has a principal is counted in this process; what belongs to a principal is counted
/// by the store, which processes may share.
package final class LimitKeeper: Sendable {
    private let current: Mutex<(policy: LimitPolicy, rates: RateRules)>
    private let changes = Atomic<Int>(0)
    private let local: LocalLimitStore
    /// Nil when principals are counted in this process as well.
    private let shared: (any LimitStore)?
    private let tenants = TenantBuckets()
    private let metrics: ServerMetrics
    private let logger: Logger
    let deviation: LimitDeviation?

    /// - Parameters:
    ///   - policy: must be valid.
    ///   - store: counts what belongs to principals; nil to count it in this process.
    init(
        _ policy: LimitPolicy, store: (any LimitStore)? = nil, metrics: ServerMetrics, logger: Logger,
        misbehaviour: Misbehaviour? = nil
    ) {
        self.deviation = misbehaviour.map { LimitDeviation(misbehaviour: $0) }
        self.current = Mutex((policy, RateRules(policy, version: 0)))
        self.local = LocalLimitStore()
        self.shared = store
        self.metrics = metrics
        self.logger = logger
    }

    /// The policy in force. Setting it acts on what is asked for from then on; nobody is thrown out.
    package var policy: LimitPolicy {
        get { self.current.withLock { $0.policy } }
        set {
            self.current.withLock { current in
                current = (newValue, RateRules(newValue, version: current.rates.version + 1))
                self.changes.store(current.rates.version, ordering: .releasing)
            }
        }
    }

    /// What the policy in force says of message rates.
    var rates: RateRules { self.current.withLock { $0.rates } }

    /// Differs from what it was before when the policy has changed; for those who look at each message.
    var version: Int { self.changes.load(ordering: .acquiring) }

    /// Whether nothing is counted in this process.
    package var isIdle: Bool { self.local.isEmpty }

    // MARK: Connections

    /// A socket or an event stream before anything is known of its client but the address.
    /// - Parameter peer: the address without port, when it is known.
    package func enter(peer: String?) -> Result<LimitLease, LimitRefusal> {
        let policy = self.policy
        var claims = [self.claim(.connectionsPerServer, of: [], policy)]
        if let peer {
            claims.append(self.claim(.connectionsPerPeer, of: [peer], policy))
        }
        return self.take(claims, policy)
    }

    /// A socket or an event stream that was admitted.
    package func join(_ principal: Principal) async -> Result<LimitLease, LimitRefusal> {
        var subjects: [(LimitKind, [String])] = [(.connectionsPerTenant, [principal.tenant])]
        if let user = principal.user {
            subjects.append((.connectionsPerUser, [principal.tenant, user]))
        }
        return await self.acquire(subjects)
    }

    // MARK: Operations

    /// One operation of a client.
    package func begin(_ principal: Principal) async -> Result<LimitLease, LimitRefusal> {
        guard let user = principal.user else { return .success(.none) }
        return await self.acquire([(.operationsPerUser, [principal.tenant, user])])
    }

    /// One operation of a client that comes as an HTTP request.
    package func beginRequest(_ principal: Principal) async -> Result<LimitLease, LimitRefusal> {
        self.deviation?.ignoresHTTP == true ? .success(.none) : await self.begin(principal)
    }

    /// Whether one more operation fits on a connection; the connection counts by itself.
    /// - Parameter open: how many it has.
    package func checkOperations(open: Int) -> LimitRefusal? {
        let policy = self.policy
        guard let maximum = policy.operationsPerConnection,
            open >= self.deviation?.maximum(maximum) ?? maximum
        else { return nil }
        return self.refuse(.operationsPerConnection, retryAfter: policy.retryAfter)
    }

    // MARK: Messages

    /// What a tenant's connections share of its message rate, for as long as the lease is held.
    func bucket(of tenant: String, now: NIODeadline) -> (SharedTokenBucket, LimitLease) {
        self.tenants.join(tenant, now: now)
    }

    /// One HTTP request, which counts as a message of its tenant.
    package func countRequest(_ principal: Principal, now: NIODeadline = .now()) -> LimitRefusal? {
        let policy = self.policy
        guard let rate = policy.messagesPerTenant else { return nil }
        let (bucket, lease) = self.tenants.join(principal.tenant, now: now)
        defer { lease.release() }
        guard self.deviation?.ignoresHTTP != true else { return nil }
        return bucket.take(RateSchedule(rate), now: now).map { self.refuse(.messagesPerTenant, nanoseconds: $0) }
    }

    // MARK: Refusals

    /// A refusal, counted and logged.
    func refuse(_ kind: LimitKind, retryAfter: Int) -> LimitRefusal {
        self.metrics.limitRefusals.add(kind.rawValue)
        self.logger.record(.limitReached(limit: kind.rawValue))
        return LimitRefusal(kind, retryAfter: retryAfter, misbehaviour: self.deviation?.misbehaviour)
    }

    func refuse(_ kind: LimitKind, nanoseconds: Int64) -> LimitRefusal {
        self.refuse(kind, retryAfter: Int((nanoseconds + 999_999_999) / 1_000_000_000))
    }

    private func claim(_ kind: LimitKind, of subject: [String], _ policy: LimitPolicy) -> LimitClaim {
        let maximum = policy.maximum(of: kind) ?? .max
        guard let deviation = self.deviation else { return LimitClaim(LimitCount(kind, of: subject), maximum: maximum) }
        return LimitClaim(
            LimitCount(kind, of: deviation.subject(kind, subject)), maximum: deviation.maximum(maximum))
    }

    private func acquire(_ subjects: [(LimitKind, [String])]) async -> Result<LimitLease, LimitRefusal> {
        let policy = self.policy
        let claims = subjects.map { self.claim($0, of: $1, policy) }
        if let answer = await self.deviation?.acquire(claims, from: self.local) {
            return self.result(answer, claims, policy)
        }
        guard let shared = self.shared else { return self.take(claims, policy) }
        // Asking another process is spared for what has no limit; here it is counted all the same, for a limit that
        // comes with a new policy.
        let limited = claims.filter { $0.maximum < .max }
        let answer = limited.isEmpty ? .granted(.none) : await shared.acquire(limited)
        return self.result(answer, claims, policy)
    }

    /// Takes places that are counted in this process.
    private func take(_ claims: [LimitClaim], _ policy: LimitPolicy) -> Result<LimitLease, LimitRefusal> {
        guard self.deviation == nil, let first = claims.first, claims.count <= 2 else {
            return self.result(self.local.claim(claims), claims, policy)
        }
        switch self.local.take(first, claims.dropFirst().first) {
        case .success(let places):
            self.metrics.limitsInUse.add(1, places.first.count.kind)
            if let second = places.second { self.metrics.limitsInUse.add(1, second.count.kind) }
            return .success(LimitLease(places, of: self))
        case .failure(let full):
            return .failure(self.refuse(full.kind, retryAfter: policy.retryAfter))
        }
    }

    /// Places that `take` has taken are given back.
    func released(_ places: LocalPlaces) {
        self.local.release(places)
        self.metrics.limitsInUse.add(-1, places.first.count.kind)
        if let second = places.second { self.metrics.limitsInUse.add(-1, second.count.kind) }
    }

    private func result(
        _ answer: LimitAnswer, _ claims: [LimitClaim], _ policy: LimitPolicy
    ) -> Result<LimitLease, LimitRefusal> {
        switch answer {
        case .granted(let lease):
            let kinds = claims.map(\.count.kind)
            let metrics = self.metrics
            kinds.forEach { metrics.limitsInUse.add(1, $0) }
            return .success(
                LimitLease { [local, deviation] in
                    lease.release()
                    deviation?.released(claims, in: local)
                    kinds.forEach { metrics.limitsInUse.add(-1, $0) }
                })
        case .full(let kind):
            return .failure(self.refuse(kind, retryAfter: policy.retryAfter))
        case .unavailable(let reason):
            self.logger.record(.limitStoreUnavailable(reason: reason))
            return .failure(self.refuse(.store, retryAfter: policy.retryAfter))
        }
    }
}
