import GraphQLCore
import NIOCore
import ServiceLifecycle
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// GraphQL over SSE, single connection mode, over TCP.
@Suite(.timeLimit(.minutes(1))) struct SingleModeTests {
    private static let path = "/graphql/stream"
    private static let accept = "Accept: text/event-stream"
    private static func field(_ token: String) -> String { "X-GraphQL-Event-Stream-Token: \(token)" }
    private static func next(_ id: String, _ result: String) -> String {
        #"event: next\#ndata: {"id":"\#(id)","payload":\#(result)}"#
    }
    private static func complete(_ id: String) -> String { #"event: complete\#ndata: {"id":"\#(id)"}"# }
    private static func topic(_ name: String) -> String { #"subscription { topic(name: "\#(name)") }"# }
    private static let hello = #"{"data":{"hello":"world"}}"#

    private static func reserve(_ wire: inout Wire, _ fields: [String] = []) async throws -> String {
        try await wire.request("PUT", self.path, fields)
        let answer = try await wire.answer()
        #expect(answer.status == 201 && answer.fields["content-type"] == "text/plain; charset=utf-8")
        return answer.body
    }

    /// Requests an operation; gives the status.
    private static func run(
        _ wire: inout Wire, _ token: String?, _ id: JSONValue?, _ query: String, _ fields: [String] = []
    ) async throws -> HTTPResult {
        let members: JSONObject = id.map { ["extensions": ["operationId": $0]] } ?? [:]
        try await wire.post(self.path, query, (token.map { [self.field($0)] } ?? []) + fields, members)
        return try await wire.answer()
    }

    private static func delete(_ wire: inout Wire, _ token: String, _ id: String) async throws -> HTTPResult {
        try await wire.request("DELETE", "\(self.path)?operationId=\(id)", [self.field(token)])
        return try await wire.answer()
    }

    /// A reservation with its open stream: the body gets the server, the token, the connection of the stream, its
    /// reader, and a connection for requests.
    private static func withStream(
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer, String, inout Wire, inout EventStreamReader, inout Wire) async throws -> Void
    ) async throws {
        try await TestServer.run(configure: configure) { server in
            try await server.connect { requests in
                let token = try await self.reserve(&requests)
                try await server.connect { wire in
                    try await wire.request("GET", self.path, [self.accept, self.field(token)])
                    var stream = try await wire.eventStream()
                    try await body(server, token, &wire, &stream, &requests)
                }
            }
        }
    }

    @Test func tokensAreAllDifferentAndLong() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                var tokens: Set<String> = []
                for _ in 0..<100 {
                    // A token of the client's own choice is not taken.
                    tokens.insert(try await Self.reserve(&wire, [Self.field("mine")]))
                }
                #expect(tokens.count == 100)
                #expect(tokens.allSatisfy { $0.utf8.count == 64 && $0 != "mine" })
                // No two have a long beginning in common, as counters and clocks would.
                #expect(Set(tokens.map { $0.prefix(16) }).count == 100)
                try await wire.request("PUT", Self.path, ["Accept: application/json"])
                #expect(try await wire.answer().status == 406)
                try await wire.request("PUT", Self.path, ["Authorization: deny"])
                #expect(try await wire.answer().status == 403)
                #expect(server.server.live.all.count == 100)
            }
        }
    }

    @Test func operationsTravelOnTheStreamWithTheirIDs() async throws {
        try await Self.withStream { server, token, wire, stream, requests in
            for id in ["1", "é😀\"\\", "toString", "__proto__", String(repeating: "x", count: 300)] {
                let answer = try await Self.run(&requests, token, .string(id), "{ hello }")
                #expect(answer.status == 202 && answer.body.isEmpty)
                let text = JSONValue.string(id).text
                #expect(
                    try await stream.block(&wire)
                        == "event: next\ndata: {\"id\":\(text),\"payload\":\(Self.hello)}")
                #expect(try await stream.block(&wire) == "event: complete\ndata: {\"id\":\(text)}")
            }
            // The same id again and again, and the token in the URL.
            for _ in 0..<20 {
                try await requests.post(
                    "\(Self.path)?token=\(token)", "mutation { increment }", [], ["extensions": ["operationId": "1"]])
                #expect(try await requests.answer().status == 202)
                #expect(try await stream.block(&wire)?.contains("increment") == true)
                #expect(try await stream.block(&wire) == Self.complete("1"))
            }
            #expect(server.stage.counts.counter == 20)
            try await requests.request(
                "GET", "\(Self.path)?query=%7Bhello%7D&extensions=%7B%22operationId%22:%22g%22%7D", [Self.field(token)])
            #expect(try await requests.answer().status == 202)
            #expect(try await stream.block(&wire) == Self.next("g", Self.hello))
        }
    }

    @Test func operationsRunSideBySide() async throws {
        try await Self.withStream { server, token, wire, stream, requests in
            for name in ["a", "b"] {
                let answer = try await Self.run(&requests, token, .string(name), Self.topic(name))
                #expect(answer.status == 202)
                await server.stage.wait(untilActive: name, is: 1)
            }
            #expect(server.server.live.all.map(\.openOperations) == [2])
            server.stage.publish("b", .string("1"))
            #expect(try await stream.block(&wire) == Self.next("b", #"{"data":{"topic":"1"}}"#))
            server.stage.publish("a", .string("2"))
            #expect(try await stream.block(&wire) == Self.next("a", #"{"data":{"topic":"2"}}"#))
            // One that fails, and one that cannot begin, leave the other alone.
            server.stage.fail("b", TestFailure())
            #expect(
                try await stream.block(&wire)
                    == Self.next("b", #"{"errors":[{"message":"Internal server error"}]}"#))
            #expect(try await stream.block(&wire) == Self.complete("b"))
            #expect(try await Self.run(&requests, token, "c", "subscription { throwsAtStart }").status == 202)
            #expect(try await stream.block(&wire)?.contains("no source") == true)
            #expect(try await stream.block(&wire) == Self.complete("c"))
            server.stage.publish("a", .string("3"))
            server.stage.finish("a")
            #expect(try await stream.block(&wire) == Self.next("a", #"{"data":{"topic":"3"}}"#))
            #expect(try await stream.block(&wire) == Self.complete("a"))
        }
    }

    @Test func resultsWaitForTheStream() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                let token = try await Self.reserve(&wire)
                #expect(try await Self.run(&wire, token, "1", "mutation { increment }").status == 202)
                await server.stage.wait { $0.counter == 1 }
                try await wire.request("GET", "\(Self.path)?token=\(token)", [Self.accept])
                var stream = try await wire.eventStream()
                #expect(try await stream.block(&wire) == Self.next("1", #"{"data":{"increment":1}}"#))
                #expect(try await stream.block(&wire) == Self.complete("1"))
            }
        }
    }

    @Test func oneStreamForOneReservation() async throws {
        try await TestServer.run { server in
            try await server.connect { requests in
                let token = try await Self.reserve(&requests)
                let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            try await server.connect { wire in
                                try await wire.request("POST", Self.path, [Self.accept, Self.field(token)])
                                let head = try await wire.answerHead()
                                guard head.status == 200 else {
                                    #expect(head.status == 409)
                                    return false
                                }
                                // Stays open until the others were refused.
                                while server.metrics.responses.values.first(where: { $0.label == "409" })?.count != 19 {
                                    await Task.yield()
                                }
                                return true
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(opened == 1)
                // The token is spent with its stream.
                while server.metrics.streams.value > 0 || !server.server.live.all.isEmpty { await Task.yield() }
                try await requests.request("GET", Self.path, [Self.accept, Self.field(token)])
                #expect(try await requests.answer().status == 404)
                #expect(try await Self.run(&requests, token, "1", "{ hello }").status == 404)
            }
        }
    }

    @Test func leavingTheStreamStopsItsOperations() async throws {
        try await Self.withStream { server, token, wire, _, requests in
            for id in ["1", "2", "3"] {
                _ = try await Self.run(&requests, token, .string(id), #"subscription { topic(name: "a") }"#)
            }
            _ = try await Self.run(&requests, token, "4", #"subscription { heldResolver(name: "h") }"#)
            await server.stage.wait { $0.active["a"] == 3 && $0.held["h"] == 1 }
            try await wire.reset()
            await server.stage.wait { ($0.active["a"] ?? 0) == 0 && ($0.held["h"] ?? 0) == 0 }
            while !server.server.live.all.isEmpty { await Task.yield() }
            #expect(server.metrics.streams.value == 0 && server.metrics.openSources == 0)
        }
    }

    @Test func whatIsWrongIsToldToTheRequestAndHoldsNoID() async throws {
        try await Self.withStream { server, token, wire, stream, requests in
            for (query, status) in [
                ("{ doesNotExist }", 400), ("{", 400), ("query A { hello } query B { hello }", 400),
            ] {
                let answer = try await Self.run(&requests, token, "v", query)
                #expect(answer.status == status && answer.fields["content-type"] == "application/json; charset=utf-8")
                #expect(try answer.json["errors"]?[0]?["message"] != nil)
            }
            for id in [nil, "", .null, 7, [:]] as [JSONValue?] {
                let answer = try await Self.run(&requests, token, id, "mutation { increment }")
                #expect(answer.status == 400 && answer.body == #"{"errors":[{"message":"Operation ID is missing"}]}"#)
            }
            for token in [nil, "unknown", "constructor"] {
                let answer = try await Self.run(&requests, token, "1", "mutation { increment }")
                #expect(answer.status == 404 && answer.body == #"{"errors":[{"message":"Stream not found"}]}"#)
            }
            try await requests.request(
                "GET", "\(Self.path)?query=mutation%7Bincrement%7D&extensions=%7B%22operationId%22:%22m%22%7D",
                [Self.field(token)])
            let refused = try await requests.answer()
            #expect(refused.status == 405 && refused.fields["allow"] == "POST")
            #expect(try await Self.run(&requests, token, "1", "{ hello }", ["Accept: text/html"]).status == 406)
            #expect(server.stage.counts.counter == 0)
            // Nothing of all that is on the stream.
            #expect(try await Self.run(&requests, token, "v", "{ hello }").status == 202)
            #expect(try await stream.block(&wire) == Self.next("v", Self.hello))
            #expect(try await stream.block(&wire) == Self.complete("v"))
        }
    }

    @Test func anIDInUseIsRefusedAndTheOperationGoesOn() async throws {
        try await Self.withStream(configure: { $0.limitPolicy.operationsPerConnection = 2 }) {
            server, token, wire, stream, requests in
            _ = try await Self.run(&requests, token, "1", #"subscription { topic(name: "a") }"#)
            let duplicate = try await Self.run(&requests, token, "1", "{ hello }")
            #expect(duplicate.status == 409 && duplicate.body.contains("Operation with ID already exists"))
            _ = try await Self.run(&requests, token, "2", #"subscription { topic(name: "b") }"#)
            #expect(try await Self.run(&requests, token, "3", "{ hello }").status == 429)
            await server.stage.wait(untilActive: "a", is: 1)
            server.stage.publish("a", .string("x"))
            #expect(try await stream.block(&wire) == Self.next("1", #"{"data":{"topic":"x"}}"#))
        }
    }

    @Test func deletingStopsAtOnceAndFreesTheID() async throws {
        try await Self.withStream { server, token, wire, stream, requests in
            _ = try await Self.run(&requests, token, "1", #"subscription { topic(name: "a") }"#)
            await server.stage.wait(untilActive: "a", is: 1)
            let answer = try await Self.delete(&requests, token, "1")
            #expect(answer.status == 200 && answer.body.isEmpty)
            await server.stage.wait(untilActive: "a", is: 0)
            // The next operation of that id has its own events and its own end only.
            _ = try await Self.run(&requests, token, "1", "{ hello }")
            #expect(try await stream.block(&wire) == Self.next("1", Self.hello))
            #expect(try await stream.block(&wire) == Self.complete("1"))
            // While the source comes into being.
            _ = try await Self.run(&requests, token, "2", #"subscription { heldOpening(name: "h") }"#)
            await server.stage.wait { $0.held["h"] == 1 }
            #expect(try await Self.delete(&requests, token, "2").status == 200)
            server.stage.release("h")
            await server.stage.wait { $0.opened >= 3 && ($0.active["h"] ?? 0) == 0 }
            #expect(server.metrics.openSources == 0)
            // Unknown ids and tokens, and no id.
            #expect(try await Self.delete(&requests, token, "nope").status == 200)
            #expect(try await Self.delete(&requests, "unknown", "1").status == 404)
            try await requests.request("DELETE", Self.path, [Self.field(token)])
            #expect(try await requests.answer().status == 400)
            #expect(server.server.live.all.map(\.openOperations) == [0])
        }
    }

    @Test func reservationsAreApart() async throws {
        try await Self.withStream { server, token, wire, stream, requests in
            let other = try await Self.reserve(&requests)
            _ = try await Self.run(&requests, token, "1", #"subscription { topic(name: "a") }"#)
            await server.stage.wait(untilActive: "a", is: 1)
            #expect(try await Self.delete(&requests, other, "1").status == 200)
            #expect(try await Self.run(&requests, other, "1", "{ hello }").status == 202)
            server.stage.publish("a", .string("x"))
            #expect(try await stream.block(&wire) == Self.next("1", #"{"data":{"topic":"x"}}"#))
        }
    }

    @Test func aTokenIsOfNoUseToOthers() async throws {
        try await Self.withStream { server, token, wire, stream, requests in
            let mallory = ["X-User: mallory"]
            let answer = try await Self.run(&requests, token, "1", "mutation { increment }", mallory)
            #expect(answer.status == 404 && server.stage.counts.counter == 0)
            try await requests.request("DELETE", "\(Self.path)?operationId=1", [Self.field(token)] + mallory)
            #expect(try await requests.answer().status == 404)
            let unopened = try await Self.reserve(&requests)
            try await requests.request("GET", Self.path, [Self.accept, Self.field(unopened)] + mallory)
            #expect(try await requests.answer().status == 404)
            _ = try await Self.run(&requests, token, "1", "{ hello }")
            #expect(try await stream.block(&wire) == Self.next("1", Self.hello))
        }
    }

    @Test func unusedReservationsEnd() async throws {
        try await TestServer.run(configure: {
            $0.eventStreams.reservationTimeout = .milliseconds(50)
            $0.eventStreams.reservations = 1
        }) { server in
            try await server.connect { wire in
                let token = try await Self.reserve(&wire)
                _ = try await Self.run(&wire, token, "1", #"subscription { topic(name: "a") }"#)
                try await wire.request("PUT", Self.path)
                let full = try await wire.answer()
                // Unless the first has ended already.
                #expect(full.status == 503 || full.status == 201)
                while !server.server.live.all.isEmpty { await Task.yield() }
                await server.stage.wait(untilActive: "a", is: 0)
                try await wire.request("GET", Self.path, [Self.accept, Self.field(token)])
                #expect(try await wire.answer().status == 404)
            }
        }
    }

    @Test func theServerEndsStreams() async throws {
        try await Self.withStream { server, token, wire, stream, requests in
            _ = try await Self.run(&requests, token, "1", #"subscription { topic(name: "a") }"#)
            await server.stage.wait(untilActive: "a", is: 1)
            let error = GraphQLError(message: "over", extensions: ["code": "TOKEN_EXPIRED"])
            server.server.live.end(ConnectionEnd(close: .forbidden, error: error))
            #expect(
                try await stream.rest(&wire) == [
                    Self.next("1", #"{"errors":[{"message":"over","extensions":{"code":"TOKEN_EXPIRED"}}]}"#),
                    Self.complete("1"),
                ])
            await server.stage.wait(untilActive: "a", is: 0)
            #expect(try await Self.run(&requests, token, "1", "{ hello }").status == 404)
        }
    }
}
