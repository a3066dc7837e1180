import GraphQLCore
import NIOCore
import ServiceLifecycle
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// GraphQL over SSE, distinct connections mode, over TCP.
@Suite(.timeLimit(.minutes(1))) struct DistinctModeTests {
    private static let accept = ["Accept: text/event-stream"]
    private static let complete = "event: complete\ndata:"
    private static func next(_ result: String) -> String { "event: next\ndata: \(result)" }

    @Test(arguments: ["/graphql/stream", "/graphql"]) func aQueryIsOneResultAndTheEnd(path: String) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post(path, "{ hello }", Self.accept)
                var stream = try await wire.eventStream()
                #expect(
                    try await stream.rest(&wire) == [Self.next(#"{"data":{"hello":"world"}}"#), Self.complete])
                // The same by GET, on the same connection.
                try await wire.request("GET", "\(path)?query=%7Bhello%7D&variables=%7B%7D", Self.accept)
                stream = try await wire.eventStream()
                #expect(
                    try await stream.rest(&wire) == [Self.next(#"{"data":{"hello":"world"}}"#), Self.complete])
                #expect(server.metrics.streams.value == 0 && server.server.live.all.isEmpty)
            }
        }
    }

    @Test func headOfAStream() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", "{ hello }", Self.accept)
                let fields = try await wire.answerHead().fields
                #expect(
                    fields == [
                        "content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked",
                        "cache-control": "no-cache, no-transform", "x-accel-buffering": "no", "vary": "Accept, Origin",
                    ])
            }
        }
    }

    @Test func mutationsRunByPOSTOnly() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", "mutation { increment }", Self.accept)
                var stream = try await wire.eventStream()
                #expect(try await stream.rest(&wire).first == Self.next(#"{"data":{"increment":1}}"#))
                for path in ["/graphql/stream", "/graphql"] {
                    try await wire.request("GET", "\(path)?query=mutation%7Bincrement%7D", Self.accept)
                    let answer = try await wire.answer()
                    #expect(answer.status == 405 && answer.fields["allow"] == "POST")
                }
                #expect(server.stage.counts.counter == 1)
            }
        }
    }

    @Test func aSubscriptionStreamsItsEvents() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", #"subscription { topic(name: "a") }"#, Self.accept)
                var stream = try await wire.eventStream()
                await server.stage.wait(untilActive: "a", is: 1)
                #expect(server.server.live.all.map(\.transport) == [.eventStream])
                #expect(server.server.live.all.map(\.openOperations) == [1])
                for value in ["1", "line\nbreak\r\u{2028}é😀", String(repeating: "x", count: 5000)] {
                    server.stage.publish("a", .string(value))
                    let block = try #require(try await stream.block(&wire))
                    #expect(block.hasPrefix("event: next\ndata: {") && block.utf8.count { $0 == 10 || $0 == 13 } == 1)
                    let json = try JSONReader.read(String(block.dropFirst(18)))
                    #expect(json == ["data": ["topic": .string(value)]])
                }
                server.stage.finish("a")
                #expect(try await stream.rest(&wire) == [Self.complete])
            }
        }
    }

    @Test func requestErrorsAreInTheStream() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                for (query, members) in [
                    ("{ doesNotExist }", [:]), ("{", [:]), ("query A { hello }", ["operationName": "B"]),
                    ("query ($text: String!) { echo(text: $text) }", [:]),
                    (#"subscription { topic(name: "a") empty }"#, [:]), ("subscription { throwsAtStart }", [:]),
                    ("subscription { throwsOpening }", [:]),
                ] as [(String, JSONObject)] {
                    try await wire.post("/graphql/stream", query, Self.accept, members)
                    var stream = try await wire.eventStream()
                    let blocks = try await stream.rest(&wire)
                    #expect(blocks.count == 2 && blocks.last == Self.complete, "\(query)")
                    let result = try JSONReader.read(String(blocks[0].dropFirst(18)))
                    #expect(result["data"] == nil && result["errors"]?[0]?["message"] != nil, "\(query)")
                }
                #expect(server.metrics.streams.value == 0)
            }
        }
    }

    @Test func fieldErrorsDoNotEndTheStreamAndASourceErrorDoes() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", "{ boom hello }", Self.accept)
                var stream = try await wire.eventStream()
                let blocks = try await stream.rest(&wire)
                #expect(blocks[0].contains(#""path":["boom"]"#) && blocks[0].contains(#""hello":"world""#))
                try await wire.post("/graphql/stream", #"subscription { topic(name: "a") }"#, Self.accept)
                stream = try await wire.eventStream()
                await server.stage.wait(untilActive: "a", is: 1)
                server.stage.publish("a", .string("x"))
                server.stage.fail("a", TestFailure())
                #expect(
                    try await stream.rest(&wire) == [
                        Self.next(#"{"data":{"topic":"x"}}"#),
                        Self.next(#"{"errors":[{"message":"Internal server error"}]}"#), Self.complete,
                    ])
            }
        }
    }

    @Test func anEmptySourceOnlyCompletes() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", "subscription { empty }", Self.accept)
                var stream = try await wire.eventStream()
                #expect(try await stream.rest(&wire) == [Self.complete])
            }
        }
    }

    @Test func leavingReleasesTheSourceAtOnce() async throws {
        try await TestServer.run { server in
            for isReset in [true, false] {
                try await server.connect { wire in
                    try await wire.post("/graphql/stream", #"subscription { topic(name: "a") }"#, Self.accept)
                    _ = try await wire.eventStream()
                    await server.stage.wait(untilActive: "a", is: 1)
                    if isReset { try await wire.reset() } else { wire.finish() }
                    await server.stage.wait(untilActive: "a", is: 0)
                }
            }
            // While the source comes into being, and while a query runs.
            try await server.connect { wire in
                try await wire.post("/graphql/stream", #"subscription { heldResolver(name: "b") }"#, Self.accept)
                await server.stage.wait { $0.held["b"] == 1 }
                try await wire.reset()
                await server.stage.wait { ($0.held["b"] ?? 0) == 0 }
            }
            try await server.connect { wire in
                try await wire.post("/graphql/stream", #"{ held(name: "c") }"#, Self.accept)
                await server.stage.wait { $0.held["c"] == 1 }
                try await wire.reset()
                await server.stage.wait { ($0.held["c"] ?? 0) == 0 }
            }
            #expect(server.metrics.openSources == 0)
            #expect(server.metrics.streams.value == 0)
            #expect(server.server.live.all.isEmpty)
        }
    }

    @Test(arguments: [
        ("text/event-stream, application/json;q=0.5", true), ("text/event-stream;q=1.0", true),
        ("TEXT/EVENT-STREAM", true), ("text/event-stream, */*", true), ("text/*, application/json;q=0.9", true),
        ("application/json, text/event-stream", true), ("application/json, text/event-stream;q=0.1", true),
        ("application/json", false), ("*/*", false), ("text/event-stream;q=0, application/json", false),
    ])
    func acceptAtThePathOfStreams(accept: String, isStream: Bool) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", "{ hello }", ["Accept: \(accept)"])
                let head = try await wire.answerHead()
                #expect(head.status == (isStream ? 200 : 404))
                #expect(
                    head.fields["content-type"]?.hasPrefix(isStream ? "text/event-stream" : "application/json") == true)
            }
        }
    }

    @Test(arguments: [
        ("application/json, text/event-stream;q=0.1", "{ hello }", "application/json"),
        ("application/json, text/event-stream", "{ hello }", "application/json"),
        ("text/event-stream, application/json", "{ hello }", "text/event-stream"),
        ("application/json, text/event-stream;q=0.1", "subscription { empty }", "text/event-stream"),
        ("application/json", "subscription { empty }", "application/json"),
        ("*/*", "subscription { empty }", "application/json"), ("*/*", "{ hello }", "application/json"),
    ])
    func acceptAtThePathOfOperations(accept: String, query: String, type: String) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql", query, ["Accept: \(accept)"])
                let head = try await wire.answerHead()
                #expect(head.fields["content-type"] == "\(type); charset=utf-8")
                #expect(head.status == (type == "application/json" && query != "{ hello }" ? 400 : 200))
            }
        }
    }

    @Test func malformedRequestsGetNoStream() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                for (type, body, status) in [
                    ("application/json", "{}", 400), ("application/json", "{", 400), ("application/json", "", 400),
                    ("text/plain", #"{"query":"{hello}"}"#, 415), ("application/json", "[]", 400),
                    ("application/json; charset=utf-16", #"{"query":"{hello}"}"#, 415),
                ] {
                    try await wire.request(
                        "POST", "/graphql/stream", Self.accept + ["Content-Type: \(type)"], body: body)
                    let answer = try await wire.answer()
                    #expect(
                        answer.status == status && answer.fields["content-type"]?.hasPrefix("application/json") == true)
                    #expect(try answer.json["errors"]?[0]?["message"] != nil)
                }
                try await wire.request("GET", "/graphql/stream", Self.accept)
                #expect(try await wire.answer().status == 400)
                try await wire.request(
                    "GET", "/graphql/stream?query=%7Bhello%7D", Self.accept + ["Authorization: deny"])
                #expect(try await wire.answer().status == 403)
                for method in ["PATCH", "OPTIONS"] {
                    try await wire.request(method, "/graphql/stream", Self.accept)
                    let answer = try await wire.answer()
                    #expect(answer.status == 405 && answer.fields["allow"] == "GET, POST, PUT, DELETE")
                }
                try await wire.request("HEAD", "/graphql/stream?query=%7Bhello%7D", Self.accept)
                #expect(try await wire.answerHead().status == 405)
            }
        }
    }

    @Test func unknownTokensAndLastEventIDsAreNoHindrance() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post(
                    "/graphql/stream", "{ hello }",
                    Self.accept + ["X-GraphQL-Event-Stream-Token: 0", "Last-Event-ID: 12"])
                var stream = try await wire.eventStream()
                #expect(try await stream.rest(&wire).count == 2)
                try await wire.request("GET", "/graphql/stream?token=0", Self.accept)
                #expect(try await wire.answer().status == 404)
            }
        }
    }

    @Test func aServerThatGoesDownDoesNotComplete() async throws {
        try await TestServer.runGroup(configure: { $0.timeouts.shutdown = .seconds(30) }) { server, group in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", #"subscription { topic(name: "a") }"#, Self.accept)
                var stream = try await wire.eventStream()
                await server.stage.wait(untilActive: "a", is: 1)
                await group.triggerGracefulShutdown()
                #expect(try await stream.rest(&wire) == [])
                #expect(await wire.rest().isEmpty)
            }
        }
    }

    @Test func aReasonForTheEndIsAResult() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", #"subscription { topic(name: "a") }"#, Self.accept)
                var stream = try await wire.eventStream()
                await server.stage.wait(untilActive: "a", is: 1)
                let error = GraphQLError(message: "over", extensions: ["code": "TOKEN_EXPIRED"])
                server.server.live.end(ConnectionEnd(close: .forbidden, error: error))
                #expect(
                    try await stream.rest(&wire) == [
                        Self.next(#"{"errors":[{"message":"over","extensions":{"code":"TOKEN_EXPIRED"}}]}"#),
                        Self.complete,
                    ])
                await server.stage.wait(untilActive: "a", is: 0)
            }
        }
    }

    @Test func streamsShareSourceAndExecution() async throws {
        try await TestServer.run { server in
            try await server.connect { first in
                try await server.connect { second in
                    try await first.post("/graphql/stream", #"subscription { shared(name: "a") }"#, Self.accept)
                    try await second.post("/graphql/stream", #"subscription { shared(name: "a") }"#, Self.accept)
                    var one = try await first.eventStream()
                    var two = try await second.eventStream()
                    // The source is there with the first of them.
                    while server.metrics.subscriptions.value < 2 { await Task.yield() }
                    await server.stage.wait(untilActive: "a", is: 1)
                    server.stage.publish("a", .string("x"))
                    #expect(try await one.block(&first) == Self.next(#"{"data":{"shared":"x"}}"#))
                    #expect(try await two.block(&second) == Self.next(#"{"data":{"shared":"x"}}"#))
                    #expect(server.stage.counts.opened == 1 && server.metrics.eventsExecuted.value == 1)
                    try await first.reset()
                    server.stage.publish("a", .string("y"))
                    #expect(try await two.block(&second) == Self.next(#"{"data":{"shared":"y"}}"#))
                    try await second.reset()
                    await server.stage.wait(untilActive: "a", is: 0)
                }
            }
        }
    }
}
