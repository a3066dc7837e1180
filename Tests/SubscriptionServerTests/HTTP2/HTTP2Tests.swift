import GraphQLCore
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import SubscriptionServer

/// HTTP and event streams over HTTP/2, which a client on the plain port may begin with.
@Suite(.timeLimit(.minutes(1))) struct HTTP2Tests {
    /// The status 200 in a header block.
    private static let ok: UInt8 = 0x88

    private static func subscribe(_ stream: UInt32, _ topic: String) -> [UInt8] {
        HTTP2Wire.request(
            stream, "POST", "/graphql/stream", [("accept", "text/event-stream"), ("content-type", "application/json")],
            body: #"{"query":"subscription { topic(name: \"\#(topic)\") }"}"#)
    }

    @Test func requestsAreAnsweredOnTheirStreams() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write(
                    HTTP2Wire.preface + HTTP2Wire.request(1, "GET", "/graphql?query=%7Bhello%7D")
                        + HTTP2Wire.request(
                            3, "POST", "/graphql", [("content-type", "application/json")],
                            body: #"{"query":"mutation { increment }"}"#)
                        + HTTP2Wire.request(5, "HEAD", "/health/live") + HTTP2Wire.request(7, "GET", "/nowhere"))
                var bodies: [UInt32: String] = [:]
                var heads: [UInt32: UInt8] = [:]
                var open: Set<UInt32> = [1, 3, 5, 7]
                while !open.isEmpty, let frame = try await wire.frame2() {
                    if frame.type == 1 { heads[frame.stream] = frame.payload[0] }
                    if frame.type == 0 { bodies[frame.stream, default: ""] += frame.text }
                    if frame.endsStream { open.remove(frame.stream) }
                }
                #expect(heads == [1: Self.ok, 3: Self.ok, 5: Self.ok, 7: 0x8D])
                #expect(bodies[1] == #"{"data":{"hello":"world"}}"# && bodies[3] == #"{"data":{"increment":1}}"#)
                #expect((bodies[5] ?? "").isEmpty && bodies[7] == "Not found\n")
            }
        }
    }

    @Test func aResetReleasesItsSourceAndNoOther() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write(HTTP2Wire.preface + Self.subscribe(1, "a") + Self.subscribe(3, "b"))
                await server.stage.wait { $0.active == ["a": 1, "b": 1] }
                #expect(server.metrics.streams.value == 2)
                try await wire.write(HTTP2Wire.reset(1))
                await server.stage.wait { ($0.active["a"] ?? 0) == 0 && $0.active["b"] == 1 }
                #expect(server.metrics.streams.value == 1)
                server.stage.publish("b", .string("x"))
                server.stage.finish("b")
                var text = ""
                while let frame = try await wire.frame2() {
                    guard frame.stream == 3 else { continue }
                    if frame.type == 0 { text += frame.text }
                    if frame.endsStream { break }
                }
                #expect(
                    text == ":\n\nevent: next\ndata: {\"data\":{\"topic\":\"x\"}}\n\nevent: complete\ndata:\n\n")
                #expect(server.metrics.openSources == 0)
            }
        }
    }

    @Test(arguments: [true, false]) func leavingReleasesEverySource(byReset: Bool) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write(HTTP2Wire.preface + Self.subscribe(1, "a") + Self.subscribe(3, "a"))
                await server.stage.wait(untilActive: "a", is: 2)
                if byReset { try await wire.reset() } else { wire.finish() }
                await server.stage.wait(untilActive: "a", is: 0)
            }
            while server.metrics.streams.value > 0 || !server.server.live.all.isEmpty { await Task.yield() }
        }
    }

    @Test func shutdownEndsStreamsAndConnection() async throws {
        try await TestServer.runGroup(configure: { $0.timeouts.shutdown = .seconds(30) }) { server, group in
            try await server.connect { wire in
                try await wire.write(HTTP2Wire.preface + Self.subscribe(1, "a"))
                await server.stage.wait(untilActive: "a", is: 1)
                await group.triggerGracefulShutdown()
                var saw: Set<String> = []
                while let frame = try await wire.frame2() {
                    if frame.type == 7 { saw.insert("going away") }
                    if frame.type == 0, frame.endsStream { saw.insert("end") }
                    #expect(!frame.text.contains("complete"))
                }
                #expect(saw == ["going away", "end"])
                await server.stage.wait(untilActive: "a", is: 0)
            }
        }
    }

    @Test func tooMuchIsRefused() async throws {
        try await TestServer.run(configure: { $0.limits.bodyBytes = 20 }) { server in
            try await server.connect { wire in
                try await wire.write(HTTP2Wire.preface + Self.subscribe(1, "a"))
                let head = try await wire.frame2(of: 1)
                #expect(head.type == 1 && head.payload[0] != Self.ok)
                #expect(try await wire.frame2(of: 1).text == "Body too large\n")
                #expect(server.stage.counts.opened == 0)
            }
        }
    }

    @Test func clientsThatSendNothingAreDropped() async throws {
        try await TestServer.run(configure: { $0.timeouts.handshake = .milliseconds(50) }) { server in
            for beginning in [[], Array(HTTP2Wire.preface.prefix(10)), HTTP2Wire.preface] {
                try await server.connect { wire in
                    try await wire.write(beginning)
                    _ = await wire.rest()
                }
            }
            #expect(server.metrics.cuts.values.map(\.count) == [3])
        }
    }

    @Test(.enabled(if: Executable.find("curl") != nil, "curl is not installed: make setup"))
    func curlWithPriorKnowledge() async throws {
        try await TestServer.run { server in
            let curl = try #require(Executable.find("curl"))
            let run = Task.detached {
                try Executable.run(
                    curl,
                    [
                        "--silent", "--max-time", "20", "--http2-prior-knowledge", "--include", "--no-buffer",
                        "--header", "Accept: text/event-stream", "--header", "Content-Type: application/json",
                        "--data", #"{"query":"{ hello }"}"#, "http://127.0.0.1:\(server.port)/graphql/stream",
                    ])
            }
            let result = try await run.value
            #expect(result.status == 0 && result.output.hasPrefix("HTTP/2 200"), "\(result)")
            #expect(result.output.lowercased().contains("content-type: text/event-stream"))
            #expect(!result.output.lowercased().contains("connection:"))
            #expect(
                result.output.hasSuffix(
                    ":\n\nevent: next\ndata: {\"data\":{\"hello\":\"world\"}}\n\nevent: complete\ndata:"))
        }
    }
}
