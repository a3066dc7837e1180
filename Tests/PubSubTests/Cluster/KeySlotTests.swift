import Testing

@testable import RedisPubSub

@Suite("Slots of a cluster")
struct KeySlotTests {
    @Test(
        "Of names",
        arguments: [
            ("", 0), ("123456789", 0x31C3), ("foo", 12182), ("bar", 5061), ("hello", 866), ("user1000", 3443),
            ("{user1000}.following", 3443), ("{realtime}", 12627),
        ])
    func names(name: String, slot: Int) {
        #expect(KeySlot.of(Array(name.utf8)) == slot)
    }

    @Test(
        "What stands between the first { and the next } decides, unless it is empty",
        arguments: [
            ("{user1000}.following", "user1000"), ("{user1000}.followers", "user1000"),
            ("foo{}{bar}", "foo{}{bar}"), ("foo{{bar}}zap", "{bar"), ("foo{bar}{zap}", "bar"),
            ("no}tag{", "no}tag{"), ("{open", "{open"), ("}{a}", "a"), ("{}", "{}"),
        ])
    func tags(name: String, tag: String) {
        #expect(String(decoding: KeySlot.tag(in: Array(name.utf8)), as: UTF8.self) == tag)
    }
}

@Suite("Owners of the slots of a cluster")
struct ClusterTopologyTests {
    static func node(_ host: RESPReply, _ port: Int64) -> RESPReply {
        .array([host, .integer(port), .bytes(Array("id".utf8)), .array([])])
    }

    static func range(_ first: Int64, _ last: Int64, _ nodes: RESPReply...) -> RESPReply {
        .array([.integer(first), .integer(last)] + nodes)
    }

    static func host(_ name: String) -> RESPReply { .bytes(Array(name.utf8)) }

