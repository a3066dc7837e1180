import TestSupport
import Testing

@Suite("Life of the reference server", .timeLimit(.minutes(2)))
struct LifeTests {
    @Test("SIGTERM closes sockets with 1001 and ends with 0")
    func terminates() async throws {
        let server = try await ServerProcess.start(["--bus", "memory", "--test-mode"])
        let busy = try RawWebSocket(port: server.port)
        try busy.initialise()
        try busy.send(#"{"id":"1","type":"subscribe","payload":{"query":"subscription { silent }"}}"#)
        try await eventually("the stream is alive") {
            try RawHTTP.request("POST", "/graphql", port: server.port, body: #"{"query":"{ active }"}"#)
                .body.contains(#""active":1"#)
        }
        let idle = try RawWebSocket(port: server.port)
        server.terminate()
        #expect(try busy.receive() == .close(code: 1001, reason: "Going away"))
        #expect(try idle.receive() == .close(code: 1001, reason: "Going away"))
        try busy.close(1001)
        try idle.close(1001)
        #expect(try busy.receive() == .end)
        #expect(try await server.exitCode(within: .seconds(5)) == 0)
    }

    @Test("A peer that does not answer the close is cut at the deadline")
    func deadline() async throws {
        let server = try await ServerProcess.start(["--bus", "memory", "--shutdown-deadline", "300ms"])
        let deaf = try RawWebSocket(port: server.port)
        try deaf.initialise()
        server.terminate()
        #expect(try deaf.receive() == .close(code: 1001, reason: "Going away"))
        #expect(try await server.exitCode(within: .seconds(4)) == 0)
    }

    @Test("A second SIGTERM ends it at once")
    func terminatesAtOnce() async throws {
        let server = try await ServerProcess.start(["--bus", "memory", "--shutdown-deadline", "1h"])
        let deaf = try RawWebSocket(port: server.port)
        try deaf.initialise()
        server.terminate()
        #expect(try deaf.receive() == .close(code: 1001, reason: "Going away"))
        server.terminate()
        #expect(try await server.exitCode(within: .seconds(4)) == 143)
    }

    @Test("Init tokens are obeyed in test mode")
    func initTokens() async throws {
        let server = try await ServerProcess.start(["--bus", "memory", "--test-mode"])
        let denied = try RawWebSocket(port: server.port)
        try denied.send(#"{"type":"connection_init","payload":{"token":"deny"}}"#)
        #expect(try denied.receive() == .close(code: 4403, reason: "Forbidden"))
        try denied.close(4403)
        let crashed = try RawWebSocket(port: server.port)
        try crashed.send(#"{"type":"connection_init","payload":{"token":"crash"}}"#)
        guard case .close(code: 4500, let reason) = try crashed.receive() else {
            Issue.record("a crash does not close with 4500")
            return
        }
        #expect(!reason.contains("token"))
        try crashed.close(4500)
        let clock = ContinuousClock()
        let slow = try RawWebSocket(port: server.port)
        let duration = try clock.measure { try slow.initialise(payload: #"{"token":"slow"}"#) }
        #expect(duration >= .milliseconds(900))
        try slow.close()
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    @Test("Outside test mode there are no tokens and no fixture")
    func withoutTestMode() async throws {
        let server = try await ServerProcess.start(["--bus", "memory"])
        let socket = try RawWebSocket(port: server.port)
        try socket.initialise(payload: #"{"token":"deny"}"#)
        try socket.send(#"{"id":"1","type":"subscribe","payload":{"query":"{ hello }"}}"#)
        guard case .text(let answer) = try socket.receive() else {
            Issue.record("no answer")
            return
        }
        #expect(answer.contains(#""type":"error""#))
        #expect(!server.announcement.contains("test mode"))
        try socket.close()
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    @Test("Log lines are JSON objects if asked for")
    func logsJSON() async throws {
        let server = try await ServerProcess.start(["--bus", "memory", "--log-format", "json"])
        server.terminate()
        #expect(try await server.exitCode() == 0)
        let lines = server.log.split(separator: "\n")
        #expect(lines.count >= 2)
        #expect(
            lines.allSatisfy { $0.hasPrefix(#"{"time":"2"#) && $0.hasSuffix("}") && $0.contains(#""level":"info""#) })
    }
}
