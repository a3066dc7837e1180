import GraphQLCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SubscriptionServer

/// Event streams of clients that do not take their events, in memory.
@Suite(.timeLimit(.minutes(1))) struct EventStreamPressureTests {
    private static func request(_ query: String) -> String {
        let body = JSONValue.object(["query": .string(query)]).text
        return Wire.head([
            "POST /graphql/stream HTTP/1.1", "Host: test", "Accept: text/event-stream",
            "Content-Type: application/json",
            "Content-Length: \(body.utf8.count)",
        ]) + body
    }

    /// A connection with a stream of the topic `a`.
    private static func stream(configure: (inout ServerConfiguration) -> Void) async throws -> Harness {
        let harness = try Harness(configure: configure)
        try await harness.start()
        try await harness.write(self.request(#"subscription { topic(name: "a") }"#))
        while harness.stage.counts.active["a"] != 1 {
            await harness.channel.testingEventLoop.run()
            await Task.yield()
        }
        _ = try await harness.output()
        return harness
    }

    /// Publishes numbers, and lets them reach the stream.
    private static func publish(_ numbers: ClosedRange<Int>, _ harness: Harness) async {
        for number in numbers {
            harness.stage.publish("a", .string("\(number)"))
            await harness.channel.testingEventLoop.run()
        }
    }

    /// The topics and the other blocks in what was written since the last call.
    private static func events(_ harness: Harness) async throws -> [String] {
        let text = String(decoding: try await harness.output(), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            if let start = line.firstRange(of: #"{"topic":""#) {
                return String(line[start.upperBound...].prefix { $0 != "\"" })
            }
            if line.contains("SLOW_CONSUMER") { return "slow" }
            return line == "event: complete\r" || line == "event: complete" ? "complete" : nil
        }
    }

    @Test(arguments: [
        (BackPressurePolicy.Overflow.dropOldest, ["4", "5", "6"]), (.dropNewest, ["1", "2", "6"]),
        (.end, ["1", "2", "slow", "complete"]),
    ])
    func eventsWaitWithinBounds(overflow: BackPressurePolicy.Overflow, seen: [String]) async throws {
        let harness = try await Self.stream {
            $0.backPressure.queuedEvents = 2
            $0.backPressure.overflow = overflow
        }
        await harness.block()
        await Self.publish(1...5, harness)
        #expect(try await Self.events(harness) == [])
        await harness.unblock()
        await Self.publish(6...6, harness)
        #expect(try await Self.events(harness) == seen)
        #expect(harness.server.metrics.queuedEvents.value == 0)
        #expect((harness.stage.counts.active["a"] ?? 0) == (overflow == .end ? 0 : 1))
        _ = try? await harness.channel.finish()
    }

    @Test func aClientThatTakesNothingIsCut() async throws {
        let harness = try await Self.stream { $0.backPressure.deadline = .seconds(5) }
        await harness.block()
        await Self.publish(1...2, harness)
        await harness.advance(by: .seconds(4))
        #expect(harness.channel.isActive)
        await harness.advance(by: .seconds(2))
        #expect(!harness.channel.isActive)
        #expect(harness.server.metrics.cuts.values.map(\.label) == ["Slow consumer"])
        await harness.stage.wait(untilActive: "a", is: 0)
        #expect(harness.server.metrics.queuedEvents.value == 0 && harness.server.metrics.streams.value == 0)
    }

    @Test func whatWasSentBehindAStreamIsNotAnswered() async throws {
        let harness = try await Self.stream { _ in }
        try await harness.write("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n")
        harness.stage.finish("a")
        await harness.channel.testingEventLoop.run()
        let rest = String(decoding: try await harness.output(), as: UTF8.self)
        #expect(rest.hasSuffix("event: complete\ndata:\n\n\r\n0\r\n\r\n") && !rest.contains("HTTP/1.1"))
        await harness.advance(by: .seconds(2))
        #expect(!harness.channel.isActive)
    }

    @Test func quietStreamsAreKeptAlive() async throws {
        let harness = try await Self.stream { $0.timeouts.keepAlive = .seconds(12) }
        await harness.advance(by: .seconds(11))
        #expect(try await harness.output().isEmpty)
        await harness.advance(by: .seconds(1))
        #expect(String(decoding: try await harness.output(), as: UTF8.self) == "3\r\n:\n\n\r\n")
        // What is not quiet needs no comment.
        await harness.advance(by: .seconds(6))
        await Self.publish(1...1, harness)
        _ = try await harness.output()
        await harness.advance(by: .seconds(11))
        #expect(try await harness.output().isEmpty)
        await harness.advance(by: .seconds(1))
        #expect(String(decoding: try await harness.output(), as: UTF8.self) == "3\r\n:\n\n\r\n")
        _ = try? await harness.channel.finish()
    }
}
