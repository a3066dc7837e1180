import GraphQLCore
import NIOCore
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// Each misbehaviour over HTTP and in event streams shows, and is not there without being asked for: a play is run
/// against the right server and against the misbehaving one, and both transcripts are known.
@Suite(.timeLimit(.minutes(1))) struct HTTPMisbehaviourTests {
    /// What one connection does, as lines.
    typealias Script = @Sendable (TestServer, inout Wire) async throws -> [String]

    struct Play: Sendable, CustomTestStringConvertible {
        let misbehaviour: Misbehaviour
        let right: [String]
        let wrong: [String]
        /// How long a stream may be quiet.
        let keepAlive: TimeAmount
        let script: Script

        var testDescription: String { self.misbehaviour.name }

        init(
            _ misbehaviour: Misbehaviour, _ right: [String], _ wrong: [String], keepAlive: TimeAmount = .seconds(30),
            _ script: @escaping Script
        ) {
            self.keepAlive = keepAlive
            self.misbehaviour = misbehaviour
            self.right = right
            self.wrong = wrong
            self.script = script
        }
    }

    @Test(arguments: HTTPMisbehaviourPlays.all) func shows(play: Play) async throws {
        for (misbehaviour, transcript) in [(nil, play.right), (play.misbehaviour, play.wrong)] {
            let lines = try await TestServer.run(
                misbehaviour: misbehaviour, configure: { $0.timeouts.keepAlive = play.keepAlive }
            ) { server in
                try await server.connect { try await play.script(server, &$0) }
            }
            #expect(lines == transcript)
        }
    }
}

enum HTTPMisbehaviourPlays {
    private static let json = ["Content-Type: application/json"]
    private static let stream = ["Accept: text/event-stream"]
    private static let path = "/graphql/stream"
    private static let next = #"event: next\#ndata: {"data":{"hello":"world"}}"#
    private static let complete = "event: complete\ndata:"

    static let all: [HTTPMisbehaviourTests.Play] = http + distinct + single

    /// One request; the status, the named field, and the body.
    private static func call(
        _ method: String, _ target: String, _ fields: [String] = [], body: String? = nil, telling field: String? = nil
    ) -> HTTPMisbehaviourTests.Script {
        { _, wire in
            try await wire.request(method, target, fields, body: body)
            let answer = try await wire.answer()
            return ["\(answer.status)", field.map { answer.fields[$0] ?? "none" } ?? answer.body]
        }
    }

    private static func post(_ body: String, _ fields: [String] = [], telling: String? = nil)
        -> HTTPMisbehaviourTests.Script
    {
        self.call("POST", "/graphql", self.json + fields, body: body, telling: telling)
    }

    private static let hello = #"{"query":"{ hello }"}"#
    private static let world = #"{"data":{"hello":"world"}}"#

