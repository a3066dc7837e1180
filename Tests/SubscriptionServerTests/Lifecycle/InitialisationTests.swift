import GraphQLCore
import NIOCore
import Testing

@testable import SubscriptionServer

/// Initialisation, pings and invalid messages over TCP.
@Suite(.timeLimit(.minutes(1))) struct InitialisationTests {
    private static let initialise = #"{"type":"connection_init"}"#
    private static func initialise(token: String) -> String {
        #"{"type":"connection_init","payload":{"token":"\#(token)"}}"#
    }

    @Test func ackMayCarryAPayload() async throws {
        try await TestServer.run { server in
            try await server.open { wire in
                try await wire.send(#"{"type":"connection_init","payload":{"ack":{"a":1}}}"#)
                #expect(try await wire.text() == #"{"type":"connection_ack","payload":{"a":1}}"#)
            }
        }
    }

    @Test(arguments: [
        (["deny"], "4403 Forbidden"), (["crash"], "4500 Internal server error"),
        (["slow", "slow"], "4429 Too many initialisation requests"),
        (["none", "none"], "4429 Too many initialisation requests"),
    ])
    func closes(tokens: [String], line: String) async throws {
        try await TestServer.run { server in
            try await server.open { wire in
                try await wire.write(tokens.flatMap { ClientFrame(text: Self.initialise(token: $0)).bytes })
                if tokens.first == "none", let frame = try await wire.frame() {
                    // An acknowledgement may have been quicker than the second init.
                    guard frame.opcode == 8 else {
                        #expect(frame.text == #"{"type":"connection_ack"}"#)
                        #expect(try await wire.closeLine() == line)
                        return
                    }
                    #expect(frame.payload.dropFirst(2) == Array(line.utf8.dropFirst(5))[...])
                } else {
                    #expect(try await wire.closeLine() == line)
                }
            }
        }
    }

    @Test(arguments: ["slow", "deny"])
    func operationsBeforeTheAckHaveNoEffect(token: String) async throws {
        try await TestServer.run { server in
            try await server.open { wire in
                try await wire.send(Self.initialise(token: token), Wire.subscribe("1", "mutation { increment }"))
                #expect(try await wire.closeLine() == "4401 Unauthorized")
            }
            #expect(server.stage.counts.counter == 0)
        }
    }

    @Test func theDecisionIsDroppedWithTheSocket() async throws {
        try await TestServer.run { server in
            try await server.open { wire in
                try await wire.send(Self.initialise(token: "slow"))
                await server.stage.wait { $0.held["init"] == 1 }
                try await wire.reset()
            }
            await server.stage.wait { ($0.held["init"] ?? 0) == 0 }
        }
    }

    @Test func initialisationIsPerSocket() async throws {
        try await TestServer.run { server in
            try await server.ready { _ in
                try await server.ready { _ in }
                try await server.ready { _ in }
            }
        }
    }

    @Test func invalidMessagesCloseAtOnceAndStopOperations() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"subscription { topic(name: "a") }"#)
                await server.stage.wait(untilActive: "a", is: 1)
                try await wire.send(#"{"type":"nope"}"#, Wire.subscribe("2", "mutation { increment }"))
                #expect(try await wire.closeLine() == "4400 Invalid message received")
                await server.stage.wait(untilActive: "a", is: 0)
            }
            #expect(server.stage.counts.counter == 0)
        }
    }

    @Test(arguments: ["HI", "", "[]", #"[{"type":"ping"}]"#, #"{"type":"next","id":"1","payload":{}}"#, "{\"a\":1}{}"])
    func invalidText(text: String) async throws {
        try await TestServer.run { server in
            try await server.open { wire in
                try await wire.send(text)
                #expect(try await wire.closeLine() == "4400 Invalid message received")
            }
        }
    }

    @Test func binaryIsAnInvalidMessage() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.send(ClientFrame(2, Array(#"{"type":"ping"}"#.utf8)))
                #expect(try await wire.closeLine() == "4400 Invalid message received")
            }
        }
    }

    @Test func pingsAreAnsweredEachOnceAndEchoTheirPayload() async throws {
        try await TestServer.run { server in
            try await server.open { wire in
                for number in 0..<50 {
                    try await wire.send(#"{"type":"ping","payload":{"n":\#(number)}}"#)
                }
                for number in 0..<50 {
                    #expect(try await wire.text() == #"{"type":"pong","payload":{"n":\#(number)}}"#)
                }
                try await wire.send(#"{"type":"pong"}"#, #"{"type":"ping","payload":null}"#)
                #expect(try await wire.text() == #"{"type":"pong"}"#)
            }
        }
    }

    @Test func fragmentedInitWithAPingBetween() async throws {
        try await TestServer.run { server in
            try await server.open { wire in
                let bytes = Array(Self.initialise.utf8)
                try await wire.send(
                    ClientFrame(1, Array(bytes[..<5])).with { $0.isFinal = false },
                    ClientFrame(0, Array(bytes[5..<9])).with { $0.isFinal = false }, ClientFrame(9, [1, 2]))
                #expect(try await wire.frame() == Wire.Frame(opcode: 10, payload: [1, 2]))
                try await wire.send(ClientFrame(0, Array(bytes[9...])))
                #expect(try await wire.text() == #"{"type":"connection_ack"}"#)
            }
        }
    }
}
