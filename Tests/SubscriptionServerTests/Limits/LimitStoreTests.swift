import Synchronization
import Testing

@testable import SubscriptionServer

@Suite struct LimitStoreTests {
    private static let tenant = LimitCount(.connectionsPerTenant, of: ["acme"])
    private static let user = LimitCount(.connectionsPerUser, of: ["acme", "ann"])

    private func lease(_ answer: LimitAnswer) throws -> LimitLease {
        guard case .granted(let lease) = answer else {
            Issue.record("\(answer)")
            throw TestFailure()
        }
        return lease
    }

    private func isFull(_ answer: LimitAnswer, _ kind: LimitKind) -> Bool {
        if case .full(kind) = answer { return true }
        return false
    }

    @Test func allOrNothing() async throws {
        let store = LocalLimitStore()
        let claims = [LimitClaim(Self.tenant, maximum: 5), LimitClaim(Self.user, maximum: 1)]
        let first = try self.lease(await store.acquire(claims))
        #expect(self.isFull(await store.acquire(claims), .connectionsPerUser))
        #expect(store.value(of: Self.tenant) == 1)
        first.release()
        #expect(store.isEmpty)
        let second = try self.lease(await store.acquire(claims))
        // The first has nothing to give back any more.
        first.release()
        #expect(store.value(of: Self.user) == 1)
        second.release()
        #expect(store.isEmpty)
    }

    @Test func aLeaseThatIsForgottenIsGivenBack() async throws {
        let store = LocalLimitStore()
        var lease: LimitLease? = try self.lease(await store.acquire([LimitClaim(Self.tenant, maximum: 1)]))
        #expect(lease != nil)
        #expect(store.value(of: Self.tenant) == 1)
        lease = nil
        #expect(store.isEmpty)
    }

    @Test func subjectsAreComparedByteByByte() async throws {
        let store = LocalLimitStore()
        let claims = ["\u{E9}", "e\u{301}", "e"].map {
            [LimitClaim(LimitCount(.connectionsPerTenant, of: [$0]), maximum: 1)]
        }
        var leases: [LimitLease] = []
        for claim in claims {
            leases.append(try self.lease(await store.acquire(claim)))
        }
        // Nor do the parts of a name run together.
        for parts in [["a", "bc"], ["ab", "c"]] {
            let count = LimitCount(.connectionsPerUser, of: parts)
            leases.append(try self.lease(await store.acquire([LimitClaim(count, maximum: 1)])))
        }
        #expect(leases.count == 5)
        leases.forEach { $0.release() }
        #expect(store.isEmpty)
    }

    @Test func neverMoreThanTheMaximumAtATime() async throws {
        let store = LocalLimitStore()
        let occupancy = Occupancy()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        guard case .granted(let lease) = await store.acquire([LimitClaim(Self.tenant, maximum: 3)])
                        else { continue }
                        occupancy.change(by: 1)
                        await Task.yield()
                        occupancy.change(by: -1)
                        // Several ends at once are one.
                        async let first: Void = lease.release()
                        lease.release()
                        await first
                    }
                }
            }
        }
        #expect((1...3).contains(occupancy.most))
        #expect(store.isEmpty)
    }

    @Test func aPlaceGrantedTooLateIsGivenBack() async throws {
        let store = LocalLimitStore()
        let place = OperationPlace()
        place.release()
        place.hold(try self.lease(await store.acquire([LimitClaim(Self.user, maximum: 1)])))
        #expect(store.isEmpty)
        let other = OperationPlace()
        let counter = Counter()
        other.open(counter)
        #expect(counter.value == 1)
        other.hold(try self.lease(await store.acquire([LimitClaim(Self.user, maximum: 1)])))
        #expect(!store.isEmpty)
        other.release()
        other.release()
        #expect(counter.value == 0)
        #expect(store.isEmpty)
    }
}

/// How many there are, and how many there were at most.
private final class Occupancy: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var most: Int { self.state.withLock { $0.most } }

    func change(by amount: Int) {
        self.state.withLock { state in
            state.now += amount
            state.most = max(state.most, state.now)
        }
    }
}
