import Foundation
import TestSupport
import Testing

/// What mutants do wrong about identities and revocations, beside a server that does it right.
@Suite("Mutants of identities and revocations on a real server", .timeLimit(.minutes(3)))
struct RevocationMutantTests {
    private let folder: AuthTests.Folder
    private let secret: String

    init() throws {
        self.folder = try AuthTests.Folder()
        self.secret = try self.folder.write("correct horse battery staple 0001\n", to: "secret")
    }

    private func token(_ user: String, _ arguments: String...) throws -> String {
        try ServerProcess.run(
            ["token", "--secret-file", self.secret, "--sub", user, "--tenant", "acme"] + arguments
        ).output.trimmingCharacters(in: .newlines)
    }

    /// A socket whose client was admitted.
    private func open(_ server: ServerProcess, _ token: String) throws -> RawWebSocket {
        let socket = try RawWebSocket(port: server.port)
        try socket.initialise(payload: #"{"token":"\#(token)"}"#)
        return socket
    }

    /// Whether the gate lets a newcomer with the token in.
    private func admits(_ server: ServerProcess, _ token: String) throws -> Bool {
        let socket = try RawWebSocket(port: server.port)
        try socket.send(#"{"type":"connection_init","payload":{"token":"\#(token)"}}"#)
        return try socket.receive() == .text(#"{"type":"connection_ack"}"#)
    }

    /// Whether an operation on the socket is still answered.
    private func answers(_ socket: RawWebSocket) throws -> Bool {
        try socket.send(#"{"id":"q","type":"subscribe","payload":{"query":"{ hello }"}}"#)
        return try socket.receive() == .text(#"{"id":"q","type":"next","payload":{"data":{"hello":"world"}}}"#)
    }

    /// A server on a Redis, once it has read its book of revocations and listens to changes.
    private func start(_ redis: RedisServer, mutant: String?) async throws -> ServerProcess {
        let server = try await ServerProcess.start(
            ["--redis-url", "redis://127.0.0.1:\(redis.port)", "--test-mode", "--jwt-secret-file", self.secret]
                + (mutant.map { ["--mutant", $0] } ?? []))
        try await eventually("ready") { try server.readiness() == 200 }
        try await eventually("it listens") { try redis.subscriberCount(of: "revocations") == 1 }
        return server
    }

    private func revoke(_ jti: String, _ redis: RedisServer) throws {
        let (status, _, errors) = try ServerProcess.run(
            ["revoke", "--jti", jti, "--redis-url", "redis://127.0.0.1:\(redis.port)"])
        #expect(status == 0, "\(errors)")
    }

    @Test("A client is let in as itself, and not as the one before it", arguments: [nil, "identity-of-last-client"])
    func identity(mutant: String?) async throws {
        let server = try await ServerProcess.start(
            ["--bus", "memory", "--test-mode", "--jwt-secret-file", self.secret]
                + (mutant.map { ["--mutant", $0] } ?? []))
        _ = try self.open(server, self.token("ada", "--permissions", "events:publish"))
        let bob = try self.open(server, self.token("bob"))
        try bob.send(
            #"""
            {"id":"1","type":"subscribe","payload":{"query":"mutation { publishCustomerNetworkStatus(input: {customerId: 1, connectionStatus: \"x\"}) { receivers } }"}}
            """#)
        guard case .text(let answer) = try bob.receive() else {
            Issue.record("no answer")
            return
        }
        #expect(answer.contains(#""code":"FORBIDDEN""#) == (mutant == nil), "\(answer)")
        #expect(answer.contains(#""receivers":0"#) == (mutant != nil), "\(answer)")
    }

    @Test(
        "A revoked token lets nobody in", .enabled(if: RedisServer.isInstalled, "redis-server is not installed"),
        arguments: [nil, "revocation-ignored"])
    func ignored(mutant: String?) async throws {
        let redis = try await RedisServer.start()
        try redis.command("SADD", "revoked_tokens", "one")
        let server = try await self.start(redis, mutant: mutant)
        let token = try self.token("ada", "--jti", "one")
        // Until the book is read, everybody is told to come again.
        try await eventually("others are let in") { try self.admits(server, self.token("bob")) }
        #expect(try self.admits(server, token) == false || mutant != nil)
        if mutant != nil {
            // The connection is guarded all the same, so it ends; the gate has let it in.
            #expect(try self.admits(server, token))
        }
        redis.kill()
    }

    @Test(
        "A revocation reaches those who are there",
        .enabled(if: RedisServer.isInstalled, "redis-server is not installed"),
        arguments: [nil, "revocation-not-pushed"])
    func notPushed(mutant: String?) async throws {
        let redis = try await RedisServer.start()
        let server = try await self.start(redis, mutant: mutant)
        let token = try self.token("ada", "--jti", "one")
        try await eventually("it is let in") { try self.admits(server, token) }
        let socket = try self.open(server, token)
        try self.revoke("one", redis)
        try await eventually("the server knows") { try !self.admits(server, token) }
        if mutant == nil {
            #expect(try socket.receive() == .close(code: 4403, reason: "Token revoked"))
        } else {
            #expect(try self.answers(socket))
        }
        redis.kill()
    }

    @Test(
        "What was revoked while Redis was away is learnt afterwards",
        .enabled(if: RedisServer.isInstalled, "redis-server is not installed"),
        arguments: [nil, "revocation-missed-while-away"])
    func missed(mutant: String?) async throws {
        let redis = try await RedisServer.start()
        let server = try await self.start(redis, mutant: mutant)
        let (one, two) = (try self.token("ada", "--jti", "one"), try self.token("bob", "--jti", "two"))
        try await eventually("they are let in") { try self.admits(server, one) && self.admits(server, two) }
        let (ada, bob) = (try self.open(server, one), try self.open(server, two))
        // Not told to anybody, as what is told while nobody can hear it.
        try redis.command("SADD", "revoked_tokens", "one")
        try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        if mutant == nil {
            #expect(try ada.receive() == .close(code: 4403, reason: "Token revoked"))
        } else {
            try await eventually("it listens again") { try redis.subscriberCount(of: "revocations") == 1 }
            try self.revoke("two", redis)
            #expect(try bob.receive() == .close(code: 4403, reason: "Token revoked"))
            #expect(try self.answers(ada))
        }
        redis.kill()
    }
}
