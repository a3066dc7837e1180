import GraphQLCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SubscriptionServer

/// Timers of the legacy dialect, with a clock that the tests turn.
@Suite(.timeLimit(.minutes(1))) struct LegacyWSTimerTests {
    private static let ka = #"{"type":"ka"}"#

    @Test func keepAliveComesEveryIntervalFromTheAcknowledgement() async throws {
        let harness = try Harness { $0.timeouts.connectionInit = .seconds(30) }
        try await harness.open(offering: "graphql-ws")
        await harness.advance(by: .seconds(7))
        try await harness.send(#"{"type":"connection_init"}"#)
        let ack = try await harness.channel.waitForOutboundWrite(as: ByteBuffer.self)
        #expect(String(buffer: ack).hasSuffix(Self.ka))
        for _ in 0..<3 {
            await harness.advance(by: .milliseconds(11_999))
            #expect(try await harness.lines() == [])
            await harness.advance(by: .milliseconds(1))
            #expect(try await harness.lines() == [Self.ka, "9 []"])
            try await harness.send(ClientFrame(10))
        }
    }

    @Test func beforeTheAcknowledgementThereIsOnlyThePing() async throws {
        let harness = try Harness { $0.timeouts.connectionInit = .seconds(30) }
        try await harness.open(offering: "graphql-ws")
        await harness.advance(by: .seconds(12))
        #expect(try await harness.lines() == ["9 []"])
    }

    @Test func aPeerThatVanishedIsCut() async throws {
        let harness = try Harness()
        try await harness.readyLegacy()
        await harness.advance(by: .seconds(24))
        #expect(!harness.channel.isActive)
        #expect(harness.server.metrics.cuts.values.map(\.label) == ["No pong"])
    }

    @Test func initTimesOutWhenDueAndIsTold() async throws {
        let harness = try Harness()
        try await harness.open(offering: "graphql-ws")
        await harness.advance(by: .milliseconds(2_999))
        #expect(try await harness.lines() == [])
        await harness.advance(by: .milliseconds(1))
        #expect(
            try await harness.lines() == [
                #"{"type":"connection_error","payload":{"message":"Connection initialisation timeout"}}"#,
                "close 4408 Connection initialisation timeout",
            ])
    }

    @Test func initTimeoutEndsWithInit() async throws {
        let harness = try Harness()
        try await harness.readyLegacy()
        await harness.advance(by: .seconds(11))
        #expect(try await harness.lines() == [])
        #expect(harness.channel.isActive)
    }
}
