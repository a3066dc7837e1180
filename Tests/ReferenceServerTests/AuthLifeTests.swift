import Foundation
import TestSupport
import Testing

/// What becomes of connections whose token ends or is revoked, and of pages, on a real server.
@Suite("Reference server with tokens that end", .timeLimit(.minutes(2)))
struct AuthLifeTests {
    private let folder: AuthTests.Folder
    private let secret: String

    init() throws {
        self.folder = try AuthTests.Folder()
        self.secret = try self.folder.write("correct horse battery staple 0001\n", to: "secret")
    }

    private func token(_ arguments: String...) throws -> String {
        try ServerProcess.run(
            ["token", "--secret-file", self.secret, "--sub", "ada", "--tenant", "acme"] + arguments
        ).output
    }

    private func start(_ arguments: String...) async throws -> ServerProcess {
        try await ServerProcess.start(
            ["--bus", "memory", "--test-mode", "--jwt-secret-file", self.secret, "--jwt-leeway", "0s"] + arguments)
    }

    private func silent(_ server: ServerProcess, _ token: String, dialect: String = "graphql-transport-ws") throws
        -> RawWebSocket
    {
        let socket = try RawWebSocket(port: server.port, subprotocol: dialect)
        try socket.send(#"{"type":"connection_init","payload":{"token":"\#(token)"}}"#)
        #expect(try socket.receive() == .text(#"{"type":"connection_ack"}"#))
        let type = dialect == "graphql-ws" ? "start" : "subscribe"
        try socket.send(#"{"id":"1","type":"\#(type)","payload":{"query":"subscription { silent }"}}"#)
        return socket
    }

    /// The messages up to the end, keep-alives left out.
    private func rest(_ socket: RawWebSocket) throws -> [RawWebSocket.Message] {
        var messages: [RawWebSocket.Message] = []
        while true {
            let message = try socket.receive()
            if message == .end { return messages }
            if message != .text(#"{"type":"ka"}"#) { messages.append(message) }
            if case .close = message { return messages }
        }
    }

    @Test("A silent subscription ends when its token does", arguments: ["graphql-transport-ws", "graphql-ws"])
    func close(dialect: String) async throws {
        let server = try await self.start()
        let socket = try self.silent(server, self.token("--expires-in", "1s"), dialect: dialect)
        #expect(try self.rest(socket) == [.close(code: 4403, reason: "Token expired")])
        let again = try RawWebSocket(port: server.port)
        try again.initialise(payload: #"{"token":"\#(self.token())"}"#)
    }

    @Test("With end-operations each operation is ended before", arguments: ["graphql-transport-ws", "graphql-ws"])
    func endOperations(dialect: String) async throws {
        let server = try await self.start("--token-expiry", "end-operations")
        let socket = try self.silent(server, self.token("--expires-in", "1s"), dialect: dialect)
        let messages = try self.rest(socket)
        #expect(messages.last == .close(code: 4403, reason: "Token expired"))
        guard case .text(let error)? = messages.first else {
            Issue.record("no error: \(messages)")
            return
        }
        #expect(error.contains(#""type":"error""#))
        #expect(error.contains(#""code":"TOKEN_EXPIRED""#))
        #expect(messages.count == 2)
    }

    @Test("An event stream ends with the error and complete")
    func stream() async throws {
        let server = try await self.start()
        let token = try self.token("--expires-in", "1s")
        let answer = try RawHTTP.exchange(
            "POST", "/graphql/stream", port: server.port,
            fields: ["Authorization: Bearer \(token)", "Accept: text/event-stream"],
            body: #"{"query":"subscription { silent }"}"#)
        #expect(answer.status == 200)
        #expect(answer.body.contains("event: next"))
        #expect(answer.body.contains("TOKEN_EXPIRED"))
        #expect(answer.body.contains("event: complete"))
    }

    @Test("Mutants for the end of tokens do what they say")
    func mutants() async throws {
        for mutant in ["expiry-not-enforced-midstream", "expiry-only-at-next-event"] {
            let server = try await self.start("--mutant", mutant)
            let token = try self.token("--expires-in", "1s")
            let socket = try RawWebSocket(port: server.port)
            try socket.initialise(payload: #"{"token":"\#(token)"}"#)
            try socket.send(
                #"{"id":"1","type":"subscribe","payload":{"query":"subscription { count(to: 2, ms: 2500) }"}}"#)
            let first = try socket.receive()
            if mutant == "expiry-only-at-next-event" {
                #expect(first == .close(code: 4403, reason: "Token expired"))
            } else {
                #expect(first == .text(#"{"id":"1","type":"next","payload":{"data":{"count":1}}}"#))
            }
        }
        let server = try await self.start("--mutant", "expiry-closes-1000")
        let socket = try self.silent(server, self.token("--expires-in", "1s"))
        #expect(try self.rest(socket) == [.close(code: 1000, reason: "")])
    }

    @Test(
        "A revocation ends connections on every server, and keeps newcomers out",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func revocation() async throws {
        let redis = try await RedisServer.start()
        let url = "redis://127.0.0.1:\(redis.port)"
        let arguments = ["--redis-url", url, "--test-mode", "--jwt-secret-file", self.secret]
        let servers = [try await ServerProcess.start(arguments), try await ServerProcess.start(arguments)]
        for server in servers { try await eventually("ready") { try server.readiness() == 200 } }
        try await eventually("both listen") { try redis.subscriberCount(of: "revocations") == 2 }
        let (mine, bobs) = (try self.token("--jti", "one"), try self.token("--jti", "two"))
        // A server that has not read its book yet says so; clients come again.
        func open(_ server: ServerProcess, _ token: String) async throws -> RawWebSocket {
            try await eventually("admitted") { () -> Bool in
                let socket = try RawWebSocket(port: server.port)
                try socket.send(#"{"type":"connection_init","payload":{"token":"\#(token)"}}"#)
                return try socket.receive() == .text(#"{"type":"connection_ack"}"#)
            }
            return try self.silent(server, token)
        }
        var sockets: [RawWebSocket] = []
        for server in servers { sockets.append(try await open(server, mine)) }
        let other = try await open(servers[0], bobs)
        let (status, output, _) = try ServerProcess.run(["revoke", "--jti", "one", "--redis-url", url])
        #expect(status == 0)
        #expect(output == "revoked, told 2 servers")
        for socket in sockets {
            #expect(try self.rest(socket) == [.close(code: 4403, reason: "Token revoked")])
        }
        let refused = try RawWebSocket(port: servers[1].port)
        try refused.send(#"{"type":"connection_init","payload":{"token":"\#(mine)"}}"#)
        #expect(try refused.receive() == .close(code: 4403, reason: "Forbidden"))
        // The other connection has noticed nothing.
        try other.send(#"{"id":"2","type":"subscribe","payload":{"query":"{ hello }"}}"#)
        #expect(try other.receive() == .text(#"{"id":"2","type":"next","payload":{"data":{"hello":"world"}}}"#))
        #expect(try redis.command("SMEMBERS", "revoked_tokens") == "one")

        // What is revoked while a server cannot hear it is learnt when it can again.
        let held = try await open(servers[0], bobs)
        try redis.command("SADD", "revoked_users", "acme:ada")
        try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        #expect(try self.rest(held) == [.close(code: 4403, reason: "Token revoked")])
        redis.kill()
    }

    @Test("Targets are logged without their tokens")
    func logging() async throws {
        let server = try await ServerProcess.start(
            ["--bus", "memory", "--test-mode", "--jwt-secret-file", self.secret, "--log-level", "trace"])
        let token = try self.token()
        try await eventually("admitted") {
            let socket = try RawWebSocket(port: server.port, path: "/graphql?token=\(token)")
            try socket.send(#"{"type":"connection_init"}"#)
            return try socket.receive() == .text(#"{"type":"connection_ack"}"#)
        }
        _ = try RawHTTP.exchange("GET", "/graphql?query=%7Bhello%7D&token=\(token)", port: server.port)
        try await eventually("logged") { server.log.contains("Socket opened") }
        #expect(server.log.contains("/graphql?"))
        #expect(!server.log.contains(token))
    }
}
