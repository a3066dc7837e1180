import GraphQLCore
import NIOCore
import NIOEmbedded
import SubscriptionProtocols
import TestSupport
import Testing

@testable import SubscriptionServer

/// Each misbehaviour below the dialects shows, and is not there without being asked for: a play says whether what it
/// saw was right.
@Suite(.timeLimit(.minutes(2))) struct LimitMisbehaviourTests {
    struct Play: Sendable, CustomTestStringConvertible {
        let misbehaviour: Misbehaviour
        let isRight: @Sendable (Misbehaviour?) async throws -> Bool

        var testDescription: String { self.misbehaviour.name }

        /// A play with a server.
        init(
            _ misbehaviour: Misbehaviour, _ policy: @escaping @Sendable (inout ServerConfiguration) -> Void,
            server body: @escaping @Sendable (TestServer) async throws -> Bool
        ) {
            self.misbehaviour = misbehaviour
            self.isRight = { try await TestServer.run(misbehaviour: $0, configure: policy, body) }
        }

        /// A play with one acknowledged connection in memory.
        init(
            _ misbehaviour: Misbehaviour, _ policy: @escaping @Sendable (inout ServerConfiguration) -> Void,
            harness body: @escaping @Sendable (Harness) async throws -> Bool
        ) {
            self.misbehaviour = misbehaviour
            self.isRight = { misbehaviour in
                let harness = try Harness(misbehaviour: misbehaviour, configure: policy)
                try await harness.ready()
                return try await body(harness)
            }
        }
    }

    @Test(arguments: LimitMisbehaviourPlays.all)
    func shows(play: Play) async throws {
        #expect(try await play.isRight(nil))
        #expect(try await !play.isRight(play.misbehaviour))
    }

    @Test func everyOneHasAPlay() {
        let played = Set(LimitMisbehaviourPlays.all.map(\.misbehaviour))
        #expect(played == Set(Misbehaviour.allCases.filter(\.isBelowDialects)))
    }
}

enum LimitMisbehaviourPlays {
    typealias Play = LimitMisbehaviourTests.Play

    static let all: [Play] = connections + operations + rates + backPressure + cleanup

    private static let topic = #"subscription { topic(name: "a") }"#
    private static let ping = #"{"type":"ping"}"#
    private static let pong = #"{"type":"pong"}"#
    private static let ann: JSONObject = ["tenant": "acme", "user": "ann"]
    private static func next(_ value: String) -> String {
        #"{"id":"1","type":"next","payload":{"data":{"topic":"\#(value)"}}}"#
    }

    /// Whether the condition comes true soon.
    private static func comesTrue(_ condition: @Sendable () -> Bool) async -> Bool {
        (try? await eventually("it comes true", within: .seconds(2), condition)) != nil
    }

    /// What a connection gets for its init.
    private static func attempt(_ server: TestServer, _ payload: JSONObject? = nil) async throws -> String {
        try await server.open { wire in
            try await wire.send(Wire.initialisation(payload))
            guard let frame = try await wire.frame() else { return "end" }
            guard frame.opcode == 8, frame.payload.count >= 2 else { return frame.text }
            return "close \(Int(frame.payload[0]) << 8 | Int(frame.payload[1]))"
        }
    }

