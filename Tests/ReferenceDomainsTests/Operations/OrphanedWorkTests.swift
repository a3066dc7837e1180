import GraphQLCore
import PubSub
import Synchronization
import Testing

@testable import ReferenceDomains

/// Jobs and campaigns of an instance that is gone.
@Suite("Work that nobody does any more", .timeLimit(.minutes(1)))
struct OrphanedWorkTests {
    /// Several instances of the server on one store whose time is moved by hand.
    private final class World: Sendable {
        let bus = InMemoryBus()
        let store: MemoryStore
        let stopped = Mutex<[String]>([])
        private let time: Clock

        final class Clock: Sendable {
            let now = Mutex(Duration.seconds(1_000_000))
        }

        init() {
            let time = Clock()
            self.time = time
            self.store = MemoryStore(announcingOn: self.bus) { time.now.withLock { $0 } }
        }

        func pass(_ duration: Duration) {
            self.time.now.withLock { $0 += duration }
        }

        /// One more instance.
        func instance(_ timers: any Timers = ManualTimers()) throws -> Works {
            Works(
                DomainEnvironment(
                    bus: self.bus, channels: try ChannelNames(), state: self.store, timers: timers,
                    onWorkStopped: { [self] id, _ in self.stopped.withLock { $0.append(id) } }))
        }

        var registered: [String] {
            get async throws { try await self.store.fields(of: "realtime:work").keys.sorted() }
        }

        func status(_ works: Works, _ id: String = "7", _ kind: WorkKind = .job) async throws -> String? {
            try await works.find(kind, id, tenant: "acme")?["status"]?.stringValue
        }
    }

    private let world = World()

    @Test("Fails when it was missed twice, and its watchers are told why", arguments: WorkKind.allCases)
    func fails(kind: WorkKind) async throws {
        let (gone, other) = (try self.world.instance(), try self.world.instance())
        _ = try await gone.start(kind, type: "bulk", itemsTotal: 10, tenant: "acme", id: "7")
        let streams = OperationsStreams(other.environment)
        let listener = OperationsStreamsTests.Listener()
        let reasons = Mutex<[String?]>([])
        let end = try await streams.listen(to: kind.stream, tenant: "acme") { signal in
            if case .event(let event) = signal {
                reasons.withLock { $0.append(event.members["error_message"]?.stringValue) }
            }
            listener.receive(signal)
        }
        let stranger = OperationsStreamsTests.Listener()
        let strangersEnd = try await streams.listen(to: kind.stream, tenant: "globex", stranger.receive)
        // It is believed to be there until its lease runs out.
        try await other.keepUp()
        try await other.keepUp()
        self.world.pass(WorkRegister.lease)
        try await other.keepUp()
        #expect(try await self.world.status(other, "7", kind) == "running")
        try await other.keepUp()
        #expect(try await self.world.status(other, "7", kind) == "failed")
        #expect(await listener.next(1) == [kind == .job ? "job.failed" : "campaign.progress"])
        #expect(reasons.withLock { $0 } == [ClientMessages.nobodyWorks])
        #expect(try await self.world.registered == [])
        #expect(self.world.stopped.withLock { $0 } == ["7"])
        try await other.keepUp()
        try await other.keepUp()
        #expect(await listener.rest() == [])
        #expect(await stranger.rest() == [])
        for end in [end, strangersEnd] { end.cancel() }
    }

    @Test("Goes on as long as its instance gives signs of life, also while it is paused")
    func livesOn() async throws {
        let (owner, other) = (try self.world.instance(), try self.world.instance())
        _ = try await owner.start(.job, type: "bulk", itemsTotal: 10, tenant: "acme", id: "7")
        let boss = Identity(tenant: "acme", user: "ada", isUnrestricted: true)
        try await other.perform(.pauseJob, on: "7", by: boss)
        for _ in 0..<10 {
            self.world.pass(WorkRegister.interval)
            try await owner.keepUp()
            try await other.keepUp()
        }
        #expect(try await self.world.status(other) == "paused")
    }

