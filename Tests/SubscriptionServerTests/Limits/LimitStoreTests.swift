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
        let claims = ["\u{E9}", "e\u{301}", "e"].map { [LimitClaim(LimitCount(.connectionsPerTenant, of: [$0]), maximum: 1)] }
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
        let open = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let granted = Atomic<Int>(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        guard case .granted(let lease) = await store.acquire([LimitClaim(Self.tenant, maximum: 3)])
                        else { continue }
                        granted.add(1, ordering: .relaxed)
                        let now = open.add(1, ordering: .sequentiallyConsistent).newValue
                        most.max(now, ordering: .relaxed)
                        await Task.yield()
                        open.subtract(1, ordering: .sequentiallyConsistent)
                        // Several ends at once are one.
                        async let first: Void = lease.release()
                        lease.release()
                        await first
                    }
                }
            }
        }
        #expect(granted.load(ordering: .relaxed) > 0)
        #expect(most.load(ordering: .relaxed) <= 3)
        #expect(store.isEmpty)
    }

    @Test func aPlaceGrantedTooLateIsGivenBack() async throws {
        let store = LocalLimitStore()
        let place = OperationPlace()
        place.release()
        place.hold(try self.lease(await store.acquire([LimitClaim(Self.user, maximum: 1)])))
        #expect(store.isEmpty)
        let other = OperationPlace()
        other.hold(try self.lease(await store.acquire([LimitClaim(Self.user, maximum: 1)])))
        #expect(!store.isEmpty)
        other.release()
        other.release()
        #expect(store.isEmpty)
    }
}
