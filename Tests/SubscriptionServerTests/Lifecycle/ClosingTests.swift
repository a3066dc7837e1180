import GraphQLCore
import NIOCore
import ServiceLifecycle
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// The ends of sockets, and of the server, over TCP.
@Suite(.timeLimit(.minutes(1))) struct ClosingTests {
    @Test(arguments: [1000, 1001, 3000, 4321] as [UInt16])
    func clientCloseIsEchoed(code: UInt16) async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.send(ClientFrame(close: code, "Bye"))
                #expect(try await wire.close().code == Int(code))
                #expect(try await wire.frame() == nil)
            }
        }
    }

    @Test func closeWithoutStatusIsEchoedWithoutStatus() async throws {
        try await TestServer.run { server in
            try await server.open { wire in
                try await wire.send(ClientFrame(8))
                #expect(try await wire.close().code == nil)
                #expect(try await wire.frame() == nil)
            }
        }
    }

    @Test func whatFollowsTheClientsCloseHasNoEffect() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                try await wire.send(
                    ClientFrame(close: 1000), ClientFrame(text: Wire.subscribe("1", "mutation { increment }")))
                #expect(try await wire.close().code == 1000)
                #expect(try await wire.frame() == nil)
            }
            #expect(server.stage.counts.counter == 0)
        }
    }

    @Test(arguments: [
        ("unmasked", ClientFrame(text: "x").with { $0.mask = nil }, 1002),
        ("reserved bits", ClientFrame(text: "x").with { $0.reserved = 4 }, 1002),
        ("reserved opcode", ClientFrame(3), 1002),
        ("invalid UTF-8", ClientFrame(1, [0xFF]), 1007),
        ("too big", ClientFrame(text: String(repeating: " ", count: 1001)), 1009),
        ("bad close code", ClientFrame(close: 1005), 1002),
    ])
    func violationsEndTheConnection(name: String, frame: ClientFrame, code: Int) async throws {
        try await TestServer.run(configure: { $0.limits.messageBytes = 1000 }) { server in
            try await server.ready { wire in
                try await wire.send(frame, ClientFrame(text: Wire.subscribe("1", "mutation { increment }")))
                #expect(try await wire.close().code == code)
                // Without waiting for an answer.
                #expect(try await wire.frame() == nil)
            }
            #expect(server.stage.counts.counter == 0)
        }
    }

    @Test func largeMessagesPassBothWays() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                let text = String(repeating: "x", count: 1 << 20)
                try await wire.subscribe("1", "query($t: String!) { echo(text: $t) }", variables: ["t": .string(text)])
                #expect(try await wire.text() == #"{"id":"1","type":"next","payload":{"data":{"echo":"\#(text)"}}}"#)
            }
        }
    }

    @Test(arguments: [String(repeating: "x", count: 300), String(repeating: "😀", count: 60)])
    func duplicateLongIDsCloseToo(id: String) async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                let message = Wire.subscribe(id, #"subscription { topic(name: "a") }"#)
                try await wire.send(message, message)
                let (code, reason) = try await wire.close()
                #expect(code == 4409)
                #expect(reason.hasPrefix("Subscriber for \(id.prefix(10))") && reason.utf8.count <= 123)
            }
        }
    }

    @Test func tcpEndsWithoutAnEcho() async throws {
        try await TestServer.run(configure: { $0.timeouts.closeEcho = .milliseconds(50) }) { server in
            try await server.open { wire in
                try await wire.send("HI")
                #expect(try await wire.close().code == 4400)
                #expect(await wire.rest() == [])
            }
        }
    }

    @Test func aClientThatDoesNotReadIsCutAndOthersAreServed() async throws {
        try await TestServer.run(configure: { $0.backPressure.deadline = .milliseconds(200) }) { server in
            try await server.ready { slow in
                try await server.ready { other in
                    try await slow.subscribe("1", #"subscription { topic(name: "flood") }"#)
                    await server.stage.wait(untilActive: "flood", is: 1)
                    try await slow.channel.setOption(.autoRead, value: false).get()
                    let value = ResolvedValue.string(String(repeating: "x", count: 100_000))
                    while server.metrics.cuts.values.isEmpty {
                        server.stage.publish("flood", value)
                        _ = try await other.fence()
                    }
                    await server.stage.wait(untilActive: "flood", is: 0)
                    #expect(server.metrics.cuts.values.map(\.label) == ["Slow consumer"])
                }
            }
        }
    }

    @Test func shutdownClosesSocketsAndCutsTheRest() async throws {
        try await TestServer.runGroup { server, group in
            try await server.ready { polite in
                try await server.ready { busy in
                    try await busy.subscribe("1", #"subscription { topic(name: "a") }"#)
                    await server.stage.wait(untilActive: "a", is: 1)
                    await group.triggerGracefulShutdown()
                    #expect(try await polite.closeLine() == "1001 Going away")
                    // No complete precedes the close, and a client that does not answer is cut.
                    #expect(try await busy.close() == (1001, "Going away"))
                    await server.stage.wait(untilActive: "a", is: 0)
                    #expect(await busy.rest() == [])
                }
            }
        }
    }

    @Test func theServerRefusesNewConnectionsWhileGoingDown() async throws {
        try await TestServer.runGroup { server, group in
            try await server.ready { wire in
                await group.triggerGracefulShutdown()
                let close = try await wire.close()
                #expect(close.code == 1001)
                await #expect(throws: (any Error).self) {
                    try await server.connect { _ in }
                }
            }
        }
    }
}