    private static let isAck: @Sendable (String) -> Bool = { $0 == #"{"type":"connection_ack"}"# }

    static let connections: [Play] = [
        Play(
            .limitOffByOne, { $0.limitPolicy.connectionsPerTenant = 1 },
            server: { server in
                try await server.ready { _ in try await attempt(server) == "close 4429" }
            }),
        Play(
            .limitCheckThenAct, { $0.limitPolicy.connectionsPerTenant = 1 },
            server: { server in
                let gathered = Gathering(4)
                return try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await server.open { wire in
                                await gathered.arrive {}
                                try await wire.send(Wire.initialisation(nil))
                                let isAdmitted = try await wire.frame().map { isAck($0.text) } ?? false
                                await gathered.arrive {}
                                return isAdmitted
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 } == 1
                }
            }),
        Play(
            .limitKeptOnReset, { _ in },
            server: { server in
                try await server.ready { wire in try await wire.reset() }
                return await comesTrue { server.server.limiter.isIdle }
            }),
        Play(
            .limitKeptOnClose, { _ in },
            server: { server in
                try await server.ready { wire in
                    try await wire.send(ClientFrame(close: 1000))
                    _ = try await wire.close()
                }
                return await comesTrue { server.server.limiter.isIdle }
            }),
        Play(
            .limitKeptWhenInitFails, { _ in },
            server: { server in
                _ = try await attempt(server, ["token": "deny"])
                return await comesTrue { server.server.limiter.isIdle }
            }),
        Play(
            .limitFreedTwice, { $0.limitPolicy.connectionsPerTenant = 2 },
            server: { server in
                try await server.ready { _ in
                    try await server.ready { _ in }
                    _ = await comesTrue { server.metrics.limitsInUse.value(.connectionsPerTenant) == 1 }
                    return try await server.ready { _ in try await attempt(server) == "close 4429" }
                }
            }),
        Play(
            .limitSharedByTenants, { $0.limitPolicy.connectionsPerTenant = 1 },
            server: { server in
                try await server.ready(ann) { _ in isAck(try await attempt(server, ["tenant": "globex"])) }
            }),
        Play(
            .userLimitIgnoresTenant, { $0.limitPolicy.connectionsPerUser = 1 },
            server: { server in
                try await server.ready(ann) { _ in
                    isAck(try await attempt(server, ["tenant": "globex", "user": "ann"]))
                }
            }),
        Play(
            .peerLimitTrustsHeader, { $0.limitPolicy.connectionsPerPeer = 1 },
            server: { server in
                try await server.open { _ in
                    try await server.connect { wire in
                        try await wire.write(Wire.head(Wire.request + ["X-Forwarded-For: 192.0.2.1"]))
                        return try await wire.head().hasPrefix("HTTP/1.1 429 ")
                    }
                }
            }),
        Play(
            .limitClosesWith4403, { $0.limitPolicy.connectionsPerTenant = 1 },
            server: { server in
                try await server.ready { _ in try await attempt(server) == "close 4429" }
            }),
        Play(
            .retryAfterMissing, { $0.limitPolicy.connectionsPerServer = 1 },
            server: { server in
                try await server.open { _ in
                    try await server.connect { wire in
                        try await wire.write(Wire.head(Wire.request))
                        return try await wire.head().contains("\r\nRetry-After: ")
                    }
                }
            }),
    ]

