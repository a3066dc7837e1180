import Foundation
import TestSupport
import Testing

/// Servers that ask for tokens, with people of several tenants: with the memory bus one server, with Redis one that
/// clients listen at and another that is asked over HTTP.
final class TokenWorld {
    /// Every bus; without Redis only the memory.
    static let buses = RedisServer.isInstalled ? ["memory", "redis"] : ["memory"]

    let redis: RedisServer?
    let listener: ServerProcess
    let publisher: ServerProcess
    private let folder: AuthTests.Folder
    private let secret: String

    init(bus: String, arguments: [String] = []) async throws {
        self.folder = try AuthTests.Folder()
        self.secret = try self.folder.write("correct horse battery staple 0001\n", to: "secret")
        let options = ["--jwt-secret-file", self.secret] + arguments
        guard bus == "redis" else {
            self.redis = nil
            self.listener = try await ServerProcess.start(["--bus", "memory"] + options)
            self.publisher = self.listener
            return
        }
        let redis = try await RedisServer.start()
        let shared = options + ["--redis-url", "redis://127.0.0.1:\(redis.port)"]
        self.redis = redis
        self.listener = try await ServerProcess.start(shared)
        self.publisher = try await ServerProcess.start(shared)
        for server in [self.listener, self.publisher] {
            try await eventually("ready") { try server.readiness() == 200 }
        }
    }

    /// Somebody with a token.
    struct Person {
        let token: String
        let world: TokenWorld

        /// A WebSocket of its own.
        func client(_ dialect: WireClient.Dialect = .transportWS) throws -> WireClient {
            try WireClient(port: self.world.listener.port, dialect: dialect, token: self.token)
        }

        /// The response over HTTP.
        func run(_ document: String) throws -> String {
            let body = try JSONSerialization.data(withJSONObject: ["query": document])
            return try RawHTTP.exchange(
                "POST", "/graphql", port: self.world.publisher.port, fields: ["Authorization: Bearer \(self.token)"],
                body: String(decoding: body, as: UTF8.self)
            ).body
        }

        /// Asks for a subscription; what is said to that first, without the id.
        func answer(to subscription: String) throws -> String {
            let client = try self.client()
            try client.start("r", "subscription { \(subscription) }")
            return String(try client.next().dropFirst(2))
        }
    }

    func person(_ user: String, of tenant: String, _ arguments: String...) throws -> Person {
        let (status, output, errors) = try ServerProcess.run(
            ["token", "--secret-file", self.secret, "--sub", user, "--tenant", tenant] + arguments)
        try #require(status == 0, "\(errors)")
        return Person(token: output.trimmingCharacters(in: .newlines), world: self)
    }

    /// Somebody who may do everything in the tenant.
    func administrator(of tenant: String) throws -> Person {
        try self.person(
            "u1", of: tenant, "--roles", "ADMIN", "--permissions",
            ["events:publish", "jobs.start", "jobs.pause", "jobs.resume", "jobs.cancel", "campaigns.start"]
                .joined(separator: ","))
    }

    /// Waits until so many subscriptions are there, and Redis has these channels.
    func live(_ count: Int, channels: [String]) async throws {
        try await eventually("\(count) subscriptions") {
            try RawHTTP.request("GET", "/metrics", port: self.listener.port).body
                .contains(try Regex(#"(?m)^[a-z_]*subscriptions \#(count)$"#))
        }
        guard let redis = self.redis else {
            // In memory a source is live as soon as it is started; one more answer gives it the time for that.
            _ = try RawHTTP.request("GET", "/health/live", port: self.listener.port)
            return
        }
        try await eventually("channels \(channels)") { try Self.channels(of: redis) == channels.sorted() }
    }

    /// The channels of tenants that anybody listens to; the servers' own are not among them.
    static func channels(of redis: RedisServer) throws -> [String] {
        try redis.channels().filter { $0.hasPrefix("acme:") || $0.hasPrefix("globex:") }
    }

    func end() {
        self.listener.terminate()
        if self.redis != nil { self.publisher.terminate() }
        self.redis?.kill()
    }
}
