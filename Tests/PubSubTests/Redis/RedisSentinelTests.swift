import PubSub
import RedisPubSub
import Synchronization
import TestSupport
import Testing

@Suite(
    "Redis with Sentinel",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(2)))
struct RedisSentinelTests {
    private static let name = "public:topic:one"
    private let channel: ChannelName

    init() throws {
        self.channel = try ChannelName(Self.name)
    }

    /// What a Sentinel answers that takes the given port for the primary's.
    private static func answer(_ port: Int) -> FakeRedis.Answer {
        .bytes("*2\r\n$9\r\n127.0.0.1\r\n$\("\(port)".utf8.count)\r\n\(port)\r\n")
    }

    /// Runs the body with a primary and a replica that has all the primary has.
    private func withReplica(
        _ body: (_ primary: RedisServer, _ replica: RedisServer) async throws -> Void
    ) async throws {
        let options = ["--repl-diskless-sync-delay", "0"]
        let primary = try await RedisServer.start(options: options)
        let replica = try await RedisServer.start(options: options + ["--replicaof", "127.0.0.1", "\(primary.port)"])
        try await eventually("the replica is one", within: .seconds(30)) {
            try primary.command("INFO", "replication").contains("state=online")
        }
        try await body(primary, replica)
        primary.kill()
        replica.kill()
    }

    private func expectRoundTrip(_ bus: RedisBus, at redis: RedisServer, _ listener: Listener) async throws {
        #expect(try redis.subscriberCount(of: Self.name) == 1)
        #expect(try redis.command("CLIENT", "LIST", "TYPE", "pubsub").split(separator: "\n").count == 1)
        #expect(try await bus.publish("hello", to: self.channel) == 1)
        #expect(await listener.next(1) == [.message("hello")])
    }

