import GraphQLCore
import Testing

@testable import SubscriptionServer

/// Whole sockets over TCP, with the engine behind them.
@Suite(.timeLimit(.minutes(1))) struct SocketLifeTests {
    @Test func queryGivesNextThenComplete() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", "{ b: hello a: hello }")
                #expect(
                    try await wire.text() == #"{"id":"1","type":"next","payload":{"data":{"b":"world","a":"world"}}}"#)
                #expect(try await wire.text() == #"{"id":"1","type":"complete"}"#)
                #expect(try await wire.fence() == [])
            }
        }
    }

    @Test func mutationRunsOnce() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", "mutation { increment }")
                #expect(try await wire.text() == #"{"id":"1","type":"next","payload":{"data":{"increment":1}}}"#)
                #expect(try await wire.text() == #"{"id":"1","type":"complete"}"#)
            }
            #expect(server.stage.counts.counter == 1)
        }
    }

    @Test func subscriptionGivesItsEventsThenComplete() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"subscription { t: topic(name: "a") }"#)
                await server.stage.wait(untilActive: "a", is: 1)
                for number in 0..<1000 {
                    server.stage.publish("a", .string("\(number)"))
                }
                for number in 0..<1000 {
                    #expect(try await wire.text() == #"{"id":"1","type":"next","payload":{"data":{"t":"\#(number)"}}}"#)
                }
                server.stage.finish("a")
                #expect(try await wire.text() == #"{"id":"1","type":"complete"}"#)
                // A source that has ended is released all the same.
                await server.stage.wait(untilActive: "a", is: 0)
                #expect(try await wire.fence() == [])
            }
        }
    }

    @Test func emptySourceGivesOnlyComplete() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", "subscription { empty }")
                #expect(try await wire.text() == #"{"id":"1","type":"complete"}"#)
                #expect(try await wire.fence() == [])
            }
        }
    }

    @Test(arguments: [
        ("{ doesNotExist }", "Cannot query field"), ("{", "Syntax Error"), ("", "Syntax Error"),
        ("query($s: String!) { echo(text: $s) }", "$s"), ("fragment F on Query { hello }", "F"),
        ("query A { hello } query B { hello }", "operation"),
        ("subscription { throwsAtStart }", "no source"), ("subscription { throwsOpening }", "Internal server error"),
        (#"subscription { a: topic(name: "a") b: topic(name: "a") }"#, "one"),
    ])
    func requestErrorsEndTheOperationOnly(query: String, message: String) async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", query)
                let error = try JSONReader.read(try await wire.text())
                #expect(error["id"] == "1")
                #expect(error["type"] == "error")
                #expect(error["payload"]?[0]?["message"]?.stringValue?.contains(message) == true, "\(error.text)")
                #expect(try await wire.fence() == [])
                try await wire.subscribe("1", "{ hello }")
                #expect(try await wire.text() == #"{"id":"1","type":"next","payload":{"data":{"hello":"world"}}}"#)
            }
        }
    }

    @Test func fieldErrorsComeInNext() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", "{ boom hello }")
                let next = try JSONReader.read(try await wire.text())
                #expect(next["type"] == "next")
                #expect(next["payload"]?["data"] == ["boom": nil, "hello": "world"])
                #expect(next["payload"]?["errors"]?[0]?["message"] == "Internal server error")
                #expect(next["payload"]?["errors"]?[0]?["path"] == ["boom"])
                #expect(try await wire.text() == #"{"id":"1","type":"complete"}"#)
            }
        }
    }

    @Test func aSourceThatBreaksEndsItsOperationOnly() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.send(
                    Wire.subscribe("a", #"subscription { topic(name: "a") }"#),
                    Wire.subscribe("b", #"subscription { topic(name: "b") }"#))
                await server.stage.wait { $0.active == ["a": 1, "b": 1] }
                server.stage.publish("a", .string("x"))
                #expect(try await wire.text() == #"{"id":"a","type":"next","payload":{"data":{"topic":"x"}}}"#)
                server.stage.fail("a", TestFailure())
                #expect(
                    try await wire.text()
                        == #"{"id":"a","type":"error","payload":[{"message":"Internal server error"}]}"#)
                server.stage.publish("b", .string("y"))
                #expect(try await wire.text() == #"{"id":"b","type":"next","payload":{"data":{"topic":"y"}}}"#)
                #expect(try await wire.fence() == [])
            }
        }
    }

    @Test func slowOperationsBlockNothing() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("slow", #"{ held(name: "x") }"#)
                await server.stage.wait { $0.held["x"] == 1 }
                #expect(try await wire.fence() == [])
                try await wire.subscribe("fast", "{ hello }")
                #expect(try await wire.text() == #"{"id":"fast","type":"next","payload":{"data":{"hello":"world"}}}"#)
                #expect(try await wire.text() == #"{"id":"fast","type":"complete"}"#)
                server.stage.release("x")
                #expect(try await wire.text() == #"{"id":"slow","type":"next","payload":{"data":{"held":"held"}}}"#)
            }
        }
    }

    // MARK: Ids

    @Test func duplicatesInOneWriteCloseAndStopBoth() async throws {
        try await TestServer.run { server in
            let line = try await server.ready { wire in
                try await wire.send(
                    Wire.subscribe("1", #"subscription { topic(name: "a") }"#),
                    Wire.subscribe("1", #"subscription { topic(name: "a") }"#))
                return try await wire.closeLine()
            }
            #expect(line == "4409 Subscriber for 1 already exists")
            await server.stage.wait(untilActive: "a", is: 0)
        }
    }

    @Test func aReusedIDGetsNothingOfTheOldOperation() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"{ a: held(name: "x") }"#)
                await server.stage.wait { $0.held["x"] == 1 }
                try await wire.send(
                    #"{"id":"1","type":"complete"}"#, Wire.subscribe("1", #"subscription { b: topic(name: "b") }"#))
                await server.stage.wait(untilActive: "b", is: 1)
                server.stage.release("x")
                server.stage.publish("b", .string("new"))
                #expect(try await wire.text() == #"{"id":"1","type":"next","payload":{"data":{"b":"new"}}}"#)
                #expect(try await wire.fence() == [])
            }
        }
    }

    // MARK: Ends

    @Test func clientCompleteReleasesASilentSource() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"subscription { topic(name: "a") }"#)
                await server.stage.wait(untilActive: "a", is: 1)
                try await wire.complete("1")
                await server.stage.wait(untilActive: "a", is: 0)
                server.stage.publish("a", .string("late"))
                #expect(try await wire.fence() == [])
            }
        }
    }

    @Test func clientCompleteCancelsAQuery() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"{ held(name: "x") }"#)
                await server.stage.wait { $0.held["x"] == 1 }
                try await wire.complete("1")
                await server.stage.wait { ($0.held["x"] ?? 0) == 0 }
                #expect(try await wire.fence() == [])
            }
        }
    }

    /// How a client can leave.
    enum Leaving: CaseIterable {
        case close, finish, reset
    }

    @Test(arguments: Leaving.allCases)
    func leavingReleasesSilentSources(leaving: Leaving) async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                for id in 0..<3 {
                    try await wire.subscribe("\(id)", #"subscription { topic(name: "a") }"#)
                }
                await server.stage.wait(untilActive: "a", is: 3)
                switch leaving {
                case .close: try await wire.send(ClientFrame(close: 1000))
                case .finish: wire.finish()
                case .reset: try await wire.reset()
                }
                await server.stage.wait(untilActive: "a", is: 0)
            }
            #expect(server.metrics.openSources == 0)
        }
    }

    @Test(arguments: ["heldResolver", "heldOpening"])
    func aSourceThatComesTooLateIsReleased(field: String) async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"subscription { \#(field)(name: "a") }"#)
                await server.stage.wait { $0.held["a"] == 1 }
                try await wire.send(ClientFrame(close: 1000))
                _ = await wire.rest()
            }
            server.stage.release("a")
            if field == "heldOpening" {
                await server.stage.wait { $0.opened == 2 }
            }
            await server.stage.wait(untilActive: "a", is: 0)
            #expect(server.metrics.openSources == 0)
        }
    }

    @Test func clientCompleteWhilePreparingWins() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.subscribe("1", #"subscription { heldOpening(name: "a") }"#)
                await server.stage.wait { $0.held["a"] == 1 }
                try await wire.complete("1")
                _ = try await wire.fence()
                server.stage.release("a")
                await server.stage.wait { $0.opened == 2 }
                await server.stage.wait(untilActive: "a", is: 0)
                #expect(try await wire.fence() == [])
            }
        }
    }
}
