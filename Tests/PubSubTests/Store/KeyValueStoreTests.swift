import PubSub
import TestSupport
import Testing

/// What every store promises.
@Suite("Key-value store", .timeLimit(.minutes(1)))
struct KeyValueStoreTests {
    @Test("Values are set, read, expire and go", arguments: BusKind.available)
    func values(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            #expect(try await store.get("k") == nil)
            try await store.set("k", to: Array(0...255))
            #expect(try await store.get("k") == Array(0...255))
            try await store.set("k", to: [], expiry: .seconds(2))
            #expect(try await store.get("k") == [])
            try await test.pass(.milliseconds(2100))
            #expect(try await store.get("k") == nil)
            #expect(try await store.setIfAbsent("k", to: bytes("first")))
            #expect(try await !store.setIfAbsent("k", to: bytes("second")))
            #expect(try await store.get("k") == bytes("first"))
            #expect(try await store.expire("k", after: .seconds(2)))
            try await test.pass(.milliseconds(2100))
            #expect(try await store.setIfAbsent("k", to: bytes("third"), expiry: .seconds(100)))
            #expect(try await store.remove("k"))
            #expect(try await !store.remove("k"))
            #expect(try await !store.expire("k", after: .seconds(1)))
        }
    }

    @Test("Numbers count from 0 and refuse what is none", arguments: BusKind.available)
    func increments(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            #expect(try await store.increment("n") == 1)
            #expect(try await store.increment("n", by: 41) == 42)
            #expect(try await store.increment("n", by: -50) == -8)
            #expect(try await store.get("n") == bytes("-8"))
            try await store.expire("n", after: .seconds(2))
            #expect(try await store.increment("n") == -7)
            try await test.pass(.milliseconds(2100))
            #expect(try await store.increment("n") == 1, "the expiry was lost")
            try await store.set("n", to: bytes("\(Int64.max)"))
            await expectRefusal { _ = try await store.increment("n") }
            try await store.set("n", to: bytes("x"))
            await expectRefusal { _ = try await store.increment("n") }
        }
    }

    @Test("Hashes keep fields apart and end with the last", arguments: BusKind.available)
    func hashes(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            #expect(try await store.fields(of: "h") == [:])
            try await store.setFields(["stage": bytes("received"), "progress": bytes("0")], of: "h")
            try await store.setFields(["progress": bytes(".25"), "ü": [0, 13, 10]], of: "h")
            #expect(try await store.field("progress", of: "h") == bytes(".25"))
            #expect(try await store.field("other", of: "h") == nil)
            #expect(
                try await store.fields(of: "h") == [
                    "stage": bytes("received"), "progress": bytes(".25"), "ü": [0, 13, 10],
                ])
            #expect(try await store.removeFields(["stage", "ü", "none"], of: "h") == 2)
            #expect(try await store.removeFields(["progress"], of: "h") == 1)
            #expect(try await !store.remove("h"))
        }
    }

    @Test("A hash that expires does so as a whole", arguments: BusKind.available)
    func expiringHashes(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            try await store.setFields(["a": bytes("1"), "b": bytes("2")], of: "h", expiry: .seconds(2))
            try await store.setFields(["c": bytes("3")], of: "h")
            #expect(try await store.fields(of: "h").count == 3)
            try await test.pass(.milliseconds(2100))
            #expect(try await store.fields(of: "h") == [:])
        }
    }

    @Test("A field is replaced only if it is as expected, and what is announced follows", arguments: BusKind.available)
    func replaces(kind: BusKind) async throws {
        let channel = try ChannelName("changes")
        try await withStore(kind) { test async throws in
            let store = test.store
            let listener = try await Listener.listen(to: channel, on: test.bus)
            func announcing(_ text: String) -> [HashReplacement.Announcement] {
                [.init(bytes(text), on: channel), .init(bytes(text + "!"), on: channel)]
            }
            #expect(
                try await !store.replace(
                    "f", of: "h", expecting: bytes("x"), with: bytes("y"), announcing: announcing("no")))
            #expect(try await store.replace("f", of: "h", expecting: nil, with: [], announcing: announcing("made")))
            #expect(try await !store.replace("f", of: "h", expecting: nil, with: [1], announcing: announcing("no")))
            #expect(try await store.replace("f", of: "h", expecting: [], with: [0, 255]))
            #expect(try await store.field("f", of: "h") == [0, 255])
            #expect(
                try await store.replace("f", of: "h", expecting: [0, 255], with: nil, announcing: announcing("gone")))
            #expect(try await store.field("f", of: "h") == nil)
            #expect(await listener.next(4) == ["made", "made!", "gone", "gone!"].map { .message($0) })
        }
    }

    @Test("Of many who change a field at once, messages follow the order of the changes", arguments: BusKind.available)
    func replacesInOrder(kind: BusKind) async throws {
        let channel = try ChannelName("changes")
        try await withStore(kind) { test async throws in
            let store = test.store
            let listener = try await Listener.listen(to: channel, on: test.bus)
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        var made = 0
                        while made < 25 {
                            let old = try await store.field("n", of: "h")
                            let number = old.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
                            let next = bytes("\(number + 1)")
                            let isDone = try await store.replace(
                                "n", of: "h", expecting: old, with: next, announcing: [.init(next, on: channel)])
                            if isDone { made += 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(await listener.next(100) == (1...100).map { .message("\($0)") })
        }
    }

    @Test("Sets hold each member once", arguments: BusKind.available)
    func sets(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            #expect(try await store.members(of: "s") == [])
            #expect(try await store.add(["a", "b", "a"], to: "s") == 2)
            #expect(try await store.add(["b", "c"], to: "s") == 1)
            #expect(try await store.contains("c", in: "s"))
            #expect(try await !store.contains("d", in: "s"))
            #expect(try await store.members(of: "s") == ["a", "b", "c"])
            #expect(try await store.remove(["a", "d"], from: "s") == 1)
            #expect(try await store.remove(["b", "c"], from: "s") == 2)
            #expect(try await !store.remove("s"))
        }
    }

    @Test("Streams are read from any place, in order and in pages", arguments: BusKind.available)
    func streams(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            #expect(try await store.entries(of: "x", limit: 10) == [])
            #expect(try await store.newestEntry(of: "x") == nil)
            var ids: [StreamID] = []
            for number in 0..<20 {
                let fields = [StreamEntry.Field("data", bytes("\(number)")), .init("more", [0])]
                ids.append(try await store.append(fields, to: "x", keeping: 100))
            }
            #expect(ids == ids.sorted())
            #expect(Set(ids).count == 20)
            let all = try await store.entries(of: "x", limit: 100)
            #expect(all.map(\.id) == ids)
            #expect(all.compactMap { $0["data"] } == (0..<20).map { bytes("\($0)") })
            #expect(all[3]["more"] == [0])
            let page = try await store.entries(of: "x", after: ids[4], limit: 3)
            #expect(page.map(\.id) == Array(ids[5...7]))
            #expect(try await store.entries(of: "x", after: ids[19], limit: 3) == [])
            #expect(try await store.oldestEntry(of: "x")?.id == ids[0])
            #expect(try await store.newestEntry(of: "x")?.id == ids[19])
        }
    }

    @Test("A stream lets its oldest entries go", arguments: BusKind.available)
    func trimsStreams(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            var ids: [StreamID] = []
            for _ in 0..<500 { ids.append(try await store.append([.init("d", [1])], to: "x", keeping: 50)) }
            let kept = try await store.entries(of: "x", limit: 1000)
            #expect(kept.count >= 50 && kept.count <= 250)
            #expect(kept.last?.id == ids.last)
            #expect(try await store.oldestEntry(of: "x")?.id ?? ids[0] > ids[0])
        }
    }

    @Test("A command for another kind of key is refused and changes nothing", arguments: BusKind.available)
    func wrongKind(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            try await store.set("k", to: bytes("v"))
            await expectRefusal { _ = try await store.add(["a"], to: "k") }
            await expectRefusal { _ = try await store.fields(of: "k") }
            await expectRefusal { _ = try await store.entries(of: "k", limit: 1) }
            #expect(try await store.get("k") == bytes("v"))
            try await store.add(["a"], to: "s")
            await expectRefusal { _ = try await store.get("s") }
        }
    }

    /// Takes from a stock if there is enough.
    private static let take = StoreScript(
        "take",
        lua: """
            local stock = tonumber(redis.call('GET', KEYS[1]) or '0')
            if stock < tonumber(ARGV[1]) then return {0, stock} end
            return {1, redis.call('DECRBY', KEYS[1], ARGV[1])}
            """
    ) { contents, keys, arguments throws(BusError) in
        let amount = Int64(String(decoding: arguments[0], as: UTF8.self)) ?? 0
        let stock = try contents.perform(.get(key: keys[0])).text.flatMap { Int64($0) } ?? 0
        guard stock >= amount else { return .array([.integer(0), .integer(stock)]) }
        return .array([.integer(1), try contents.perform(.increment(key: keys[0], by: -amount))])
    }

    @Test(
        "Scripts are atomic: of many who take at once, as many succeed as the stock allows",
        arguments: BusKind.available)
    func scripts(kind: BusKind) async throws {
        try await withStore(kind) { test async throws in
            let store = test.store
            try await store.set("stock", to: bytes("30"))
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await store.evaluate(Self.take, keys: ["stock"], arguments: [bytes("1")]).array?.first
                            == .integer(1)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 30)
            #expect(
                try await store.evaluate(Self.take, keys: ["stock"], arguments: [bytes("2")])
                    == .array([.integer(0), .integer(0)]))
        }
    }
}

