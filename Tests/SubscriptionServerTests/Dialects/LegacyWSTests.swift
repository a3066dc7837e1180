import GraphQLCore
import NIOCore
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// The legacy dialect over TCP.
@Suite(.timeLimit(.minutes(1))) struct LegacyWSTests {
    private static func initialise(token: String) -> String {
        #"{"type":"connection_init","payload":{"token":"\#(token)"}}"#
    }
    private static func stop(_ id: String) -> String { JSONValue.object(["id": .string(id), "type": "stop"]).text }
    private static func complete(_ id: String) -> String {
        JSONValue.object(["id": .string(id), "type": "complete"]).text
    }
    private static func data(_ id: String, _ data: String) -> String {
        #"{"id":\#(JSONValue.string(id).text),"type":"data","payload":{"data":\#(data)}}"#
    }
    private static let hello = #"{"hello":"world"}"#
    private static let initialise = #"{"type":"connection_init"}"#
    private static let ack = #"{"type":"connection_ack"}"#
    private static let ka = #"{"type":"ka"}"#

    // MARK: Handshake

    @Test(arguments: [
        ("/graphql", "graphql-ws", "graphql-ws"), ("/graphql/ws", "graphql-ws", "graphql-ws"),
        ("/graphql", "graphql-ws, graphql-transport-ws", "graphql-ws"),
        ("/graphql/ws", "foo, graphql-transport-ws, graphql-ws", "graphql-transport-ws"),
        ("/graphql/ws", "graphql-transport-ws", "graphql-transport-ws"),
    ])
    func selectsAndSpeaksTheFirstKnownSubprotocol(path: String, offer: String, selected: String) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                let head = try await wire.upgrade(path, offering: offer)
                #expect(head.contains("Sec-WebSocket-Protocol: \(selected)\r\n") || head.hasSuffix(selected))
                try await wire.send(Self.initialise)
                #expect(try await wire.text() == Self.ack)
                if selected == "graphql-ws" {
                    #expect(try await wire.text() == Self.ka)
                    try await wire.send(Wire.start("1", "{ hello }"))
                    #expect(try await wire.text() == Self.data("1", Self.hello))
                } else {
                    try await wire.send(Wire.subscribe("1", "{ hello }"))
                    #expect(try await wire.text() == #"{"id":"1","type":"next","payload":{"data":{"hello":"world"}}}"#)
                }
                #expect(try await wire.text() == Self.complete("1"))
            }
        }
    }

    @Test(arguments: ["graphql-subscriptions", "foo", nil])
    func unknownSubprotocolsAreClosed(offer: String?) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                let head = try await wire.upgrade("/graphql/ws", offering: offer)
                #expect(!head.contains("Sec-WebSocket-Protocol"))
                #expect(try await wire.closeLine() == "4406 Subprotocol not acceptable")
            }
        }
    }

    @Test func thePathOfSocketsTakesNothingElse() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write(Wire.head(["GET /graphql/ws HTTP/1.1", "Host: test"]))
                let head = try await wire.head()
                #expect(head.hasPrefix("HTTP/1.1 426 "))
                #expect(head.contains("Upgrade: websocket"))
            }
        }
    }

    // MARK: Initialisation

    @Test func anAcknowledgementMayCarryAPayload() async throws {
        try await TestServer.run { server in
            try await server.openLegacy { wire in
                try await wire.send(#"{"id":1,"type":"connection_init","payload":{"ack":{"a":1}}}"#)
                #expect(try await wire.text() == #"{"type":"connection_ack","payload":{"a":1}}"#)
                #expect(try await wire.text() == Self.ka)
            }
        }
    }

    @Test(arguments: [
        ("deny", "Forbidden", "4403 Forbidden"), ("crash", "Internal server error", "4500 Internal server error"),
    ])
    func refusalsAreToldThenClosed(token: String, message: String, close: String) async throws {
        try await TestServer.run { server in
            try await server.openLegacy { wire in
                try await wire.send(Self.initialise(token: token), Wire.start("1", "mutation { increment }"))
                #expect(
                    try await wire.text() == #"{"type":"connection_error","payload":{"message":"\#(message)"}}"#)
                #expect(try await wire.closeLine() == close)
            }
            #expect(server.stage.counts.counter == 0)
        }
    }

    @Test func operationsWithoutInitAreRefused() async throws {
        try await TestServer.run { server in
            try await server.openLegacy { wire in
                try await wire.send(Wire.start("1", "mutation { increment }"))
                #expect(
                    try await wire.text()
                        == #"{"id":"1","type":"error","payload":{"message":"connection_init has to come first"}}"#)
                try await wire.send(Self.initialise)
                #expect(try await wire.text() == Self.ack)
            }
            #expect(server.stage.counts.counter == 0)
        }
    }

    @Test func operationsBehindInitWaitForTheDecision() async throws {
        try await TestServer.run { server in
            try await server.openLegacy { wire in
                try await wire.send(Self.initialise(token: "slow"), Wire.start("1", "{ hello }"), "HI")
                await server.stage.wait { $0.held["init"] == 1 }
                server.stage.release("init")
                var messages: [String] = []
                for _ in 0..<5 { messages.append(try await wire.text()) }
                #expect(
                    messages == [
                        Self.ack, Self.ka,
                        #"{"type":"connection_error","payload":{"message":"Unexpected 'H' in JSON text at byte 0"}}"#,
                        Self.data("1", Self.hello), Self.complete("1"),
                    ])
            }
        }
    }

    @Test func aDecisionIsDroppedWithTheSocket() async throws {
        try await TestServer.run { server in
            try await server.openLegacy { wire in
                try await wire.send(Self.initialise(token: "slow"), #"{"type":"connection_terminate"}"#)
                #expect(try await wire.closeLine() == "1000 Terminated")
            }
            await server.stage.wait { ($0.held["init"] ?? 0) == 0 }
        }
    }

    // MARK: Operations

    @Test func queriesAndMutationsGiveOneResult() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                for id in ["1", "é", "{\"}", "__proto__", "toString"] {
                    try await wire.send(Wire.start(id, "{ hello }"))
                    #expect(try await wire.text() == Self.data(id, Self.hello))
                    #expect(try await wire.text() == Self.complete(id))
                }
                try await wire.send(Wire.start("m", "mutation { increment }"))
                #expect(try await wire.text() == Self.data("m", #"{"increment":1}"#))
                #expect(try await wire.text() == Self.complete("m"))
                try await wire.send(
                    Wire.start("v", "query A { hello } query B($t: String!) { echo(text: $t) }", ["t": "x"]))
                #expect(try await wire.text().contains(#""type":"error""#))
            }
        }
    }

    @Test func variablesAndOperationNamesAreHonoured() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                try await wire.send(
                    #"""
                    {"id":"1","type":"start","payload":{"query":"query A { hello } query B($t: String!) { echo(text: $t) }",
                    "operationName":"B","variables":{"t":"x"}}}
                    """#)
                #expect(try await wire.text() == Self.data("1", #"{"echo":"x"}"#))
                #expect(try await wire.text() == Self.complete("1"))
                try await wire.send(
                    #"{"id":"2","type":"start","payload":{"query":"{ hello }","operationName":null,"variables":null}}"#)
                #expect(try await wire.text() == Self.data("2", Self.hello))
            }
        }
    }

    @Test func aSubscriptionGivesItsEventsThenComplete() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                try await wire.send(Wire.start("1", #"subscription { topic(name: "a") }"#))
                await server.stage.wait(untilActive: "a", is: 1)
                for number in 0..<200 { server.stage.publish("a", .string("\(number)")) }
                server.stage.finish("a")
                for number in 0..<200 {
                    #expect(try await wire.text() == Self.data("1", #"{"topic":"\#(number)"}"#))
                }
                #expect(try await wire.text() == Self.complete("1"))
            }
        }
    }

    @Test func fieldErrorsComeInData() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                try await wire.send(Wire.start("1", "{ boom hello }"))
                let data = try await wire.text()
                #expect(data.hasPrefix(#"{"id":"1","type":"data","payload":{"errors":[{"message":"#))
                #expect(data.contains(#""data":{"boom":null,"hello":"world"}"#))
                #expect(try await wire.text() == Self.complete("1"))
            }
        }
    }

    @Test(arguments: [
        ("{", "Syntax Error"), ("{ doesNotExist }", "Cannot query field"),
        (#"subscription { a: topic(name: "a") b: topic(name: "b") }"#, "must select only one"),
        ("query($s: String!) { echo(text: $s) }", "$s"), ("subscription { throwsAtStart }", "no source"),
        ("subscription { throwsOpening }", "Internal server error"),
    ])
    func requestErrorsAreOneObjectAndEndTheOperationOnly(query: String, part: String) async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                try await wire.send(Wire.start("1", query))
                let error = try JSONReader.read(try await wire.text())
                #expect(error["type"] == "error")
                #expect(error["id"] == "1")
                let message = try #require(error["payload"]?.objectValue?["message"]?.stringValue)
                #expect(message.contains(part))
                // The id is free, and no complete came between.
                try await wire.send(Wire.start("1", "{ hello }"))
                #expect(try await wire.text() == Self.data("1", Self.hello))
            }
        }
    }

    @Test func aSourceThatBreaksEndsItsOperationOnly() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                try await wire.send(Wire.start("1", #"subscription { topic(name: "a") }"#))
                try await wire.send(Wire.start("2", #"subscription { topic(name: "b") }"#))
                await server.stage.wait { $0.active["a"] == 1 && $0.active["b"] == 1 }
                server.stage.fail("a", GraphQLError(message: "broken"))
                #expect(try await wire.text() == #"{"id":"1","type":"error","payload":{"message":"broken"}}"#)
                server.stage.publish("b", .string("x"))
                #expect(try await wire.text() == Self.data("2", #"{"topic":"x"}"#))
            }
        }
    }

    // MARK: Stopping

    @Test func stopReleasesASilentSourceAndIsAnsweredOnce() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                for id in ["1", "2"] {
                    try await wire.send(Wire.start(id, #"subscription { topic(name: "\#(id)") }"#))
                }
                await server.stage.wait { $0.active["1"] == 1 && $0.active["2"] == 1 }
                try await wire.send(Self.stop("1"), Self.stop("1"), Self.stop("zzz"), Self.stop("__proto__"))
                #expect(try await wire.text() == Self.complete("1"))
                await server.stage.wait(untilActive: "1", is: 0)
                server.stage.publish("2", .string("x"))
                #expect(try await wire.text() == Self.data("2", #"{"topic":"x"}"#))
                try await wire.send(Self.stop("2"))
                #expect(try await wire.text() == Self.complete("2"))
                await server.stage.wait(untilActive: "2", is: 0)
            }
        }
    }

    @Test func stopIsNotDelayedByASlowQueryAndCancelsOne() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                try await wire.send(Wire.start("1", #"{ held(name: "q") }"#), Wire.start("2", "{ hello }"))
                #expect(try await wire.text() == Self.data("2", Self.hello))
                #expect(try await wire.text() == Self.complete("2"))
                await server.stage.wait { $0.held["q"] == 1 }
                try await wire.send(Self.stop("1"))
                #expect(try await wire.text() == Self.complete("1"))
                await server.stage.wait { ($0.held["q"] ?? 0) == 0 }
            }
        }
    }

    @Test func anIDInUseNamesTheNewestOperation() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                try await wire.send(Wire.start("1", #"subscription { topic(name: "a") }"#))
                await server.stage.wait(untilActive: "a", is: 1)
                try await wire.send(Wire.start("1", #"subscription { topic(name: "b") }"#))
                await server.stage.wait { ($0.active["a"] ?? 0) == 0 && $0.active["b"] == 1 }
                server.stage.publish("b", .string("x"))
                #expect(try await wire.text() == Self.data("1", #"{"topic":"x"}"#))
                try await wire.send(Self.stop("1"))
                #expect(try await wire.text() == Self.complete("1"))
                await server.stage.wait(untilActive: "b", is: 0)
            }
        }
    }

    // MARK: Ending

    enum Leaving: CaseIterable { case terminate, close, finish, reset }

    @Test(arguments: Leaving.allCases)
    func leavingReleasesSilentSources(leaving: Leaving) async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                for id in ["1", "2", "3"] {
                    try await wire.send(Wire.start(id, #"subscription { topic(name: "a") }"#))
                }
                await server.stage.wait(untilActive: "a", is: 3)
                switch leaving {
                case .terminate:
                    try await wire.send(#"{"type":"connection_terminate"}"#)
                    #expect(try await wire.closeLine() == "1000 Terminated")
                case .close: try await wire.send(ClientFrame(close: 1000))
                case .finish: wire.finish()
                case .reset: try await wire.reset()
                }
                await server.stage.wait(untilActive: "a", is: 0)
            }
        }
    }

    // MARK: Mistakes

    @Test(arguments: [
        ("HI", "Unexpected 'H' in JSON text at byte 0"), ("null", "A message is a JSON object"),
        (#"{"type":"ping"}"#, "ping belongs to the subprotocol graphql-transport-ws, and graphql-ws was selected"),
        (#"{"id":1,"type":"start"}"#, "start has an id, which is a string that is not empty"),
    ])
    func mistakesAreAnsweredAndKeepTheSocket(text: String, message: String) async throws {
        try await TestServer.run { server in
            try await server.openLegacy { wire in
                try await wire.send(text)
                #expect(
                    try await wire.text() == #"{"type":"connection_error","payload":{"message":"\#(message)"}}"#)
                try await wire.send(Self.initialise, Wire.start("1", "{ hello }"))
                #expect(try await wire.text() == Self.ack)
                #expect(try await wire.text() == Self.ka)
                #expect(try await wire.text() == Self.data("1", Self.hello))
            }
        }
    }

    /// What a client gets that names the legacy subprotocol and speaks the other one.
    @Test func theOtherDialectIsToldWhichIsWhich() async throws {
        try await TestServer.run { server in
            try await server.readyLegacy { wire in
                try await wire.send(Wire.subscribe("1", "mutation { increment }"))
                #expect(
                    try await wire.text()
                        == #"{"id":"1","type":"error","payload":{"message":"subscribe belongs to the subprotocol "#
                        + #"graphql-transport-ws, and graphql-ws was selected, where start begins an operation"}}"#)
                try await wire.send(Wire.start("1", "{ counter }"))
                #expect(try await wire.text() == Self.data("1", #"{"counter":0}"#))
            }
        }
    }

    @Test func binaryMessagesCloseTheSocket() async throws {
        try await TestServer.run { server in
            try await server.openLegacy { wire in
                try await wire.send(ClientFrame(2, Array(Self.initialise.utf8)))
                #expect(try await wire.closeLine() == "1003 Only text messages are read")
            }
        }
    }

    @Test func fragmentedMessagesAreJoined() async throws {
        try await TestServer.run { server in
            try await server.openLegacy { wire in
                let bytes = Array(Self.initialise.utf8)
                try await wire.send(
                    ClientFrame(1, Array(bytes[..<5])).with { $0.isFinal = false },
                    ClientFrame(0, Array(bytes[5..<9])).with { $0.isFinal = false }, ClientFrame(0, Array(bytes[9...])))
                #expect(try await wire.text() == Self.ack)
            }
        }
    }
}
