import PubSub
import Synchronization
import Testing

@testable import SubscriptionServer

@Suite("Shared limit store", .timeLimit(.minutes(1)))
struct SharedLimitStoreTests {
    /// A store in memory that can go away.
    private final class FlakyStore: KeyValueStore {
        let time = Mutex(Duration.seconds(1_700_000_000))
        let isAway = Atomic(false)
        private let memory = Mutex<MemoryStore?>(nil)

        init() { self.forgetEverything() }

        /// What a store that keeps nothing on disk has after a restart.
        func forgetEverything() {
            let store = MemoryStore(now: { self.time.withLock { $0 } })
            self.memory.withLock { $0 = store }
        }

        func advance(by duration: Duration) { self.time.withLock { $0 += duration } }

        var keyCount: Int { self.memory.withLock { $0 }?.keyCount ?? 0 }

        func perform(_ command: StoreCommand) async throws(BusError) -> StoreReply {
            guard !self.isAway.load(ordering: .relaxed), let store = self.memory.withLock({ $0 }) else {
                throw BusError(.unavailable, "away")
            }
            return try await store.perform(command)
        }
    }

    private let store = FlakyStore()
    private let user = LimitCount(.connectionsPerUser, of: ["acme", "u1"])
    private let tenant = LimitCount(.connectionsPerTenant, of: ["acme"])

    private func process(_ name: String, away: SharedLimitStore.AwayPolicy = .open) -> SharedLimitStore {
        SharedLimitStore(self.store, prefix: "p:", process: name, life: .seconds(30), away: away)
    }

    private func claim(_ store: SharedLimitStore, user maximum: Int, tenant: Int = 100) async -> LimitAnswer {
        await store.acquire([.init(self.user, maximum: maximum), .init(self.tenant, maximum: tenant)])
    }

    private func lease(_ answer: LimitAnswer) throws -> LimitLease {
        guard case .granted(let lease) = answer else {
            Issue.record("not granted: \(answer)")
            throw CancellationError()
        }
        return lease
    }

    private func isFull(_ answer: LimitAnswer, _ kind: LimitKind) -> Bool {
        if case .full(kind) = answer { true } else { false }
    }

    @Test("Processes share places, and one that is given back can be taken by another")
    func shares() async throws {
        let (one, other) = (self.process("one"), self.process("other"))
        let first = try self.lease(await self.claim(one, user: 2))
        let second = try self.lease(await self.claim(other, user: 2))
        #expect(self.isFull(await self.claim(one, user: 2), .connectionsPerUser))
        #expect(self.isFull(await self.claim(other, user: 2), .connectionsPerUser))
        first.release()
        first.release()
        await one.renew()
        let third = try self.lease(await self.claim(other, user: 2))
        #expect(self.isFull(await self.claim(one, user: 2), .connectionsPerUser))
        withExtendedLifetime((second, third)) {}
    }

    @Test("Of several claims all are granted, or none is taken")
    func allOrNone() async throws {
        let one = self.process("one")
        let first = try self.lease(await self.claim(one, user: 5, tenant: 1))
        #expect(self.isFull(await self.claim(one, user: 5, tenant: 1), .connectionsPerTenant))
        // The refused claim took no place of the user.
        let second = try self.lease(await self.claim(one, user: 2, tenant: 5))
        #expect(self.isFull(await self.claim(one, user: 2, tenant: 5), .connectionsPerUser))
        withExtendedLifetime((first, second)) {}
    }

    @Test("Of many processes that claim at once, as many succeed as there are places")
    func races() async throws {
        let processes = (0..<10).map { self.process("p\($0)") }
        let leases = await withTaskGroup(of: LimitLease?.self) { group in
            for process in processes {
                for _ in 0..<5 {
                    group.addTask {
                        if case .granted(let lease) = await self.claim(process, user: 7) { lease } else { nil }
                    }
                }
            }
            return await group.reduce(into: []) { all, lease in if let lease { all.append(lease) } }
        }
        #expect(leases.count == 7)
    }

    @Test("The places of a process that died are free again after its life; those of a living one stay")
    func expires() async throws {
        let (dead, living) = (self.process("dead"), self.process("living"))
        let first = try self.lease(await self.claim(dead, user: 2))
        let second = try self.lease(await self.claim(living, user: 2))
        for _ in 0..<4 {
            self.store.advance(by: .seconds(10))
            await living.renew()
        }
        let third = try self.lease(await self.claim(living, user: 2))
        #expect(self.isFull(await self.claim(living, user: 2), .connectionsPerUser))
        withExtendedLifetime((first, second, third)) {}
    }

    @Test("A store that lost everything is right again after a renewal")
    func heals() async throws {
        let one = self.process("one")
        let first = try self.lease(await self.claim(one, user: 1))
        self.store.forgetEverything()
        await one.renew()
        #expect(self.isFull(await self.claim(one, user: 1), .connectionsPerUser))
        first.release()
        await one.renew()
        #expect(self.store.keyCount == 0)
    }

    @Test("While the store is away claims are granted and counted later, or refused")
    func away() async throws {
        let (open, closed) = (self.process("open"), self.process("closed", away: .closed))
        self.store.isAway.store(true, ordering: .relaxed)
        let lease = try self.lease(await self.claim(open, user: 1))
        guard case .unavailable(let reason) = await self.claim(closed, user: 1) else {
            Issue.record("granted although the policy is closed")
            return
        }
        #expect(reason == "the store of shared limits: unavailable")
        self.store.isAway.store(false, ordering: .relaxed)
        await open.renew()
        #expect(self.isFull(await self.claim(closed, user: 1), .connectionsPerUser))
        lease.release()
        await open.renew()
        _ = try self.lease(await self.claim(closed, user: 1))
    }

    @Test("When it ends, a process gives everything back")
    func ends() async throws {
        let one = self.process("one")
        let lease = try self.lease(await self.claim(one, user: 1))
        #expect(self.store.keyCount == 2)
        let run = Task { try await one.run() }
        run.cancel()
        try await run.value
        #expect(self.store.keyCount == 0)
        withExtendedLifetime(lease) {}
    }
}