@Suite("Store in memory")
struct MemoryStoreTests {
    @Test("What has expired is forgotten although nobody asks for it")
    func sweeps() async throws {
        let now = NowBox(.seconds(100))
        let store = MemoryStore(now: { now.value })
        for number in 0..<100 { try await store.set("k\(number)", to: [], expiry: .seconds(10)) }
        try await store.set("stays", to: [])
        #expect(store.keyCount == 101)
        now.value = .seconds(300)
        #expect(try await store.get("other") == nil)
        #expect(store.keyCount == 1)
    }

    @Test("A clock that is set back revives nothing and keeps streams in order")
    func clockSetBack() async throws {
        let now = NowBox(.seconds(1000))
        let store = MemoryStore(now: { now.value })
        try await store.set("k", to: [], expiry: .seconds(1))
        let first = try await store.append([.init("a", [])], to: "x", keeping: 10)
        now.value = .seconds(1002)
        #expect(try await store.get("k") == nil)
        now.value = .seconds(900)
        #expect(try await store.get("k") == nil)
        #expect(try await store.append([.init("a", [])], to: "x", keeping: 10) > first)
    }

    @Test(
        "Places of entries are read strictly",
        arguments: ["", "-", "1", "1-", "-1", "1-2-3", "+1-2", "1-x", "99999999999999999999-0"])
    func refusesIDs(text: String) {
        #expect(StreamID(text) == nil)
    }
}