    @Test("Ranges in any order, the first node of each is its owner")
    func owners() throws {
        let (a, b) = (RedisEndpoint(host: "a", port: 1), RedisEndpoint(host: "b", port: 2))
        let reply = RESPReply.array([
            Self.range(9000, 16383, Self.node(Self.host("b"), 2), Self.node(Self.host("a"), 1)),
            Self.range(0, 8000, Self.node(Self.host("a"), 1)),
            Self.range(8001, 8001, Self.node(Self.host("b"), 2)),
        ])
        let topology = try #require(ClusterTopology(reply, from: "asked"))
        #expect(topology.owners == [a, b])
        #expect(!topology.isWhole)
        let expected: [(Int, RedisEndpoint?)] = [
            (0, a), (4000, a), (8000, a), (8001, b), (8002, nil), (8999, nil), (9000, b), (16383, b),
        ]
        for (slot, owner) in expected { #expect(topology.owner(of: slot) == owner) }
    }

    @Test("Every slot has an owner when the ranges leave none out")
    func whole() throws {
        let reply = RESPReply.array([
            Self.range(0, 8000, Self.node(Self.host("a"), 1)), Self.range(8001, 16383, Self.node(Self.host("b"), 2)),
        ])
        #expect(try #require(ClusterTopology(reply, from: "asked")).isWhole)
    }

    @Test("A host that is not named is the one that was asked; one that is unknown cannot be reached")
    func hosts() throws {
        let reply = RESPReply.array([
            Self.range(0, 1, Self.node(.null, 1)), Self.range(2, 3, Self.node(Self.host(""), 2)),
            Self.range(4, 5, Self.node(Self.host("?"), 3)),
        ])
        let topology = try #require(ClusterTopology(reply, from: "asked"))
        #expect(topology.owner(of: 1) == RedisEndpoint(host: "asked", port: 1))
        #expect(topology.owner(of: 2) == RedisEndpoint(host: "asked", port: 2))
        #expect(topology.owner(of: 4) == nil)
    }

    @Test(
        "Refused",
        arguments: [
            .error("ERR This instance has cluster support disabled"), .array([]), .null,
            .array([.integer(1)]), .array([range(5, 4, node(host("a"), 1))]),
            .array([range(0, 16384, node(host("a"), 1))]), .array([range(-1, 4, node(host("a"), 1))]),
            .array([range(0, 4, node(host("a"), 0))]), .array([range(0, 4)]),
            .array([range(0, 4, node(host("a"), 1)), range(4, 5, node(host("b"), 1))]),
            .array([range(0, 4, node(host("?"), 1))]),
        ] as [RESPReply])
    func refused(reply: RESPReply) {
        #expect(ClusterTopology(reply, from: "asked") == nil)
    }
}

@Suite("Replies of a cluster's node")
struct ShardReplyTests {
    @Test("Redirections are told from other errors")
    func redirections() {
        #expect(Redirection("MOVED 3999 127.0.0.1:6381") == .moved(slot: 3999, to: "127.0.0.1:6381"))
        #expect(Redirection("ASK 3999 ::1:6381") == .ask(slot: 3999, at: "::1:6381"))
        #expect(Redirection("CLUSTERDOWN Hash slot not served") == .notNow)
        #expect(Redirection("TRYAGAIN Multiple keys request during rehashing of slot") == .notNow)
        for text in ["", "ERR unknown", "MOVED", "MOVED x h:1", "MOVED 16384 h:1", "NOPERM no"] {
            #expect(Redirection(text) == nil)
        }
        #expect(RedisEndpoint("::1:6381", from: "asked") == RedisEndpoint(host: "::1", port: 6381))
        #expect(RedisEndpoint(":6381", from: "asked") == RedisEndpoint(host: "asked", port: 6381))
        for text in ["", "h", "h:", "h:0", "h:65536", "?:1"] { #expect(RedisEndpoint(text, from: "asked") == nil) }
    }

    private func reply(_ kind: String, _ channel: String, _ last: RESPReply = .integer(0)) -> RESPReply {
        .array([.bytes(Array(kind.utf8)), .bytes(Array(channel.utf8)), last])
    }

    @Test("What nobody asked for is told from what answers")
    func sorts() {
        let (foo, bar) = (Array("foo".utf8), Array("bar".utf8))
        let message = self.reply("smessage", "foo", .bytes([1]))
        #expect(ShardReply(message, awaiting: .subscribing(foo)) == .message(channel: foo, [1]))
        let end = self.reply("sunsubscribe", "foo")
        #expect(ShardReply(end, awaiting: nil) == .taken(channel: foo))
        #expect(ShardReply(end, awaiting: .unsubscribing(bar)) == .taken(channel: foo))
        #expect(ShardReply(end, awaiting: .subscribing(foo)) == .taken(channel: foo))
        #expect(ShardReply(end, awaiting: .unsubscribing(foo)) == .answer)
        #expect(ShardReply(self.reply("ssubscribe", "foo"), awaiting: .subscribing(foo)) == .answer)
        let moved = RESPReply.error("MOVED 12182 h:1")
        #expect(ShardReply(moved, awaiting: .unsubscribing(foo)) == .answer)
        #expect(ShardReply(moved, awaiting: .subscribing(foo)) == .answer)
        #expect(ShardReply(moved, awaiting: .subscribing(bar)) == .stale)
        #expect(ShardReply(moved, awaiting: nil) == .stale)
        #expect(ShardReply(.error("NOPERM no"), awaiting: .subscribing(bar)) == .answer)
        #expect(ShardReply(.status("PONG"), awaiting: nil) == .answer)
    }
}

@Suite("URL of a Redis cluster")
struct RedisClusterURLTests {
    @Test(
        "Read",
        arguments: [
            ("redis-cluster://h", ["h:6379"]), ("redis-cluster://h:7000", ["h:7000"]),
            ("redis-cluster://a:1,b,[::1]:3", ["a:1", "b:6379", "::1:3"]),
            ("redis-cluster://a:1,b:2/", ["a:1", "b:2"]),
            ("rediss-cluster://a:1/0", ["a:1"]), ("redis-cluster://me:p,a@ss@a:1,b:2", ["a:1", "b:2"]),
        ])
    func good(text: String, seeds: [String]) throws {
        let url = try RedisClusterURL(text)
        #expect(url.seeds.map { "\($0.host):\($0.port)" } == seeds)
        #expect(url.seeds.allSatisfy { $0.database == 0 })
        #expect(try RedisAddress(text) == .cluster(url))
    }

    @Test("User and password are for every node, also for one that is found")
    func credentials() throws {
        let url = try RedisClusterURL("redis-cluster://m%65:p%2Fw@a:1,b:2")
        for node in url.seeds + [url.node(at: RedisEndpoint(host: "c", port: 3))] {
            #expect(node.user == "me")
            #expect(node.password == "p/w")
        }
        #expect(url.node(at: RedisEndpoint(host: "c", port: 3)).host == "c")
        #expect("\(url)" == "redis-cluster://a:1,b:2")
        #expect("\(RedisAddress.cluster(url))" == "redis-cluster://a:1,b:2")
        var everything = "\(RedisAddress.cluster(url)) \(String(reflecting: url))"
        dump(RedisAddress.cluster(url), to: &everything)
        #expect(!everything.contains("p/w"))
    }

    @Test(
        "Refused, without repeating what may be a password",
        arguments: [
            "redis-cluster://", "redis-cluster://a,", "redis-cluster://,a", "redis-cluster://a/1",
            "redis-cluster://:hidden@a/x", "redis-cluster://:hidden@a:0", "redis-cluster://hidden@a",
            "redis-cluster://:hidden%@a,b", "redis-cluster://:hidden@a b:x",
        ])
    func bad(text: String) {
        #expect {
            try RedisAddress(text)
        } throws: { error in
            !"\(error)".isEmpty && !"\(error)".contains("hidden")
        }
    }
}
