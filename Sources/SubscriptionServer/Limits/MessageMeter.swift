package import NIOCore

/// What a policy says of message rates, worked out once for all connections.
final class RateRules: Sendable {
    /// The version of the policy.
    let version: Int
    let own: RateSchedule?
    let shared: RateSchedule?
    /// What happens to a message beyond.
    let action: LimitPolicy.RateAction

    init(_ policy: LimitPolicy, version: Int) {
        self.version = version
        self.own = policy.messagesPerConnection.map { RateSchedule($0) }
        self.shared = policy.messagesPerTenant.map { RateSchedule($0) }
        self.action = policy.rateAction
    }
}

/// The message rate of one connection and its part in that of its tenant. Belongs to the connection's event loop; looks
/// at the policy only when that has changed.
package struct MessageMeter: Sendable {
    private let keeper: LimitKeeper
    private var rules: RateRules
    private var bucket = TokenBucket()
    private var tenant: String?
    /// The tenant's bucket; nil until there is a rate for tenants.
    private var shared: (bucket: SharedTokenBucket, lease: LimitLease)?
    private var taken = 0

    package init(_ keeper: LimitKeeper) {
        self.keeper = keeper
        self.rules = keeper.rates
    }

    /// What happens to a message beyond.
    package var action: LimitPolicy.RateAction { self.rules.action }

    /// The connection belongs to that tenant from now on.
    package mutating func join(_ tenant: String) {
        self.shared?.lease.release()
        self.shared = nil
        self.tenant = tenant
    }

    /// The connection has ended.
    package mutating func leave() {
        self.shared?.lease.release()
        self.shared = nil
        self.tenant = nil
    }

    /// One message.
    /// - Returns: nil when it may pass. A message for which the tenant has no room left counts for the connection.
    package mutating func count(now: NIODeadline) -> LimitRefusal? {
        if self.keeper.version != self.rules.version {
            self.rules = self.keeper.rates
        }
        if let own = self.rules.own, let early = self.takeOwn(own, now: now) {
            return self.keeper.refuse(.messagesPerConnection, nanoseconds: early)
        }
        if let schedule = self.rules.shared, let early = self.takeShared(schedule, now: now) {
            return self.keeper.refuse(.messagesPerTenant, nanoseconds: early)
        }
        return nil
    }

    private mutating func takeShared(_ schedule: RateSchedule, now: NIODeadline) -> Int64? {
        guard let tenant = self.tenant else { return nil }
        let isApart = self.keeper.deviation?.keepsTenantsRateApart == true
        let shared =
            self.shared
            ?? (isApart ? (SharedTokenBucket(), .none) : self.keeper.bucket(of: tenant, now: now))
        self.shared = shared
        return shared.bucket.take(schedule, now: now)
    }

    private mutating func takeOwn(_ schedule: RateSchedule, now: NIODeadline) -> Int64? {
        guard let deviation = self.keeper.deviation else { return self.bucket.take(schedule, now: now) }
        if deviation.neverRefills {
            self.taken += 1
            return self.taken > schedule.burst ? 1 : nil
        }
        let early = self.bucket.take(schedule.with(burst: deviation.maximum(schedule.burst)), now: now)
        if early != nil, deviation.countsRefused {
            self.bucket.push(schedule)
        }
        return early
    }
}
