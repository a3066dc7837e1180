import GraphQLCore
import NIOCore
import NIOEmbedded
import SubscriptionProtocols
import TestSupport
import Testing

@testable import SubscriptionServer

/// A client that does not take what it is sent, in memory: whether it does is told to the channel.
@Suite(.timeLimit(.minutes(1))) struct BackPressureTests {
    private static func next(_ id: String, _ value: String, gap: Int = 0) -> String {
        let notice = gap > 0 ? #","extensions":{"gap":{"dropped":\#(gap)}}"# : ""
        return #"{"id":"\#(id)","type":"next","payload":{"data":{"topic":"\#(value)"}\#(notice)}}"#
    }

    private func subscribed(
        _ ids: [String] = ["1"], _ configure: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> Harness {
        let harness = try Harness(configure: configure)
        try await harness.ready()
        for id in ids {
            try await harness.send(Wire.subscribe(id, #"subscription { topic(name: "a") }"#))
        }
        await harness.stage.wait(untilActive: "a", is: ids.count)
        return harness
    }

    private func publish(_ harness: Harness, _ values: String...) async {
        for value in values {
            harness.stage.publish("a", .string(value))
        }
        await harness.deliver()
    }

    @Test func eventsWaitAndComeInOrder() async throws {
        let harness = try await self.subscribed(["1", "2"])
        await harness.block()
        await self.publish(harness, "x", "y")
        #expect(try await harness.lines() == [])
        #expect(harness.server.metrics.queuedEvents.value == 4)
        await harness.unblock()
        let lines = try await harness.lines()
        for id in ["1", "2"] {
            #expect(lines.filter { $0.contains(#""id":"\#(id)""#) } == [Self.next(id, "x"), Self.next(id, "y")])
        }
        #expect(harness.server.metrics.queuedEvents.value == 0)
        #expect(harness.server.metrics.queuedBytes.value == 0)
        await self.publish(harness, "z")
        #expect(try await harness.lines().count == 2)
    }

    @Test func theEndComesBehindWhatWaits() async throws {
        let harness = try await self.subscribed()
        await harness.block()
        await self.publish(harness, "x")
        harness.stage.finish("a")
        await harness.deliver()
        #expect(try await harness.lines() == [])
        await harness.unblock()
        #expect(try await harness.lines() == [Self.next("1", "x"), #"{"id":"1","type":"complete"}"#])
    }

    @Test func overflowEndsTheOperationAndReleasesItsSourceAtOnce() async throws {
        let harness = try await self.subscribed { $0.backPressure.queuedEvents = 2 }
        await harness.block()
        await self.publish(harness, "1", "2", "3", "4")
        await harness.stage.wait(untilActive: "a", is: 0)
        #expect(harness.server.metrics.eventsDropped.values.map(\.count) == [1])
        await harness.unblock()
        #expect(
            try await harness.lines() == [
                Self.next("1", "1"), Self.next("1", "2"),
                #"{"id":"1","type":"error","payload":[{"message":"The client does not take its events","extensions":{"code":"SLOW_CONSUMER"}}]}"#,
            ])
        // The id is free and the socket of use.
        try await harness.send(Wire.subscribe("1", "{ hello }"))
        _ = try await harness.channel.waitForOutboundWrite(as: ByteBuffer.self)
    }

    @Test(arguments: [
        (BackPressurePolicy.Overflow.dropOldest, ["3", "4"], 2, 0), (.dropNewest, ["1", "2"], 0, 2),
    ])
    func droppedEventsAreCountedAndTold(
        overflow: BackPressurePolicy.Overflow, kept: [String], before: Int, after: Int
    ) async throws {
        let harness = try await self.subscribed {
            $0.backPressure.queuedEvents = 2
            $0.backPressure.overflow = overflow
            $0.backPressure.tellsGaps = true
        }
        await harness.block()
        await self.publish(harness, "1", "2", "3", "4")
        #expect(harness.server.metrics.eventsDropped.values.map(\.label) == [overflow.rawValue])
        #expect(harness.server.metrics.eventsDropped.values.map(\.count) == [2])
        await harness.unblock()
        await self.publish(harness, "5")
        #expect(
            try await harness.lines() == [
                Self.next("1", kept[0], gap: before), Self.next("1", kept[1]), Self.next("1", "5", gap: after),
            ])
    }

    @Test func aClientsCompleteTakesWhatWaitsAlong() async throws {
        let harness = try await self.subscribed(["1", "2"])
        await harness.block()
        await self.publish(harness, "x")
        try await harness.send(#"{"id":"1","type":"complete"}"#)
        await harness.unblock()
        #expect(try await harness.lines() == [Self.next("2", "x")])
    }

    @Test func anIDUsedAgainHasNothingOfTheOneBefore() async throws {
        let harness = try await self.subscribed()
        await harness.block()
        await self.publish(harness, "old")
        harness.stage.finish("a")
        await harness.deliver()
        try await harness.send(
            #"{"id":"1","type":"complete"}"#, Wire.subscribe("1", #"subscription { topic(name: "b") }"#))
        await harness.stage.wait(untilActive: "b", is: 1)
        await harness.unblock()
        #expect(try await harness.lines() == [])
    }

    @Test func aClientThatTakesNothingIsCutAtTheDeadline() async throws {
        let harness = try await self.subscribed {
            $0.backPressure.deadline = .seconds(5)
            $0.timeouts.keepAlive = .seconds(2)
        }
        await harness.block()
        await self.publish(harness, "x")
        await harness.advance(by: .milliseconds(4999))
        #expect(harness.server.metrics.cuts.values.isEmpty)
        await harness.advance(by: .milliseconds(1))
        #expect(harness.server.metrics.cuts.values.map(\.label) == ["Slow consumer"])
        await harness.stage.wait(untilActive: "a", is: 0)
        #expect(harness.server.metrics.queuedEvents.value == 0 && harness.server.metrics.queuedBytes.value == 0)
    }

    @Test func aClientThatTakesSomethingInTimeStays() async throws {
        let harness = try await self.subscribed { $0.backPressure.deadline = .seconds(5) }
        for _ in 0..<4 {
            await harness.block()
            await harness.advance(by: .milliseconds(4000))
            await harness.unblock()
        }
        #expect(harness.server.metrics.cuts.values.isEmpty)
    }

    @Test func answersThatCannotWaitAreBounded() async throws {
        let harness = try await self.subscribed { $0.limits.unsentBytes = 1000 }
        await harness.block()
        for _ in 0..<100 where harness.server.metrics.cuts.values.isEmpty {
            try await harness.send(#"{"type":"ping"}"#)
        }
        #expect(harness.server.metrics.cuts.values.map(\.label) == ["Too many bytes unsent"])
        await harness.stage.wait(untilActive: "a", is: 0)
    }
}

/// The same with a real socket.
@Suite(.timeLimit(.minutes(1))) struct SlowConsumerTests {
    @Test(arguments: BackPressurePolicy.Overflow.allCases)
    func whoDoesNotReadCostsNobodyAnything(overflow: BackPressurePolicy.Overflow) async throws {
        try await TestServer.run(configure: {
            $0.backPressure.overflow = overflow
            $0.backPressure.queuedEvents = 20
            $0.backPressure.queuedBytes = 1 << 20
            $0.backPressure.deadline = .milliseconds(700)
        }) { server in
            try await server.ready { slow in
                try await server.ready { other in
                    let query = #"subscription { shared(name: "flood") }"#
                    try await slow.subscribe("1", query)
                    try await other.subscribe("1", query)
                    try await eventually("both have joined") { server.metrics.subscriptions.value == 2 }
                    try await slow.channel.setOption(.autoRead, value: false).get()
                    let text = String(repeating: "x", count: 100_000)
                    // Far more than the bounds and what the systems between take.
                    for number in 0..<300 {
                        server.stage.publish("flood", .string("\(number) \(text)"))
                        let event = #"{"id":"1","type":"next","payload":{"data":{"shared":"\#(number) x"#
                        #expect(try await other.text().hasPrefix(event))
                        #expect(server.metrics.queuedBytes.value <= 1 << 20)
                    }
                    try await eventually("the slow one is cut") {
                        server.metrics.cuts.values.map(\.label) == ["Slow consumer"]
                    }
                    #expect((server.metrics.eventsDropped.values.first?.count ?? 0) > 0)
                    #expect(server.metrics.queuedBytes.value == 0)
                    server.stage.publish("flood", .string("last"))
                    #expect(try await other.text().contains("last"))
                }
            }
        }
    }
}