    static let operations: [Play] = [
        Play(
            .httpNotLimited, { $0.limitPolicy.operationsPerUser = 1 },
            server: { server in
                try await server.ready(ann) { wire in
                    try await wire.subscribe("1", topic)
                    await server.stage.wait(untilActive: "a", is: 1)
                    let post = try await server.post(#"{"query":"{ hello }"}"#, ["X-Tenant: acme", "X-User: ann"])
                    return post.head.hasPrefix("HTTP/1.1 429 ")
                }
            }),
        Play(
            .operationPlaceKeptOnError, { $0.limitPolicy.operationsPerUser = 1 },
            server: { server in
                try await server.ready(ann) { wire in
                    try await wire.subscribe("1", "subscription { throwsAtStart }")
                    _ = try await wire.text()
                    try await wire.subscribe("1", "{ hello }")
                    return try await wire.text().contains("world")
                }
            }),
        Play(
            .operationPlaceKeptOnComplete, { $0.limitPolicy.operationsPerUser = 1 },
            server: { server in
                try await server.ready(ann) { wire in
                    try await wire.subscribe("1", topic)
                    await server.stage.wait(untilActive: "a", is: 1)
                    try await wire.complete("1")
                    try await wire.subscribe("1", "{ hello }")
                    return try await wire.text().contains("world")
                }
            }),
        Play(
            .limitClosesSocket, { $0.limitPolicy.operationsPerConnection = 1 },
            harness: { harness in
                try await harness.send(Wire.subscribe("1", topic), Wire.subscribe("2", topic))
                return try await harness.lines().first?.hasPrefix(#"{"id":"2","type":"error""#) == true
            }),
        Play(
            .limitSilent, { $0.limitPolicy.operationsPerConnection = 1 },
            harness: { harness in
                try await harness.send(Wire.subscribe("1", topic), Wire.subscribe("2", topic))
                return try await !harness.lines().isEmpty
            }),
        Play(
            .limitErrorWithoutCode, { $0.limitPolicy.operationsPerConnection = 1 },
            harness: { harness in
                try await harness.send(Wire.subscribe("1", topic), Wire.subscribe("2", topic))
                return try await harness.lines().first?.contains(#""code":"LIMIT_EXCEEDED","retryAfter":1"#) == true
            }),
    ]

    static let rates: [Play] = [
        Play(
            .refusedMessagesCount,
            {
                $0.limitPolicy.messagesPerConnection = .init(perSecond: 1, burst: 2)
                $0.limitPolicy.rateAction = .error
            },
            harness: { harness in
                try await harness.send(ping, ping, ping, ping)
                _ = try await harness.lines()
                await harness.advance(by: .seconds(1))
                try await harness.send(ping)
                return try await harness.lines() == [pong]
            }),
        Play(
            .rateNeverRefills, { $0.limitPolicy.messagesPerConnection = .init(perSecond: 5) },
            harness: { harness in
                for _ in 0..<10 {
                    await harness.advance(by: .seconds(1))
                    try await harness.send(ping)
                }
                return try await harness.lines().filter { $0 == pong }.count == 10
            }),
        Play(
            .tenantRatePerConnection,
            {
                $0.limitPolicy.messagesPerTenant = .init(perSecond: 1, burst: 6)
            },
            server: { server in
                try await server.ready { first in
                    for _ in 0..<6 {
                        try await first.send(ping)
                        _ = try await first.text()
                    }
                    return try await server.ready { second in
                        try await second.send(ping, ping, ping, ping, ping)
                        for _ in 0..<5 {
                            if try await second.frame()?.opcode == 8 { return true }
                        }
                        return false
                    }
                }
            }),
        Play(
            .completeRefusedByRate,
            {
                $0.limitPolicy.messagesPerConnection = .init(perSecond: 1, burst: 2)
                $0.limitPolicy.rateAction = .error
            },
            harness: { harness in
                try await harness.send(Wire.subscribe("1", topic))
                await harness.stage.wait(untilActive: "a", is: 1)
                try await harness.send(#"{"id":"1","type":"complete"}"#)
                return harness.stage.counts.active["a"] ?? 0 == 0
            }),
    ]

    /// A blocked connection with one subscription, to which events were published.
    private static func blocked(_ harness: Harness, _ values: String...) async throws {
        try await harness.send(Wire.subscribe("1", topic))
        await harness.stage.wait(untilActive: "a", is: 1)
        await harness.block()
        for value in values {
            harness.stage.publish("a", .string(value))
        }
        await harness.deliver()
    }

    static let backPressure: [Play] = [
        Play(
            .slowConsumerUnbounded, { $0.backPressure.queuedEvents = 2 },
            harness: { harness in
                try await blocked(harness, "1", "2", "3", "4")
                return harness.server.metrics.queuedEvents.value <= 2
            }),
        Play(
            .slowConsumerBlocksOthers, { $0.backPressure.overflow = .dropOldest },
            server: { server in
                try await server.ready { slow in
                    try await slow.subscribe("1", topic)
                    await server.stage.wait(untilActive: "a", is: 1)
                    try await slow.channel.setOption(.autoRead, value: false).get()
                    let text = String(repeating: "x", count: 100_000)
                    for _ in 0..<300 {
                        server.stage.publish("a", .string(text))
                    }
                    return await comesTrue { server.metrics.eventsDelivered.value == 300 }
                }
            }),
        Play(
            .slowConsumerNeverCut, { $0.backPressure.deadline = .seconds(5) },
            harness: { harness in
                try await blocked(harness, "1")
                await harness.advance(by: .seconds(6))
                return harness.server.metrics.cuts.values.map(\.label) == ["Slow consumer"]
            }),
        Play(
            .overflowDropsWrongEnd,
            {
                $0.backPressure.queuedEvents = 1
                $0.backPressure.overflow = .dropOldest
            },
            harness: { harness in
                try await blocked(harness, "1", "2")
                await harness.unblock()
                return try await harness.lines() == [next("2")]
            }),
        Play(
            .overflowKeepsSource, { $0.backPressure.queuedEvents = 1 },
            harness: { harness in
                try await blocked(harness, "1", "2")
                return harness.stage.counts.active["a"] ?? 0 == 0
            }),
        Play(
            .overflowSilent, { $0.backPressure.queuedEvents = 1 },
            harness: { harness in
                try await blocked(harness, "1", "2")
                await harness.unblock()
                return try await harness.lines().last?.contains("SLOW_CONSUMER") == true
            }),
        Play(
            .droppedEventsUncounted, { $0.backPressure.queuedEvents = 1 },
            harness: { harness in
                try await blocked(harness, "1", "2")
                return harness.server.metrics.eventsDropped.values.map(\.count) == [1]
            }),
        Play(
            .queueOutlivesComplete, { _ in },
            harness: { harness in
                try await blocked(harness, "1")
                try await harness.send(#"{"id":"1","type":"complete"}"#)
                await harness.unblock()
                return try await harness.lines() == []
            }),
    ]

    static let cleanup: [Play] = [
        Play(
            .oneInAHundredLeaks, { _ in },
            harness: { harness in
                for _ in 0..<100 {
                    try await harness.send(Wire.subscribe("1", topic))
                    await harness.stage.wait { ($0.active["a"] ?? 0) > 0 }
                    // Joining comes one step after the source is there.
                    await harness.channel.testingEventLoop.run()
                    try await harness.send(#"{"id":"1","type":"complete"}"#)
                }
                return await comesTrue { harness.stage.counts.active["a"] ?? 0 == 0 }
            }),
        Play(
            .gaugesKeptOnDrop, { _ in },
            server: { server in
                try await server.ready { wire in try await wire.reset() }
                return await comesTrue { server.metrics.openSockets == 0 }
            }),
    ]
}
