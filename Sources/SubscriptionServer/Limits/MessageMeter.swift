package import NIOCore

/// The message rate of one connection and its part in that of its tenant. Belongs to the connection's event loop; looks
/// at the policy only when that has changed.
package struct MessageMeter: Sendable {
    private let keeper: LimitKeeper
    private var version: Int
    private var own: RateSchedule?
    private var shared: RateSchedule?
    /// What happens to a message beyond.
    package private(set) var action: LimitPolicy.RateAction
    private var bucket = TokenBucket()
    private var tenant: (bucket: SharedTokenBucket, lease: LimitLease)?
    private let deviation: LimitDeviation?
    private var taken = 0

    package init(_ keeper: LimitKeeper) {
        self.deviation = keeper.deviation
        self.keeper = keeper
        self.version = keeper.version
        self.action = .close
        self.apply(keeper.policy)
    }

    private mutating func apply(_ policy: LimitPolicy) {
        self.own = policy.messagesPerConnection.map { RateSchedule($0) }
        self.shared = policy.messagesPerTenant.map { RateSchedule($0) }
        self.action = policy.rateAction
    }

    /// The connection belongs to that tenant from now on.
    package mutating func join(_ tenant: String, now: NIODeadline) {
        self.tenant?.lease.release()
        self.tenant =
            self.deviation?.keepsTenantsRateApart == true
            ? (SharedTokenBucket(), .none) : self.keeper.bucket(of: tenant, now: now)
    }

    /// The connection has ended.
    package mutating func leave() {
        self.tenant?.lease.release()
        self.tenant = nil
    }

    /// One message.
    /// - Returns: nil when it may pass. A message for which the tenant has no room left counts for the connection.
    package mutating func count(now: NIODeadline) -> LimitRefusal? {
        let version = self.keeper.version
        if version != self.version {
            self.version = version
            self.apply(self.keeper.policy)
        }
        if let own = self.own, let early = self.takeOwn(own, now: now) {
            return self.keeper.refuse(.messagesPerConnection, nanoseconds: early)
        }
        if let shared = self.shared, let early = self.tenant?.bucket.take(shared, now: now) {
            return self.keeper.refuse(.messagesPerTenant, nanoseconds: early)
        }
        return nil
    }

    private mutating func takeOwn(_ schedule: RateSchedule, now: NIODeadline) -> Int64? {
        guard let deviation = self.deviation else { return self.bucket.take(schedule, now: now) }
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