    @Test("An instance that comes back between two looks keeps what it does")
    func comesBack() async throws {
        let (owner, other) = (try self.world.instance(), try self.world.instance())
        _ = try await owner.start(.job, type: "bulk", itemsTotal: 10, tenant: "acme", id: "7")
        for _ in 0..<4 {
            self.world.pass(WorkRegister.lease)
            try await other.keepUp()
            try await owner.keepUp()
            try await other.keepUp()
        }
        #expect(try await self.world.status(other) == "running")
        #expect(try await self.world.registered == ["job:acme:7"])
    }

    @Test("Of several instances that miss it one ends it")
    func once() async throws {
        let gone = try self.world.instance()
        let others = try (0..<4).map { _ in try self.world.instance() }
        for id in 1...20 {
            _ = try await gone.start(.job, type: "bulk", itemsTotal: 10, tenant: "acme", id: "\(id)")
        }
        self.world.pass(WorkRegister.lease)
        for _ in 0..<2 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for works in others { group.addTask { try await works.keepUp() } }
                try await group.waitForAll()
            }
        }
        #expect(self.world.stopped.withLock { $0.sorted() } == (1...20).map { "\($0)" }.sorted())
        #expect(try await others[0].open(.job, tenant: "acme").isEmpty)
        #expect(try await self.world.registered == [])
    }

    @Test("Fails as well where its instance is there but could not go on")
    func abandoned() async throws {
        let timers = ManualTimers()
        let owner = try self.world.instance(timers)
        _ = try await owner.start(.job, type: "bulk", itemsTotal: 10, tenant: "acme", id: "7")
        let task = Task { try await owner.simulate(.job, "7", by: 1, tenant: "acme") }
        await timers.set(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await owner.keepUp()
        #expect(try await self.world.status(owner) == "running")
        try await owner.keepUp()
        #expect(try await self.world.status(owner) == "failed")
    }

    @Test("What is over is registered no more, and what is taken over belongs to who took it")
    func released() async throws {
        let (first, second) = (try self.world.instance(), try self.world.instance())
        let boss = Identity(tenant: "acme", user: "ada", isUnrestricted: true)
        for id in ["1", "2", "3"] {
            _ = try await first.start(.job, type: "bulk", itemsTotal: 10, tenant: "acme", id: id)
        }
        try await second.perform(.cancelJob, on: "1", by: boss)
        #expect(try await first.advance(.job, "2", by: 10, tenant: "acme") == .completed)
        #expect(try await self.world.registered == ["job:acme:3"])
        // As a server with seed data does that is started anew.
        await #expect(throws: GraphQLError.self) {
            _ = try await second.start(.job, type: "bulk", itemsTotal: 10, tenant: "acme", id: "3")
        }
        for _ in 0..<8 {
            self.world.pass(WorkRegister.interval)
            try await second.keepUp()
        }
        #expect(try await self.world.status(second, "3") == "running")
        self.world.pass(WorkRegister.lease)
        let third = try self.world.instance()
        for _ in 0..<2 { try await third.keepUp() }
        #expect(try await self.world.status(third, "3") == "failed")
        #expect(try await self.world.status(third, "1") == "cancelled")
    }

    @Test("Is looked for at the interval, by itself")
    func watch() async throws {
        let timers = ManualTimers()
        let (gone, other) = (try self.world.instance(), try self.world.instance(timers))
        _ = try await gone.start(.job, type: "bulk", itemsTotal: 10, tenant: "acme", id: "7")
        self.world.pass(WorkRegister.lease)
        let watch = Task { await other.keepWatch() }
        for _ in 0..<2 {
            await timers.set(1)
            timers.advance(by: WorkRegister.interval)
        }
        await timers.set(1)
        #expect(try await self.world.status(other) == "failed")
        watch.cancel()
        await watch.value
    }
}