    static let http: [HTTPMisbehaviourTests.Play] = [
        .init(
            .getMutationExecuted, ["405", #"{"errors":[{"message":"Mutations need POST"}]}"#],
            ["200", #"{"data":{"increment":1}}"#],
            call("GET", "/graphql?query=mutation%7Bincrement%7D")),
        .init(
            .httpNoCharset, ["200", "application/json; charset=utf-8"], ["200", "application/json"],
            post(hello, telling: "content-type")),
        .init(.httpNoAllow, ["405", "GET, HEAD, POST"], ["405", "none"], call("PATCH", "/graphql", telling: "allow")),
        .init(
            .httpDataNullWithErrors, ["400", #"{"errors":[{"message":"query must be a string"}]}"#],
            ["400", #"{"errors":[{"message":"query must be a string"}],"data":null}"#], post("{}")),
        .init(.httpEmptyErrors, ["200", world], ["200", #"{"data":{"hello":"world"},"errors":[]}"#], post(hello)),
        .init(
            .httpRequestError200, ["400", "Accept, Origin"], ["200", "Accept, Origin"],
            post(#"{"query":"{"}"#, ["Accept: application/graphql-response+json"], telling: "vary")),
        .init(
            .httpFieldError500, ["200", "Accept, Origin"], ["500", "Accept, Origin"],
            post(#"{"query":"{ boom }"}"#, telling: "vary")),
        .init(
            .httpAnyContentType, ["415", "Accept, Origin"], ["200", "Accept, Origin"],
            call("POST", "/graphql", ["Content-Type: text/plain"], body: hello, telling: "vary")),
        .init(
            .httpCharsetIgnored, ["415", "Accept, Origin"], ["200", "Accept, Origin"],
            call("POST", "/graphql", ["Content-Type: application/json; charset=utf-16"], body: hello, telling: "vary")),
        .init(
            .httpWeightsIgnored, ["200", "application/json; charset=utf-8"],
            ["200", "application/graphql-response+json; charset=utf-8"],
            post(hello, ["Accept: application/graphql-response+json;q=0.1, application/json"], telling: "content-type")),
        .init(
            .httpPlusKept, ["200", #"{"data":{"echo":"a b"}}"#], ["200", #"{"data":{"echo":"a+b"}}"#],
            call("GET", "/graphql?query=%7Becho(text:%22a+b%22)%7D")),
        .init(
            .httpOperationNameNull, ["400", "Accept, Origin"], ["200", "Accept, Origin"],
            call(
                "GET", "/graphql?query=query%20Q%7Bhello%7D&operationName=null",
                ["Accept: application/graphql-response+json"], telling: "vary")),
        .init(.http406AfterExecution, ["406", "0"], ["406", "1"]) { server, wire in
            try await wire.post("/graphql", "mutation { increment }", ["Accept: text/html"])
            return ["\(try await wire.answer().status)", "\(server.stage.counts.counter)"]
        },
        .init(
            .httpNullMembersRefused, ["200", world], ["400", #"{"errors":[{"message":"null is not allowed"}]}"#],
            post(#"{"query":"{ hello }","variables":null}"#)),
        .init(
            .httpUnknownMembersRefused, ["200", world], ["400", #"{"errors":[{"message":"Unknown member"}]}"#],
            post(#"{"query":"{ hello }","foo":1}"#)),
        .init(
            .httpInvalidJSON500, ["400", "Accept, Origin"], ["500", "Accept"], post("NONSENSE", telling: "vary")
        ),
    ]

    /// The blocks of a distinct connection up to the end, which a fence behind it shows to have come.
    private static func blocks(of query: String) -> HTTPMisbehaviourTests.Script {
        { _, wire in
            try await wire.post(self.path, query, self.stream)
            var reader = try await wire.eventStream()
            return try await reader.rest(&wire)
        }
    }

    /// The blocks of a subscription with two events of which the second is published when the first was seen.
    private static func events(_ end: @escaping @Sendable (Stage) -> Void) -> HTTPMisbehaviourTests.Script {
        { server, wire in
            try await wire.post(self.path, #"subscription { topic(name: "a") }"#, self.stream)
            var reader = try await wire.eventStream()
            await server.stage.wait(untilActive: "a", is: 1)
            server.stage.publish("a", .string("1"))
            end(server.stage)
            return try await reader.rest(&wire)
        }
    }

    private static let one = #"event: next\#ndata: {"data":{"topic":"1"}}"#
    private static let broken = #"event: next\#ndata: {"errors":[{"message":"Internal server error"}]}"#

    static let distinct: [HTTPMisbehaviourTests.Play] = [
        .init(.sseWrongContentType, ["text/event-stream; charset=utf-8"], ["application/json; charset=utf-8"]) {
            _, wire in
            try await wire.post(path, "{ hello }", stream)
            return [try await wire.answerHead().fields["content-type"] ?? ""]
        },
        .init(
            .sseUnnamedEvents, [next, complete], [#"data: {"data":{"hello":"world"}}"#, "data:"],
            blocks(of: "{ hello }")),
        .init(
            .sseEventNamePadded, [next, complete], ["event: next \ndata: \(world)", complete], blocks(of: "{ hello }")),
        .init(.sseNoComplete, [next, complete], [next], blocks(of: "{ hello }")),
        .init(.sseCompleteWithoutData, [next, complete], [next, "event: complete"], blocks(of: "{ hello }")),
        .init(.sseCompleteDataNull, [next, complete], [next, "event: complete\ndata: null"], blocks(of: "{ hello }")),
        .init(.sseCompleteTwice, [next, complete], [next, complete, complete], blocks(of: "{ hello }")),
        .init(
            .sseEnvelopeInDistinct, [next, complete],
            [#"event: next\#ndata: {"id":"1","payload":\#(world)}"#, complete],
            blocks(of: "{ hello }")),
        .init(.sseOpenAfterComplete, [next, complete, "end"], [next, complete, "open"]) { server, wire in
            try await wire.post(path, "{ hello }", stream)
            var reader = try await wire.eventStream()
            let blocks = [try await reader.block(&wire) ?? "", try await reader.block(&wire) ?? ""]
            // The end of the stream, or what comes instead when the client asks for something behind it and gives up.
            try await wire.request("GET", "/health/live")
            wire.finish()
            let rest = String(decoding: await wire.rest(), as: UTF8.self)
            return blocks + [rest.hasPrefix("0\r\n\r\n") ? "end" : "open"]
        },
        .init(
            .sseSourceErrorAsComplete, [one, broken, complete], [one, complete], events { $0.fail("a", TestFailure()) }),
        .init(.sseSourceErrorEndsStream, [one, broken, complete], [one], events { $0.fail("a", TestFailure()) }),
        .init(.sseEventsHeldBack, ["event"], ["nothing"]) { server, wire in
            try await wire.post(path, topic, stream)
            _ = try await wire.eventStream()
            await server.stage.wait(untilActive: "a", is: 1)
            server.stage.publish("a", .string("1"))
            while server.metrics.eventsDelivered.value == 0 { await Task.yield() }
            wire.finish()
            let rest = String(decoding: await wire.rest(), as: UTF8.self)
            return [rest.contains(one) ? "event" : "nothing"]
        },
        .init(.sseNoKeepAlive, [":", one], [one], keepAlive: .milliseconds(40)) { server, wire in
            try await quiet(server, &wire, before: { $0 == ":" })
        },
        .init(.sseKeepAliveAsEvent, [":", one], ["event: next\ndata: {}", one], keepAlive: .milliseconds(40)) {
            server, wire in
            try await quiet(server, &wire, before: { $0 == ":" || $0.hasSuffix("{}") })
        },
        .init(.sseSourceKeptOnLeave, ["released"], ["kept"]) { server, _ in
            try await server.connect { wire in
                try await wire.post(path, #"subscription { topic(name: "a") }"#, stream)
                _ = try await wire.eventStream()
                await server.stage.wait(untilActive: "a", is: 1)
                try await wire.reset()
            }
            // Its connection has gone when the server knows of this one only.
            while server.metrics.connections.value > 1 { await Task.yield() }
            for _ in 0..<100 where server.stage.counts.active["a"] ?? 0 > 0 { await Task.yield() }
            return [server.stage.counts.active["a"] ?? 0 == 0 ? "released" : "kept"]
        },
        .init(.sseAcceptComparedWhole, ["200"], ["404"]) { _, wire in
            try await wire.post(path, "{ hello }", ["Accept: text/event-stream;q=1.0"])
            return ["\(try await wire.answerHead().status)"]
        },
        .init(.sseValidation400, ["200"], ["400"]) { _, wire in
            try await wire.post(path, "{ doesNotExist }", stream)
            return ["\(try await wire.answerHead().status)"]
        },
    ]

    /// A quiet stream, then an event: the first block of those that keep it alive, and the event.
    private static func quiet(
        _ server: TestServer, _ wire: inout Wire, before isKeepAlive: (String) -> Bool
    ) async throws -> [String] {
        try await wire.post(self.path, #"subscription { topic(name: "a") }"#, self.stream)
        var reader = try await wire.eventStream()
        await server.stage.wait(untilActive: "a", is: 1)
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .milliseconds(150) { await Task.yield() }
        server.stage.publish("a", .string("1"))
        var lines: [String] = []
        while let block = try await reader.block(&wire) {
            if !lines.contains(block) { lines.append(block) }
            if !isKeepAlive(block) { break }
        }
        return lines
    }

    // MARK: Single connections

    private static func token(_ wire: inout Wire) async throws -> String {
        try await wire.request("PUT", self.path)
        return try await wire.answer().body
    }

    private static func run(_ wire: inout Wire, _ token: String, _ id: String, _ query: String) async throws -> Int {
        try await wire.post(
            self.path, query, ["X-GraphQL-Event-Stream-Token: \(token)"], ["extensions": ["operationId": .string(id)]])
        return try await wire.answer().status
    }

    private static func delete(_ wire: inout Wire, _ token: String, _ id: String) async throws -> Int {
        try await wire.request("DELETE", "\(self.path)?operationId=\(id)&token=\(token)")
        return try await wire.answer().status
    }

    private static let topic = #"subscription { topic(name: "a") }"#

    static let single: [HTTPMisbehaviourTests.Play] = [
        .init(.sseNoEnvelope, [#"event: next\#ndata: {"id":"1","payload":\#(world)}"#], [next]) { server, wire in
            let token = try await token(&wire)
            return try await server.connect { stream in
                try await stream.request("GET", "\(path)?token=\(token)", ["Accept: text/event-stream"])
                var reader = try await stream.eventStream()
                _ = try await run(&wire, token, "1", "{ hello }")
                return [try await reader.block(&stream) ?? ""]
            }
        },
        .init(.sseTokenGuessable, ["64", "404"], ["1", "202"]) { _, wire in
            let token = try await token(&wire)
            return ["\(token.utf8.count)", "\(try await run(&wire, "1", "a", "{ hello }"))"]
        },
        .init(.sseTokenNotChecked, ["404"], ["202"]) { _, wire in
            _ = try await token(&wire)
            return ["\(try await run(&wire, "guessed", "a", "{ hello }"))"]
        },
        .init(.sseSecondStream, ["409"], ["200"]) { server, wire in
            let token = try await token(&wire)
            return try await server.connect { stream in
                try await stream.request("GET", "\(path)?token=\(token)", ["Accept: text/event-stream"])
                _ = try await stream.eventStream()
                try await wire.request("GET", "\(path)?token=\(token)", ["Accept: text/event-stream"])
                return ["\(try await wire.answerHead().status)"]
            }
        },
        .init(.sseNoResultsBeforeOpen, ["202"], ["404"]) { _, wire in
            let token = try await token(&wire)
            return ["\(try await run(&wire, token, "1", "{ hello }"))"]
        },
        .init(.sseDeleteIgnored, ["200", "202"], ["200", "409"]) { server, wire in
            let token = try await token(&wire)
            _ = try await run(&wire, token, "1", topic)
            return ["\(try await delete(&wire, token, "1"))", "\(try await run(&wire, token, "1", topic))"]
        },
        .init(.sseCrossTokenDelete, ["200", "409"], ["200", "202"]) { server, wire in
            let token = try await token(&wire)
            let other = try await Self.token(&wire)
            _ = try await run(&wire, token, "1", topic)
            return ["\(try await delete(&wire, other, "1"))", "\(try await run(&wire, token, "1", topic))"]
        },
        .init(.sseIDKeptAfterRejection, ["400", "202"], ["400", "409"]) { _, wire in
            let token = try await token(&wire)
            return ["\(try await run(&wire, token, "1", "{"))", "\(try await run(&wire, token, "1", "{ hello }"))"]
        },
        .init(.sseSpecialIDTaken, ["202"], ["409"]) { _, wire in
            let token = try await token(&wire)
            return ["\(try await run(&wire, token, "toString", "{ hello }"))"]
        },
        .init(.sseDuplicateIDAccepted, ["202", "409"], ["202", "202"]) { _, wire in
            let token = try await token(&wire)
            return ["\(try await run(&wire, token, "1", topic))", "\(try await run(&wire, token, "1", topic))"]
        },
        .init(.sseRefusalAs202, ["400"], ["202"]) { _, wire in
            let token = try await token(&wire)
            return ["\(try await run(&wire, token, "1", "{ doesNotExist }"))"]
        },
        .init(.sseOperation200, ["202"], ["200"]) { _, wire in
            let token = try await token(&wire)
            return ["\(try await run(&wire, token, "1", "{ hello }"))"]
        },
    ]
}
