import Logging
import NIOPosix
import PubSub
import RedisPubSub
import TestSupport
import Testing

/// Each deviation shows, and is not there without being asked for: one outage, played with the right bus and with each
/// wrong one.
@Suite(
    "Redis deviations", .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(2)))
struct RedisDeviationTests {
    private static let right = [
        "publish": "unavailable", "newcomer": "unavailable", "channels": "one two", "one": "interrupted resumed x",
        "two": "interrupted resumed x", "left": "one",
    ]

    private static func wrong(_ changes: [String: String]) -> [String: String] { self.right.merging(changes) { $1 } }

    @Test(
        "An outage",
        arguments: [
            (nil, right),
            (.noResubscribe, wrong(["channels": "", "one": "interrupted", "two": "interrupted", "left": ""])),
            (.resubscribesSome, wrong(["channels": "two", "one": "interrupted", "left": ""])),
            (.eventsTwice, wrong(["one": "interrupted resumed x x", "two": "interrupted resumed x x"])),
            (.publishPretends, wrong(["publish": "1"])),
            (.publishUnconfirmed, wrong(["publish": "1"])),
            (.newcomersVanish, wrong(["newcomer": "accepted"])),
            (.unsubscribeForgotten, wrong(["left": "one two"])),
        ] as [(RedisDeviation?, [String: String])])
    func outage(deviation: RedisDeviation?, expected: [String: String]) async throws {
        #expect(try await Self.play(deviation) == expected)
    }

    private static func play(_ deviation: RedisDeviation?) async throws -> [String: String] {
        let redis = try await RedisServer.start()
        var seen: [String: String] = [:]
        try await self.withBus(redis, deviation) { bus in
            try await eventually("connected") { bus.status == .connected }
            let (one, two, fence) = (try ChannelName("one"), try ChannelName("two"), try ChannelName("zfence"))
            let first = try await Listener.listen(to: one, on: bus)
            let second = try await Listener.listen(to: two, on: bus)
            redis.kill()
            try await eventually("away") { bus.status != .connected }
            seen["publish"] = await self.result { "\(try await bus.publish("lost", to: one))" }
            seen["newcomer"] = await self.result {
                _ = try await Listener.listen(to: fence, on: bus)
                return "accepted"
            }
            try await redis.restart()
            try await eventually("connected again") { bus.status == .connected }
            seen["channels"] = try redis.channels().joined(separator: " ")
            // What comes on a link comes in order, so what was not heard before this will not be.
            let last = try await Listener.listen(to: fence, on: bus)
            for channel in ["one", "two", "zfence"] { try redis.command("PUBLISH", channel, "x") }
            _ = await last.next(1)
            seen["one"] = await self.text(first)
            seen["two"] = await self.text(second)
            second.subscription.cancel()
            last.subscription.cancel()
            let after = try await Listener.listen(to: try ChannelName("zzafter"), on: bus)
            seen["left"] = try redis.channels().filter { !$0.hasPrefix("z") }.joined(separator: " ")
            after.subscription.cancel()
        }
        redis.kill()
        return seen
    }

    private static func text(_ listener: Listener) async -> String {
        await listener.rest().map { event in
            switch event {
            case .message(let text): text
            case .interrupted: "interrupted"
            case .resumed: "resumed"
            case .ended: "ended"
            }
        }.joined(separator: " ")
    }

    private static func result(_ body: () async throws -> String) async -> String {
        do {
            return try await body()
        } catch {
            return (error as? BusError)?.code.rawValue ?? "\(error)"
        }
    }

    @Test("Publications that failed are made when Redis is back")
    func replays() async throws {
        let redis = try await RedisServer.start()
        try await Self.withBus(redis, .publishesReplayed) { bus in
            try await eventually("connected") { bus.status == .connected }
            let channel = try ChannelName("one")
            let listener = try await Listener.listen(to: channel, on: bus)
            redis.kill()
            try await eventually("away") { bus.status != .connected }
            #expect(await Self.result { "\(try await bus.publish("late", to: channel))" } == "unavailable")
            let other = try ChannelName("two")
            try await redis.restart()
            try await eventually("connected again") { bus.status == .connected }
            // The two links come back in any order, so the message may have come too early to be heard; what was
            // published is counted by Redis itself.
            try await eventually("it was published") {
                try redis.command("INFO", "commandstats").contains("cmdstat_publish:calls=1")
            }
            #expect(try await bus.publish("x", to: other) == 0)
            listener.subscription.cancel()
        }
        redis.kill()
    }

    @Test("A Redis that hangs is not noticed, in the time in which a right bus notices it")
    func hangs() async throws {
        let redis = try await RedisServer.start()
        try await Self.withBus(redis, .hangUnnoticed) { wrong in
            try await Self.withBus(redis, nil) { right in
                try await eventually("both are connected") { wrong.status == .connected && right.status == .connected }
                redis.hang()
                try await eventually("the right one notices") { right.status != .connected }
                #expect(wrong.status == .connected)
                redis.wake()
            }
        }
        redis.kill()
    }

    private static func withBus(
        _ redis: RedisServer, _ deviation: RedisDeviation?, _ body: (RedisBus) async throws -> Void
    ) async throws {
        var configuration = RedisBusConfiguration(
            url: try RedisURL("redis://127.0.0.1:\(redis.port)"), clientName: "deviating")
        configuration.pingInterval = .milliseconds(100)
        configuration.commandTimeout = .milliseconds(400)
        configuration.deviation = deviation
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let bus = RedisBus(configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await withThrowingTaskGroup { group in
            group.addTask { try await bus.run() }
            defer { bus.shutdown() }
            try await body(bus)
        }
    }
}
