import GraphQLCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SubscriptionServer

/// Timers, limits and cuts of one connection, with a clock that the tests turn.
@Suite(.timeLimit(.minutes(1))) struct WebSocketHandlerTests {
    @Test func initTimesOutWhenDueAndNotBefore() async throws {
        let harness = try Harness()
        try await harness.open()
        await harness.advance(by: .milliseconds(2_999))
        try await harness.send(#"{"type":"ping"}"#)
        #expect(try await harness.lines() == [#"{"type":"pong"}"#])
        await harness.advance(by: .milliseconds(1))
        #expect(try await harness.lines() == ["close 4408 Connection initialisation timeout"])
    }

    @Test func initTimeoutEndsWithInitEvenWhileItIsDecided() async throws {
        let harness = try Harness()
        try await harness.open()
        try await harness.send(#"{"type":"connection_init","payload":{"token":"slow"}}"#)
        await harness.advance(by: .seconds(10))
        #expect(try await harness.lines() == [])
        harness.stage.release("init")
        let ack = try await harness.channel.waitForOutboundWrite(as: ByteBuffer.self)
        #expect(String(buffer: ack).hasSuffix(#"{"type":"connection_ack"}"#))
    }

    @Test func pingsKeepTheSocketWhileTheyAreAnswered() async throws {
        let harness = try Harness()
        try await harness.ready()
        for _ in 0..<5 {
            await harness.advance(by: .seconds(12))
            #expect(try await harness.lines() == ["9 []"])
            try await harness.send(ClientFrame(10))
        }
        await harness.advance(by: .seconds(12))
        #expect(try await harness.lines() == ["9 []"])
        await harness.advance(by: .milliseconds(11_999))
        #expect(harness.channel.isActive)
        await harness.advance(by: .milliseconds(1))
        #expect(!harness.channel.isActive)
        #expect(harness.server.metrics.cuts.values.map(\.label) == ["No pong"])
        #expect(harness.server.metrics.openSockets == 0)
    }

    @Test func tcpEndsWhenTheCloseIsNotAnswered() async throws {
        let harness = try Harness()
        try await harness.ready()
        try await harness.send("HI", #"{"type":"ping"}"#)
        #expect(try await harness.lines() == ["close 4400 Invalid message received"])
        await harness.advance(by: .milliseconds(4_999))
        #expect(harness.channel.isActive)
        await harness.advance(by: .milliseconds(1))
        #expect(!harness.channel.isActive)
        #expect(try await harness.lines() == [])
    }

    @Test func tcpEndsWithTheAnswerToTheClose() async throws {
        let harness = try Harness()
        try await harness.ready()
        try await harness.send("HI")
        #expect(try await harness.lines() == ["close 4400 Invalid message received"])
        try await harness.send(ClientFrame(9, [1]))
        try await harness.send(ClientFrame(text: String(repeating: " ", count: 5 << 20)))
        #expect(harness.channel.isActive)
        try await harness.send(ClientFrame(close: 4400))
        #expect(!harness.channel.isActive)
        #expect(try await harness.lines() == [])
    }

    @Test func quiescingClosesTheSocket() async throws {
        let harness = try Harness()
        try await harness.ready()
        harness.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try await harness.channel.testingEventLoop.executeInContext {}
        #expect(try await harness.lines() == ["close 1001 Going away"])
    }

    @Test func halfClosureIsTheEnd() async throws {
        let harness = try Harness()
        try await harness.ready()
        harness.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        try await harness.channel.testingEventLoop.executeInContext {}
        #expect(!harness.channel.isActive)
        #expect(harness.server.metrics.openSockets == 0)
    }

    @Test func halfAHandshakeIsDropped() async throws {
        let harness = try Harness()
        try await harness.start()
        try await harness.write("GET /graphql HTTP/1.1\r\nHost: te")
        await harness.advance(by: .milliseconds(9_999))
        #expect(harness.channel.isActive)
        await harness.advance(by: .milliseconds(1))
        #expect(!harness.channel.isActive)
        #expect(try await harness.output() == [])
    }

    @Test func halfABodyIsAnswered() async throws {
        let harness = try Harness()
        try await harness.start()
        try await harness.write("POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{")
        await harness.advance(by: .seconds(10))
        #expect(String(decoding: try await harness.output(), as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
    }

    /// A handshake with frames behind it means the same however it is cut.
    @Test func everySplitOfHandshakeAndFrames() async throws {
        let bytes =
            Array(Wire.head(Wire.request).utf8) + ClientFrame(9, [1, 2]).bytes
            + ClientFrame(text: #"{"type":"ping","payload":{"a":"😀"}}"#).bytes + ClientFrame(text: "HI").bytes
        for cut in 0...bytes.count {
            let harness = try Harness()
            try await harness.start()
            try await harness.write(Array(bytes[..<cut]))
            try await harness.write(Array(bytes[cut...]))
            let lines = try await harness.lines(after: Array("\r\n\r\n".utf8))
            #expect(
                lines == [
                    "a [1, 2]", #"{"type":"pong","payload":{"a":"😀"}}"#, "close 4400 Invalid message received",
                ], "cut at \(cut)")
            _ = try? await harness.channel.finish()
        }
    }
}
