import PubSub
import TestSupport
import Testing

@testable import RedisPubSub

@Suite(
    "Store in a cluster",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .serialized, .timeLimit(.minutes(2)))
struct ClusterStoreTests {
    /// Takes from one stock and adds to another.
    private static let move = StoreScript(
        "move",
        lua: """
            if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then return 0 end
            redis.call('DECRBY', KEYS[1], ARGV[1])
            return redis.call('INCRBY', KEYS[2], ARGV[1])
            """
    ) { _, _, _ throws(BusError) in .null }

    @Test("Every command works, scripts with several keys too, and changes are announced in order")
    func commands() async throws {
        try await TestCluster.with { cluster in
            try await cluster.withBus { bus in
                try await self.values(bus)
                try await self.collections(bus)
                try await self.announcements(bus)
                // All keys are in one slot, the others have none.
                let sizes = try cluster.nodes.map { try $0.command("DBSIZE") }
                #expect(sizes.count { $0 == "0" } == 2)
                try await self.slotOnItsWay(bus, cluster)
            }
        }
    }

    private func values(_ store: any KeyValueStore) async throws {
        try await store.set("k", to: [0, 255])
        #expect(try await store.get("k") == [0, 255])
        #expect(try await !store.setIfAbsent("k", to: bytes("x"), expiry: .seconds(100)))
        #expect(try await store.expire("k", after: .seconds(100)))
        #expect(try await store.remove("k"))
        #expect(try await store.increment("stock", by: 30) == 30)
        let replies = try await withThrowingTaskGroup(of: StoreReply.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await store.evaluate(Self.move, keys: ["stock", "sold"], arguments: [bytes("1")])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(replies.count { $0 == .integer(0) } == 20)
        #expect(Set(replies.compactMap(\.integer)) == Set(0...30))
        #expect(try await store.get("sold") == bytes("30"))
        await expectRefusal { _ = try await store.add(["a"], to: "sold") }
    }

    private func collections(_ store: any KeyValueStore) async throws {
        try await store.setFields(["a": bytes("1"), "b": bytes("2")], of: "h")
        try await store.setFields(["c": bytes("3")], of: "expiring", expiry: .seconds(100))
        #expect(try await store.field("b", of: "h") == bytes("2"))
        #expect(try await store.fields(of: "expiring") == ["c": bytes("3")])
        #expect(try await store.removeFields(["a", "b"], of: "h") == 2)
        #expect(try await store.add(["a", "b"], to: "s") == 2)
        #expect(try await store.remove(["a"], from: "s") == 1)
        #expect(try await store.contains("b", in: "s"))
        #expect(try await store.members(of: "s") == ["b"])
        let first = try await store.append([.init("data", bytes("1"))], to: "x", keeping: 10)
        let second = try await store.append([.init("data", bytes("2"))], to: "x", keeping: 10)
        #expect(try await store.entries(of: "x", after: first, limit: 10).map(\.id) == [second])
        #expect(try await store.oldestEntry(of: "x")?.id == first)
    }

    private func announcements(_ bus: RedisClusterBus) async throws {
        let channels = try (0..<3).map { try TestCluster.channel(ofNode: $0, "changes") }
        var listeners: [Listener] = []
        for channel in channels { listeners.append(try await Listener.listen(to: channel, on: bus)) }
        #expect(try await bus.replace("n", of: "h", expecting: nil, with: bytes("0")))
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    var made = 0
                    while made < 25 {
                        let old = try await bus.field("n", of: "h") ?? []
                        let next = bytes("\((Int(String(decoding: old, as: UTF8.self)) ?? 0) + 1)")
                        let isDone = try await bus.replace(
                            "n", of: "h", expecting: old, with: next,
                            announcing: channels.map { .init(next, on: $0) })
                        if isDone { made += 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        for listener in listeners {
            #expect(await listener.next(100) == (1...100).map { .message("\($0)") })
            listener.subscription.cancel()
            #expect(await listener.rest() == [])
        }
    }

    /// A slot that goes to another node key by key.
    private func slotOnItsWay(_ bus: RedisClusterBus, _ cluster: TestCluster) async throws {
        let slot = KeySlot.of(Array(ClusterCore.keyTag.utf8))
        let (from, to) = (2, 0)
        #expect(TestCluster.slots(ofNode: from).contains(slot))
        try cluster.beginMove(slot: slot, from: from, to: to)
        try await bus.set("fresh", to: bytes("made on its way"))
        #expect(try cluster.nodes[to].command("DBSIZE") == "1")
        #expect(try await bus.get("fresh") == bytes("made on its way"))
        #expect(try await bus.get("sold") == bytes("30"))
        let keys = try cluster.nodes[from].command("CLUSTER", "GETKEYSINSLOT", "\(slot)", "100").split(separator: "\n")
        for key in keys {
            try cluster.nodes[from].command(
                "MIGRATE", "127.0.0.1", "\(cluster.nodes[to].port)", String(key), "0", "5000")
        }
        try cluster.move(slot: slot, from: from, to: to)
        #expect(try await bus.get("fresh") == bytes("made on its way"))
        #expect(try await bus.get("sold") == bytes("30"))
        #expect(try await bus.evaluate(Self.move, keys: ["sold", "stock"], arguments: [bytes("30")]) == .integer(30))
        #expect(try cluster.nodes[from].command("DBSIZE") == "0")
    }
}
