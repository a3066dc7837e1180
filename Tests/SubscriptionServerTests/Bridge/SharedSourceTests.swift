import GraphQLCore
import Testing

@testable import SubscriptionServer

/// Sources that serve several subscribers.
@Suite(.timeLimit(.minutes(1))) struct SharedSourceTests {
    private static let query = #"subscription { shared(name: "a") }"#
    private static func next(_ id: String, _ value: String) -> String {
        #"{"id":"\#(id)","type":"next","payload":{"data":{"shared":"\#(value)"}}}"#
    }

    @Test func equalSubscriptionsShareOneSourceAndOneExecution() async throws {
        try await TestServer.run { server in
            try await server.ready { first in
                try await server.ready { second in
                    try await first.send(Wire.subscribe("1", Self.query), Wire.subscribe("2", Self.query))
                    try await second.subscribe("1", Self.query)
                    try await self.settle(&first, &second, server)
                    #expect(server.stage.counts.active == ["a": 1])
                    let executed = server.metrics.eventsExecuted.value
                    server.stage.publish("a", .string("x"))
                    #expect(
                        Set([try await first.text(), try await first.text()]) == [
                            Self.next("1", "x"), Self.next("2", "x"),
                        ])
                    #expect(try await second.text() == Self.next("1", "x"))
                    #expect(server.metrics.eventsExecuted.value == executed + 1)
                    #expect(server.stage.counts.opened == 1)

                    // The others stay when one leaves.
                    try await first.complete("1")
                    _ = try await first.fence()
                    server.stage.publish("a", .string("y"))
                    #expect(try await first.text() == Self.next("2", "y"))
                    #expect(try await second.text() == Self.next("1", "y"))

                    // And with the last goes the source.
                    try await first.complete("2")
                    try await second.send(ClientFrame(close: 1000))
                    await server.stage.wait(untilActive: "a", is: 0)
                    #expect(server.metrics.openSources == 0)
                }
            }
        }
    }

    /// Returns once three subscriptions are known to have joined.
    private func settle(_ first: inout Wire, _ second: inout Wire, _ server: TestServer) async throws {
        await server.stage.wait(untilActive: "a", is: 1)
        var seen: Set<String> = []
        // Joining is not reported, so events are sent until all have had one.
        while seen.count < 3 {
            server.stage.publish("a", .string("probe"))
            seen.formUnion(try await first.fence().map { "first \($0)" })
            seen.formUnion(try await second.fence().map { "second \($0)" })
        }
        first.ignored = #""probe""#
        second.ignored = #""probe""#
    }

    @Test func differentArgumentsAndClientsDoNotShare() async throws {
        try await TestServer.run { server in
            try await server.ready(["user": "ann"]) { ann in
                try await server.ready(["user": "bob"]) { bob in
                    try await ann.subscribe("1", "subscription { whoami }")
                    try await bob.subscribe("1", "subscription { whoami }")
                    await server.stage.wait { $0.active == ["whoami-ann": 1, "whoami-bob": 1] }
                    server.stage.publish("whoami-ann", .string("ann"))
                    server.stage.publish("whoami-bob", .string("bob"))
                    #expect(try await ann.text().contains(#""whoami":"ann""#))
                    #expect(try await bob.text().contains(#""whoami":"bob""#))
                    #expect(try await ann.fence() == [])
                }
            }
        }
    }

    @Test func aNewSubscriberAfterTheLastGetsANewSource() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                for round in 1...20 {
                    try await wire.subscribe("1", Self.query)
                    await server.stage.wait(untilActive: "a", is: 1)
                    server.stage.publish("a", .string("\(round)"))
                    #expect(try await wire.text() == Self.next("1", "\(round)"))
                    try await wire.complete("1")
                    await server.stage.wait(untilActive: "a", is: 0)
                    #expect(server.stage.counts.opened == round)
                }
            }
        }
    }

    /// What is to be said beside an event is said beside it, to all, and beside no other.
    @Test func noticesGoWithTheirEvent() async throws {
        try await TestServer.run { server in
            try await server.ready { first in
                try await server.ready { second in
                    try await first.send(Wire.subscribe("1", Self.query), Wire.subscribe("2", Self.query))
                    try await second.subscribe("1", Self.query)
                    try await self.settle(&first, &second, server)
                    try await first.complete("2")
                    _ = try await first.fence()
                    server.stage.publish("a", .string("plain"))
                    server.stage.publish("a", .string("noted"), notice: ["n": 1])
                    server.stage.publish("a", .string("plain again"))
                    let noted = Self.next("1", "noted").dropLast(2) + #","extensions":{"n":1}}}"#
                    for text in [Self.next("1", "plain"), String(noted), Self.next("1", "plain again")] {
                        #expect(try await first.text() == text)
                        #expect(try await second.text() == text)
                    }
                }
            }
        }
    }

    @Test func noticesOfAwaitedEventsStayWithThem() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"subscription { awaited(name: "a") { value } }"#)
                await server.stage.wait(untilActive: "a", is: 1)
                for name in ["x", "y", "z"] {
                    server.stage.publish(
                        "a", .record(["value": .string(name)]), notice: name == "y" ? ["n": "y"] : nil)
                }
                for name in ["z", "y", "x"] { server.stage.release(name) }
                for (name, notice) in [("x", ""), ("y", #","extensions":{"n":"y"}"#), ("z", "")] {
                    let data = #""data":{"awaited":{"value":"\#(name)"}}\#(notice)"#
                    #expect(try await wire.text() == #"{"id":"1","type":"next","payload":{\#(data)}}"#)
                }
            }
        }
    }

    @Test func theEndOfASharedSourceReachesAll() async throws {
        try await TestServer.run { server in
            try await server.ready { first in
                try await server.ready { second in
                    try await first.send(Wire.subscribe("1", Self.query), Wire.subscribe("2", Self.query))
                    try await second.subscribe("1", Self.query)
                    try await self.settle(&first, &second, server)
                    server.stage.finish("a")
                    let ends = Set([try await first.text(), try await first.text()])
                    #expect(ends == [#"{"id":"1","type":"complete"}"#, #"{"id":"2","type":"complete"}"#])
                    #expect(try await second.text() == #"{"id":"1","type":"complete"}"#)
                    try await second.subscribe("1", Self.query)
                    await server.stage.wait { $0.opened == 2 }
                }
            }
        }
    }

    /// Events that have to be awaited keep their order, and the end comes after them.
    @Test func awaitedEventsKeepTheirOrder() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"subscription { awaited(name: "a") { value } }"#)
                await server.stage.wait(untilActive: "a", is: 1)
                for name in ["x", "y", "z"] {
                    server.stage.publish("a", .record(["value": .string(name)]))
                }
                server.stage.finish("a")
                server.stage.release("z")
                server.stage.release("y")
                #expect(try await wire.fence() == [])
                server.stage.release("x")
                for name in ["x", "y", "z"] {
                    #expect(
                        try await wire.text()
                            == #"{"id":"1","type":"next","payload":{"data":{"awaited":{"value":"\#(name)"}}}}"#)
                }
                #expect(try await wire.text() == #"{"id":"1","type":"complete"}"#)
            }
        }
    }

    @Test func aSubscriptionThatFallsBehindFails() async throws {
        try await TestServer.run(configure: { $0.limits.queuedEvents = 3 }) { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"subscription { awaited(name: "a") { value } }"#)
                await server.stage.wait(untilActive: "a", is: 1)
                for name in ["x", "1", "2", "3", "4", "5"] {
                    server.stage.publish("a", .record(["value": .string(name)]))
                }
                #expect(
                    try await wire.text()
                        == #"{"id":"1","type":"error","payload":[{"message":"The subscription fell behind its events.","extensions":{"code":"OVERLOADED","retryAfter":1}}]}"#
                )
                await server.stage.wait(untilActive: "a", is: 0)
                server.stage.release("x")
            }
        }
    }

    @Test func churnLeavesNothingBehind() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                for id in 0..<500 {
                    try await wire.send(
                        Wire.subscribe("\(id)", Self.query), #"{"id":"\#(id)","type":"complete"}"#,
                        Wire.subscribe("t\(id)", #"subscription { topic(name: "t") }"#),
                        #"{"id":"t\#(id)","type":"complete"}"#)
                }
                _ = try await wire.fence()
                await server.stage.wait { ($0.active["a"] ?? 0) == 0 && ($0.active["t"] ?? 0) == 0 }
                try await wire.subscribe("last", Self.query)
                await server.stage.wait(untilActive: "a", is: 1)
                server.stage.publish("a", .string("x"))
                #expect(try await wire.text() == Self.next("last", "x"))
            }
        }
    }
}
