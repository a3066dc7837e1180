import Foundation
import Testing

@testable import ConformanceKit

/// Faults of a real Redis, each seen by a canary, and taken away again.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RedisFaultTests {
    private static func withRedis(
        _ body: (FaultController, Target, RedisProcess) async throws -> Void
    ) async throws {
        let redis = try await RedisProcess.start(
            environment: ProcessInfo.processInfo.environment, logPath: nil, guardExecutable: BuiltProducts.gqlconform)
        let proxy = try await FaultProxy.start(host: "127.0.0.1", port: redis.port)
        var target = Target(name: "none", endpoints: [:])
        target.redis = Target.RedisAddress(host: "127.0.0.1", port: redis.port)
        target.control = RunControl(redis: .init(redis), redisProxy: proxy)
        let clock = RunClock()
        let oracle = RedisOracle(Target.RedisAddress(host: "127.0.0.1", port: redis.port))
        let controller = FaultController(target: target, oracle: oracle, now: { clock.now() })
        try await body(controller, target, redis)
        await proxy.stop()
        await redis.stop()
    }

    /// What a client of the server's way to Redis finds.
    private static func look(_ target: Target) async -> Canary.Sight {
        await Canary.redis(.init(host: "127.0.0.1", port: target.control.redisProxy?.port ?? 0)).look(
            patience: 300_000_000)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var effect: FaultEffect
        var sight: @Sendable (Canary.Sight) -> Bool
        var testDescription: String { self.effect.word }
    }

    @Test(arguments: [
        Fault(effect: .kill(keepsData: false), sight: { $0 == .refused }),
        .init(effect: .hang, sight: { $0 == .silent }),
        .init(effect: .refuse, sight: { $0 == .refused }), .init(effect: .blackhole(.both), sight: { $0 == .silent }),
        .init(
            effect: .latency(100_000_000, jitter: 0, .down),
            sight: { sight in if case .answered(let time) = sight { time >= 100_000_000 } else { false } }),
        .init(effect: .blackhole(.up), sight: { $0 == .silent }),
        .init(effect: .blackhole(.down), sight: { $0 == .silent }),
        .init(effect: .throttle(bytesPerSecond: 2_000, .down), sight: { $0 != .refused }),
        .init(effect: .throttle(bytesPerSecond: 2_000, .up), sight: { $0 != .refused }),
        .init(effect: .slice(bytes: 2, .both), sight: { sight in if case .answered = sight { true } else { false } }),
        .init(effect: .cut(afterBytes: 20, .up), sight: { sight in if case .answered = sight { true } else { false } }),
        .init(effect: .cut(afterBytes: 20, .down), sight: { $0 != .refused }),
    ])
    func isSeenAndHealed(fault: Fault) async throws {
        try await Self.withRedis { controller, target, _ in
            try await controller.begin(
                .init(name: "f", target: .redis, effect: fault.effect, duration: nil))
            let sight = await Self.look(target)
            #expect(fault.sight(sight), "\(sight)")
            // `end` throws when no canary was answered within its second.
            try await controller.end("f")
            guard case .answered = await Self.look(target) else {
                Issue.record("nobody answers after \(fault.effect.word)")
                return
            }
        }
    }

    @Test(arguments: [true, false])
    func killingKeepsTheDataOrNot(keepsData: Bool) async throws {
        try await Self.withRedis { controller, _, redis in
            #expect(Self.command(["SET", "k", "v"], port: redis.port) == "OK")
            try await controller.begin(
                .init(name: "f", target: .redis, effect: .kill(keepsData: keepsData), duration: nil))
            #expect(redis.isDown)
            try await controller.end("f")
            #expect(!redis.isDown)
            #expect(Self.command(["GET", "k"], port: redis.port) == (keepsData ? "v" : ""))
        }
    }

    @Test func resettingIsFeltByAnIdleCanary() async throws {
        try await Self.withRedis { controller, target, _ in
            let port = try #require(target.control.redisProxy?.port)
            await #expect(throws: FaultController.Failure.self) {
                try await controller.begin(.init(name: "none", target: .redis, effect: .reset, duration: nil))
            }
            let canary = Canary.redis(.init(host: "127.0.0.1", port: port))
            let other = try #require(await canary.perch(patience: 1_000_000_000))
            try await controller.begin(.init(name: "f", target: .redis, effect: .reset, duration: nil))
            #expect(await other.falls(within: 1_000_000_000))
            try await controller.end("f")
        }
    }

    @Test func endingSubscribersIsFeltByThem() async throws {
        try await Self.withRedis { controller, _, redis in
            let canary = Canary.redisSubscriber(.init(host: "127.0.0.1", port: redis.port))
            let other = try #require(await canary.perch(patience: 1_000_000_000))
            try await controller.begin(.init(name: "f", target: .redis, effect: .dropPubSub, duration: nil))
            #expect(await other.falls(within: 1_000_000_000))
            try await controller.end("f")
        }
    }

    @Test func pausingEndsByItself() async throws {
        try await Self.withRedis { controller, target, _ in
            try await controller.begin(
                .init(name: "f", target: .redis, effect: .pause, duration: 600_000_000))
            try await controller.end("f")
            guard case .answered = await Self.look(target) else {
                Issue.record("nobody answers after the pause")
                return
            }
        }
    }

    @Test func aRedisWithAPasswordIsAskedWithIt() async throws {
        try await Self.withRedis { _, target, redis in
            #expect(Self.command(["CONFIG", "SET", "requirepass", "p@ss word"], port: redis.port) == "OK")
            var address = Target.RedisAddress(host: "127.0.0.1", port: redis.port)
            guard case .failure = await RedisOracle(address).ask(.patterns) else {
                Issue.record("no password was needed")
                return
            }
            address.password = "p@ss word"
            guard case .success(0) = await RedisOracle(address).ask(.patterns) else {
                Issue.record("the password was not taken")
                return
            }
            var known = target
            known.redis = address
            let controller = FaultController(target: known, oracle: RedisOracle(address), now: RunClock().now)
            let other = try #require(await Canary.redisSubscriber(address).perch(patience: 1_000_000_000))
            try await controller.begin(.init(name: "f", target: .redis, effect: .dropPubSub, duration: nil))
            #expect(await other.falls(within: 1_000_000_000))
        }
    }

    @Test func endingSubscribersNeedsSome() async throws {
        try await Self.withRedis { controller, _, _ in
            await #expect(throws: FaultController.Failure.self) {
                try await controller.begin(.init(name: "f", target: .redis, effect: .dropPubSub, duration: nil))
            }
        }
    }

    @Test func whatIsNotOursIsNotHarmed() async throws {
        let controller = FaultController(
            target: Target(name: "none", endpoints: [:]), oracle: nil, now: { 0 })
        for effect in [FaultEffect.kill(keepsData: false), .hang, .refuse, .dropPubSub] {
            let failure = await #expect(throws: FaultController.Failure.self) {
                try await controller.begin(
                    .init(name: effect.word, target: .redis, effect: effect, duration: nil))
            }
            #expect(failure?.message.isEmpty == false)
        }
    }

    private static func command(_ words: [String], port: Int) -> String? {
        var link = RedisLink()
        guard let commands = try? link.connected(to: .init(host: "127.0.0.1", port: port)) else { return nil }
        return (try? commands.string(words)) ?? ""
    }
}