    @Test("Sentinels that are gone, hang or know nothing are passed over, and the one that knows comes first next time")
    func asksInTurn() async throws {
        let redis = try await RedisServer.start(password: "s3cret")
        let lines = LogLines()
        try await FakeRedis.with({ _ in .nothing }) { mute in
            try await FakeRedis.with({ _ in .bytes("*-1\r\n") }) { ignorant in
                try await FakeRedis.with({ _ in Self.answer(redis.port) }) { knowing in
                    let hosts = [try Executable.freePort(), mute.port, ignorant.port, knowing.port]
                        .map { "127.0.0.1:\($0)" }.joined(separator: ",")
                    let url = try RedisURL("redis-sentinel://:s3cret@\(hosts)/events/3")
                    try await withRedisBus(url, connectTimeout: .seconds(1), logger: lines.logger) { bus in
                        try await eventually("the bus is connected") { bus.status == .connected }
                        #expect(try redis.command("CLIENT", "LIST").contains(" db=3 "))
                        let listener = try await Listener.listen(to: self.channel, on: bus)
                        try await self.expectRoundTrip(bus, at: redis, listener)
                        let asked = (mute.commands.count, ignorant.commands.count, knowing.commands.count)
                        #expect(asked.0 >= 1 && asked.1 >= 1 && asked.2 >= 2)
                        try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
                        #expect(await listener.next(2) == [.interrupted, .resumed])
                        try await eventually("the bus is connected") { bus.status == .connected }
                        try await self.expectRoundTrip(bus, at: redis, listener)
                        #expect(mute.commands.count == asked.0)
                        #expect(ignorant.commands.count == asked.1)
                        #expect(knowing.commands.count > asked.2)
                        #expect(
                            knowing.commands.allSatisfy { $0 == ["SENTINEL", "get-master-addr-by-name", "events"] })
                    }
                }
            }
        }
        #expect(!lines.all.contains { $0.contains("s3cret") })
        redis.kill()
    }

    @Test("When none knows, each says why in one sentence")
    func noneKnows() async throws {
        let lines = LogLines()
        let closed = try Executable.freePort()
        try await FakeRedis.with({ _ in .bytes("-NOAUTH Authentication required.\r\n") }) { strict in
            try await FakeRedis.with({ _ in .bytes("*-1\r\n") }) { ignorant in
                let hosts = [closed, strict.port, ignorant.port].map { "127.0.0.1:\($0)" }
                let url = try RedisURL("redis-sentinel://\(hosts.joined(separator: ","))/events")
                let sentence =
                    "no Sentinel said where events is: \(hosts[0]) cannot be reached, \(hosts[1]) answered with NOAUTH "
                    + "Authentication required., \(hosts[2]) does not know it"
                try await withRedisBus(url, logger: lines.logger) { bus in
                    try await eventually("it is logged") { lines.all.contains { $0.contains(sentence) } }
                    #expect(bus.status != .connected)
                }
            }
        }
    }

    @Test("A replica is not taken for the primary, and the Sentinel that told of it not asked first again")
    func rejectsReplica() async throws {
        try await self.withReplica { primary, replica in
            let lines = LogLines()
            let isMistaken = Atomic(true)
            try await FakeRedis.with({ _ in
                Self.answer(isMistaken.load(ordering: .relaxed) ? replica.port : primary.port)
            }) { turning in
                let url = try RedisURL("redis-sentinel://127.0.0.1:\(turning.port)/events")
                try await withRedisBus(url, logger: lines.logger) { bus in
                    try await eventually("the reason is logged") {
                        lines.all.contains { $0.contains("is no primary, its role is slave") }
                    }
                    #expect(bus.status != .connected)
                    isMistaken.store(false, ordering: .relaxed)
                    try await eventually("the bus is connected") { bus.status == .connected }
                    let listener = try await Listener.listen(to: self.channel, on: bus)
                    try await self.expectRoundTrip(bus, at: primary, listener)
                    #expect(lines.all.contains { $0.contains("Redis link is up") && $0.contains(":\(primary.port)") })
                }
            }
            try await FakeRedis.with({ _ in Self.answer(replica.port) }) { mistaken in
                try await FakeRedis.with({ _ in Self.answer(primary.port) }) { right in
                    let url = try RedisURL(
                        "redis-sentinel://127.0.0.1:\(mistaken.port),127.0.0.1:\(right.port)/events")
                    try await withRedisBus(url) { bus in
                        try await eventually("the bus is connected") { bus.status == .connected }
                        #expect(!mistaken.commands.isEmpty)
                    }
                }
            }
        }
    }

    @Test("The primary dies: subscriptions and events are back at the one that Sentinel promotes")
    func survivesFailover() async throws {
        try await self.withReplica { primary, replica in
            let sentinel = try await SentinelServer.start(watching: primary.port, patience: 1000)
            defer { sentinel.kill() }
            try await eventually("the Sentinel knows both", within: .seconds(30)) {
                try sentinel.replicas() == 1 && sentinel.primary() == primary.port
            }
            let url = try RedisURL("redis-sentinel://127.0.0.1:\(sentinel.port)/\(SentinelServer.service)")
            try await withRedisBus(url) { bus in
                try await eventually("the bus is connected") { bus.status == .connected }
                let first = try await Listener.listen(to: self.channel, on: bus)
                let second = try await Listener.listen(to: self.channel, on: bus)
                let other = try await Listener.listen(to: try ChannelName("public:topic:two"), on: bus)
                #expect(try primary.channels() == ["__sentinel__:hello", Self.name, "public:topic:two"])
                primary.kill()
                #expect(await first.next(1) == [.interrupted])
                #expect(await first.next(1) == [.resumed])
                #expect(await second.next(2) == [.interrupted, .resumed])
                #expect(await other.next(2) == [.interrupted, .resumed])
                try await eventually("the bus is connected") { bus.status == .connected }
                #expect(try sentinel.primary() == replica.port)
                #expect(try replica.subscriberCount(of: Self.name) == 1)
                #expect(try replica.subscriberCount(of: "public:topic:two") == 1)
                #expect(try await bus.publish("promoted", to: self.channel) == 1)
                #expect(await first.next(1) == [.message("promoted")])
                #expect(await second.next(1) == [.message("promoted")])
            }
        }
    }

    @Test(
        "Sentinel and primary both over TLS",
        .enabled(if: TestCertificate.isPossible, "openssl is not installed: make setup"))
    func overTLS() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let lines = [
            "tls-cert-file \(certificate.certificateFile)", "tls-key-file \(certificate.keyFile)",
            "tls-ca-cert-file \(certificate.certificateFile)", "tls-auth-clients no", "tls-replication yes",
        ]
        let (primaryPort, sentinelPort) = (try Executable.freePort(), try Executable.freePort())
        let redis = try await RedisServer.start(
            options: (lines + ["tls-port \(primaryPort)"]).flatMap { "--\($0)".split(separator: " ").map(String.init) })
        let sentinel = try await SentinelServer.start(
            watching: primaryPort, patience: 60_000, options: lines + ["tls-port \(sentinelPort)"])
        defer { sentinel.kill() }
        let url = try RedisURL("rediss-sentinel://localhost:\(sentinelPort)/\(SentinelServer.service)")
        try await withRedisBus(url, tls: try RedisTLS(authorityFile: certificate.certificateFile)) { bus in
            try await eventually("the bus is connected") { bus.status == .connected }
            let listener = try await Listener.listen(to: self.channel, on: bus)
            let clients = try redis.command("CLIENT", "LIST").split(separator: "\n")
            let ours = clients.filter { $0.contains(" name=bus-tests-") }
            #expect(ours.count == 2)
            #expect(ours.allSatisfy { $0.contains(" laddr=127.0.0.1:\(primaryPort) ") })
            #expect(try await bus.publish("hello", to: self.channel) == 1)
            #expect(await listener.next(1) == [.message("hello")])
        }
        redis.kill()
    }
}
