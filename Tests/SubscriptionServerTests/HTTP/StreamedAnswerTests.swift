import GraphQLCore
import NIOCore
import ServiceLifecycle
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// Answers that are streams, by way of the application's routes.
@Suite(.timeLimit(.minutes(1))) struct StreamedAnswerTests {
    /// A stream whose events are what is published on a topic of the stage.
    @Sendable private static func routes(_ stage: Stage) -> [HTTPRoute] {
        [
            HTTPRoute("/events/{topic}") { call in
                let topic = call.parameters["topic"] ?? ""
                return .events(
                    RouteEventStream { sink in
                        if let id = call.lastEventID {
                            sink.comment("resumed behind \(id)")
                        }
                        return try await stage.stream(topic).start(
                            SourceEventSink(
                                onEvent: { event in
                                    guard case .string(let text) = event else { return }
                                    sink.send(ServerSentEvent(event: "said", id: "7", data: text, retry: 500))
                                },
                                onEnd: { _ in sink.finish() }))
                    })
            },
            HTTPRoute("/broken") { _ in .events(RouteEventStream { _ in throw TestFailure() }) },
            HTTPRoute(["GET", "POST"], "/me") { call in
                .json([
                    "who": .string(call.admission?.context.sharingIdentity ?? "nobody"),
                    "x": .string(call.queryValue("x") ?? ""),
                ])
            },
            HTTPRoute("/", access: .open) { _ in .html("<p>hello") },
            HTTPRoute("/missing") { _ in throw RouteError(status: 404, GraphQLError(message: "no such thing")) },
            HTTPRoute("/crash") { _ in throw TestFailure() },
        ]
    }

    @Test func routesAnswer() async throws {
        try await TestServer.run(routes: Self.routes) { server in
            try await server.connect { wire in
                try await wire.request("GET", "/me?x=a+b%21")
                var answer = try await wire.answer()
                #expect(answer.status == 200 && answer.body == #"{"who":"anybody","x":"a b!"}"#)
                try await wire.request("DELETE", "/me")
                answer = try await wire.answer()
                #expect(answer.status == 405 && answer.fields["allow"] == "GET, HEAD, POST")
                try await wire.request("GET", "/me", ["Authorization: deny"])
                #expect(try await wire.answer().status == 403)
                try await wire.request("GET", "/", ["Authorization: deny"])
                answer = try await wire.answer()
                #expect(answer.body == "<p>hello" && answer.fields["content-type"] == "text/html; charset=utf-8")
                try await wire.request("GET", "/missing")
                answer = try await wire.answer()
                #expect(answer.status == 404 && answer.body == #"{"errors":[{"message":"no such thing"}]}"#)
                try await wire.request("GET", "/crash")
                answer = try await wire.answer()
                #expect(answer.status == 500 && answer.body.contains(#""code":"INTERNAL""#))
                try await wire.request("GET", "/nowhere")
                #expect(try await wire.answer().status == 404)
                try await wire.request("GET", "/me?x=%G0")
                #expect(try await wire.answer().status == 400)
            }
        }
    }

    @Test func eventsOfARouteComeAtOnceAndTheConnectionGoesOn() async throws {
        try await TestServer.run(routes: Self.routes) { server in
            try await server.connect { wire in
                try await wire.request("GET", "/events/a%2Fb", ["Last-Event-ID: 6"])
                var stream = try await wire.eventStream()
                #expect(try await stream.block(&wire) == ": resumed behind 6")
                await server.stage.wait(untilActive: "a/b", is: 1)
                #expect(server.server.live.all.map(\.transport) == [.route("/events/{topic}")])
                server.stage.publish("a/b", .string("one\r\ntwo\rthree"))
                #expect(
                    try await stream.block(&wire)
                        == "event: said\nid: 7\nretry: 500\ndata: one\ndata: two\ndata: three")
                server.stage.finish("a/b")
                #expect(try await stream.block(&wire) == nil)
                await server.stage.wait(untilActive: "a/b", is: 0)
                #expect(server.server.live.all.isEmpty && server.metrics.streams.value == 0)
                try await wire.request("GET", "/health/live")
                #expect(try await wire.answer().body == "alive\n")
            }
        }
    }

    @Test func aSourceThatCannotBeOpenedIsToldAsAnEvent() async throws {
        try await TestServer.run(routes: Self.routes) { server in
            try await server.connect { wire in
                try await wire.request("GET", "/broken")
                var stream = try await wire.eventStream()
                let event = try await stream.rest(&wire)
                #expect(
                    event == [
                        "event: error\ndata: "
                            + #"{"errors":[{"message":"Internal server error","extensions":{"code":"INTERNAL"}}]}"#
                    ])
            }
        }
    }

    @Test(arguments: [true, false]) func leavingReleasesASilentSource(byReset: Bool) async throws {
        try await TestServer.run(routes: Self.routes) { server in
            try await server.connect { wire in
                try await wire.request("GET", "/events/a")
                _ = try await wire.eventStream()
                await server.stage.wait(untilActive: "a", is: 1)
                if byReset { try await wire.reset() } else { wire.finish() }
                await server.stage.wait(untilActive: "a", is: 0)
            }
            #expect(server.metrics.streams.value == 0)
        }
    }

    @Test func leavingIsNoticedBehindRequestsSentAhead() async throws {
        try await TestServer.run(routes: Self.routes) { server in
            try await server.connect { wire in
                let ahead = String(repeating: "GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n", count: 20)
                try await wire.write("GET /events/a HTTP/1.1\r\nHost: test\r\n\r\n" + ahead)
                await server.stage.wait(untilActive: "a", is: 1)
                try await wire.write(ahead)
                try await wire.reset()
                await server.stage.wait(untilActive: "a", is: 0)
            }
        }
    }

    @Test func oldClientsGetAStreamThatEndsWithTheConnection() async throws {
        try await TestServer.run(routes: Self.routes) { server in
            try await server.connect { wire in
                try await wire.write("GET /events/a HTTP/1.0\r\nHost: test\r\nConnection: keep-alive\r\n\r\n")
                let head = try await wire.answerHead()
                #expect(head.fields["connection"] == "close" && head.fields["transfer-encoding"] == nil)
                await server.stage.wait(untilActive: "a", is: 1)
                server.stage.publish("a", .string("x"))
                server.stage.finish("a")
                let rest = String(decoding: await wire.rest(), as: UTF8.self)
                #expect(rest == ":\n\nevent: said\nid: 7\nretry: 500\ndata: x\n\n")
            }
        }
    }

    @Test func headOfAStreamStartsNothing() async throws {
        try await TestServer.run(routes: Self.routes) { server in
            try await server.connect { wire in
                try await wire.request("HEAD", "/events/a")
                #expect(try await wire.answerHead().fields["content-type"] == "text/event-stream; charset=utf-8")
                try await wire.request("GET", "/health/live")
                #expect(try await wire.answer().body == "alive\n")
                #expect(server.stage.counts.opened == 0)
            }
        }
    }

    @Test func aClientThatDoesNotReadIsCut() async throws {
        try await TestServer.run(routes: Self.routes) {
            $0.limits.unsentBytes = 200_000
        } _: { server in
            try await server.connect { wire in
                try await wire.request("GET", "/events/a")
                _ = try await wire.answerHead()
                await server.stage.wait(untilActive: "a", is: 1)
                // The reader of this side takes nothing until it is asked to.
                let text = String(repeating: "x", count: 60_000)
                while server.stage.counts.active["a"] == 1 {
                    server.stage.publish("a", .string(text))
                    await Task.yield()
                }
                #expect(server.metrics.cuts.values.map(\.label) == ["Too many bytes unsent"])
                #expect(server.metrics.streams.value == 0)
            }
        }
    }

    @Test func shutdownEndsStreamsInOrder() async throws {
        try await TestServer.runGroup(routes: Self.routes, configure: { $0.timeouts.shutdown = .seconds(30) }) {
            server, group in
            try await server.connect { wire in
                try await wire.request("GET", "/events/a")
                var stream = try await wire.eventStream()
                await server.stage.wait(untilActive: "a", is: 1)
                await group.triggerGracefulShutdown()
                #expect(try await stream.block(&wire) == nil)
                #expect(await wire.rest().isEmpty)
                await server.stage.wait(untilActive: "a", is: 0)
            }
        }
    }

    @Test func endingALiveConnectionTellsWhy() async throws {
        try await TestServer.run(routes: Self.routes) { server in
            try await server.connect { wire in
                try await wire.request("GET", "/events/a")
                var stream = try await wire.eventStream()
                await server.stage.wait(untilActive: "a", is: 1)
                let error = GraphQLError(message: "over", extensions: ["code": "TOKEN_EXPIRED"])
                #expect(server.server.live.end(ConnectionEnd(close: .forbidden, error: error)) == 1)
                #expect(try await stream.block(&wire)?.contains("TOKEN_EXPIRED") == true)
                #expect(try await stream.block(&wire) == nil)
                await server.stage.wait(untilActive: "a", is: 0)
            }
        }
    }
}
