import NIOCore
import Testing

@testable import SubscriptionServer

@Suite struct TokenBucketTests {
    private static func time(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000) + .milliseconds(milliseconds)
    }

    @Test func aBurstPassesAtOnceAndTheRestInTime() {
        let schedule = RateSchedule(.init(perSecond: 10, burst: 3))
        var bucket = TokenBucket()
        #expect((0..<3).allSatisfy { _ in bucket.take(schedule, now: Self.time(0)) == nil })
        #expect(bucket.take(schedule, now: Self.time(0)) == 100_000_000)
        #expect(bucket.take(schedule, now: Self.time(40)) == 60_000_000)
        // A refusal costs nothing, and the time it names is exact.
        #expect(bucket.take(schedule, now: Self.time(99)) == 1_000_000)
        #expect(bucket.take(schedule, now: Self.time(100)) == nil)
        #expect(bucket.take(schedule, now: Self.time(100)) != nil)
        // After a pause the whole burst is there again, and not more.
        #expect((0..<3).allSatisfy { _ in bucket.take(schedule, now: Self.time(5000)) == nil })
        #expect(bucket.take(schedule, now: Self.time(5000)) != nil)
    }

    @Test(arguments: [(1, 1), (3, 1), (7, 20), (1000, 1000), (999_983, 5)])
    func neverMoreThanRateAndBurst(perSecond: Int, burst: Int) {
        let schedule = RateSchedule(.init(perSecond: perSecond, burst: burst))
        var bucket = TokenBucket()
        var passed = 0
        var now = Self.time(0)
        let end = Self.time(3000)
        // As greedy as can be: again as soon as the answer says.
        while now <= end {
            if let wait = bucket.take(schedule, now: now) {
                now = now + .nanoseconds(wait)
            } else {
                passed += 1
            }
        }
        #expect(passed <= 3 * perSecond + burst)
        // Intervals are whole nanoseconds.
        #expect(passed * 1000 >= 998 * 3 * perSecond)
    }

    @Test func threadsShareABucketExactly() async {
        let schedule = RateSchedule(.init(perSecond: 1, burst: 1000))
        let bucket = SharedTokenBucket()
        let passed = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<500 where bucket.take(schedule, now: Self.time(0)) == nil {
                        passed.add()
                    }
                }
            }
        }
        #expect(passed.value == 1000)
        #expect(!bucket.isFull(now: Self.time(0)))
        #expect(bucket.isFull(now: Self.time(1_000_000)))
    }

    @Test func aTenantThatComesBackFindsItsDebt() {
        let buckets = TenantBuckets()
        let schedule = RateSchedule(.init(perSecond: 1))
        let (first, lease) = buckets.join("acme", now: Self.time(0))
        #expect(first.take(schedule, now: Self.time(0)) == nil)
        lease.release()
        // Others come in numbers that make the table look for what is of no use.
        for number in 0..<200 {
            buckets.join("other \(number)", now: Self.time(0)).1.release()
        }
        let (again, _) = buckets.join("acme", now: Self.time(0))
        #expect(again.take(schedule, now: Self.time(0)) == 1_000_000_000)
        #expect(buckets.join("globex", now: Self.time(0)).0.take(schedule, now: Self.time(0)) == nil)
    }
}
