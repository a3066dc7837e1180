import GraphQLCore
import NIOCore
import Testing

@testable import SubscriptionServer

/// Message rates, with a clock that stands still until told.
@Suite(.timeLimit(.minutes(1))) struct MessageRateTests {
    private static let ping = #"{"type":"ping"}"#
    private static let pong = #"{"type":"pong"}"#

    @Test func tooManyMessagesCloseTheSocket() async throws {
        let harness = try Harness { $0.limitPolicy.messagesPerConnection = .init(perSecond: 2, burst: 3) }
        // The init is the first.
        try await harness.ready()
        try await harness.send(Self.ping, Self.ping)
        #expect(try await harness.lines() == [Self.pong, Self.pong])
        await harness.advance(by: .milliseconds(500))
        try await harness.send(Self.ping)
        #expect(try await harness.lines() == [Self.pong])
        try await harness.send(Self.ping, Self.ping)
        #expect(try await harness.lines() == ["close 4429 Too many messages"])
        #expect(harness.server.metrics.limitRefusals.values.map(\.label) == ["messages_per_connection"])
    }

    @Test func tooManyMessagesGetErrors() async throws {
        let harness = try Harness {
            $0.limitPolicy.messagesPerConnection = .init(perSecond: 1, burst: 2)
            $0.limitPolicy.rateAction = .error
        }
        try await harness.ready()
        try await harness.send(Wire.subscribe("1", #"subscription { topic(name: "a") }"#))
        await harness.stage.wait(untilActive: "a", is: 1)
        try await harness.send(Wire.subscribe("2", "{ hello }"), Self.ping)
        #expect(
            try await harness.lines() == [
                #"{"id":"2","type":"error","payload":[{"message":"Too many messages","extensions":{"code":"RATE_LIMITED","retryAfter":1}}]}"#
            ])
        // What ends something is always heard.
        try await harness.send(#"{"id":"1","type":"complete"}"#)
        await harness.stage.wait(untilActive: "a", is: 0)
        // The time that the error names is true.
        await harness.advance(by: .seconds(1))
        try await harness.send(Self.ping)
        #expect(try await harness.lines() == [Self.pong])
    }

    @Test func aRateIsNotUsedUpForEver() async throws {
        let harness = try Harness { $0.limitPolicy.messagesPerConnection = .init(perSecond: 5, burst: 5) }
        try await harness.ready()
        for _ in 0..<20 {
            await harness.advance(by: .milliseconds(500))
            try await harness.send(Self.ping, Self.ping)
            #expect(try await harness.lines().filter { $0 == Self.pong }.count == 2)
        }
    }

    @Test func tenantsHaveRatesOfTheirOwn() async throws {
        try await TestServer.run(configure: {
            $0.limitPolicy.messagesPerTenant = .init(perSecond: 1, burst: 3)
        }) { server in
            try await server.ready(["tenant": "acme"]) { first in
                try await server.ready(["tenant": "acme"]) { second in
                    try await server.ready(["tenant": "globex"]) { other in
                        try await first.send(Self.ping, Self.ping)
                        #expect(try await first.text() == Self.pong)
                        #expect(try await first.text() == Self.pong)
                        try await second.send(Self.ping, Self.ping)
                        #expect(try await second.text() == Self.pong)
                        #expect(try await second.closeLine() == "4429 Too many messages")
                        let post = try await server.post(#"{"query":"{ hello }"}"#, ["X-Tenant: acme"])
                        #expect(post.head.hasPrefix("HTTP/1.1 429 "))
                        #expect(post.head.contains("\r\nRetry-After: 1"))
                        #expect(post.body.contains(#""code":"RATE_LIMITED","retryAfter":1"#))
                        try await other.send(Self.ping, Self.ping, Self.ping)
                        for _ in 0..<3 {
                            #expect(try await other.text() == Self.pong)
                        }
                    }
                }
            }
        }
    }
}
