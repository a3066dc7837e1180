import Foundation
import TestSupport
import Testing

/// Servers with a client, for playing a whole system: with the memory bus one server, with Redis one that the client
/// listens at, another that is asked to publish, and a third for another tenant whose client listens to the same.
final class SystemHarness {
    struct Setup: Sendable, CustomTestStringConvertible {
        let usesRedis: Bool
        let dialect: WireClient.Dialect

        var testDescription: String { "\(self.usesRedis ? "Redis" : "memory"), \(self.dialect.rawValue)" }

        /// Every bus in every dialect; without Redis only the memory.
        static let all = [false, true].filter { !$0 || RedisServer.isInstalled }.flatMap { usesRedis in
            WireClient.Dialect.allCases.map { Setup(usesRedis: usesRedis, dialect: $0) }
        }
    }

    let redis: RedisServer?
    let client: WireClient
    let publisher: ServerProcess
    private let listener: ServerProcess
    private let foreign: (server: ServerProcess, client: WireClient)?
    private var subscriptions = 0
    private var channels: Set<String> = []

    /// - Parameters:
    ///   - arguments: Options of all servers.
    ///   - path: Where the sockets are opened.
    init(_ setup: Setup, arguments: [String] = [], path: String = "/graphql") async throws {
        guard setup.usesRedis else {
            self.redis = nil
            self.listener = try await ServerProcess.start(["--bus", "memory"] + arguments)
            self.publisher = self.listener
            self.foreign = nil
            self.client = try WireClient(port: self.listener.port, dialect: setup.dialect, path: path)
            return
        }
        let redis = try await RedisServer.start()
        let options = arguments + ["--redis-url", "redis://127.0.0.1:\(redis.port)"]
        self.redis = redis
        self.listener = try await ServerProcess.start(options)
        self.publisher = try await ServerProcess.start(options)
        let foreign = try await ServerProcess.start(options + ["--default-tenant", "globex"])
        for server in [self.listener, self.publisher, foreign] {
            try await eventually("ready") { try server.readiness() == 200 }
        }
        self.client = try WireClient(port: self.listener.port, dialect: setup.dialect, path: path)
        self.foreign = (foreign, try WireClient(port: foreign.port, dialect: setup.dialect, path: path))
    }

    /// Where the client listens, and where that of the other tenant does.
    var listenerPort: Int { self.listener.port }
    var foreignPort: Int? { self.foreign?.server.port }

    /// Subscribes, as the other tenant too, and returns once it is live.
    ///
    /// - Parameters:
    ///   - channel: Where the events come from, without the tenant; nil when they come from elsewhere.
    ///   - isForeignToo: Whether the other tenant asks for the same.
    func subscribe(
        _ id: String, _ document: String, channel: String?, isForeignToo: Bool = true
    ) async throws {
        self.subscriptions += 1
        try self.client.start(id, "subscription { \(document) }")
        try await self.live(self.subscriptions, at: self.listener)
        if let channel { self.channels.insert("public:" + channel) }
        if let foreign = self.foreign, isForeignToo {
            try foreign.client.start(id, "subscription { \(document) }")
            if let channel { self.channels.insert("globex:" + channel) }
        }
        guard let redis = self.redis else {
            // In memory a source is live as soon as it is started, which is as good as done now.
            _ = try self.client.waiting()
            return
        }
        let wanted = self.channels
        try await eventually("channels") { wanted.isSubset(of: try redis.channels()) }
    }

    private func live(_ count: Int, at server: ServerProcess) async throws {
        try await eventually("\(count) subscriptions") {
            try RawHTTP.request("GET", "/metrics", port: server.port).body
                .contains(try Regex(#"(?m)^[a-z_]*subscriptions \#(count)$"#))
        }
    }

    /// The response to a mutation or query over HTTP, at the server that nobody listens at.
    @discardableResult
    func run(_ document: String) throws -> String {
        let body = try JSONSerialization.data(withJSONObject: ["query": document])
        return try RawHTTP.request(
            "POST", "/graphql", port: self.publisher.port, body: String(decoding: body, as: UTF8.self)
        ).body
    }

    /// Runs a mutation and returns the first id in its response.
    func make(_ mutation: String, id name: String = "id") throws -> String {
        let response = try self.run("mutation { \(mutation) }")
        guard let match = response.firstMatch(of: try Regex(#""\#(name)":"([^"]+)""#, as: (Substring, Substring).self))
        else { throw NeverHappened(description: "no \(name) in \(response)") }
        return String(match.1)
    }

    /// Runs a mutation that must succeed.
    func succeed(_ mutation: String, location: SourceLocation = #_sourceLocation) throws {
        let response = try self.run("mutation { \(mutation) }")
        #expect(response.hasPrefix(#"{"data":{""#), "\(response)", sourceLocation: location)
    }

    /// The next messages, in the order of their subscriptions, are these.
    func expect(_ messages: [String], location: SourceLocation = #_sourceLocation) throws {
        let received = try messages.map { _ in try self.client.next() }
        #expect(received.sorted() == messages.sorted(), sourceLocation: location)
        self.subscriptions -= received.count { $0.hasSuffix(" complete") }
    }

    /// Nothing more has come, and nothing at all to the other tenant. Ends the servers.
    func finish(location: SourceLocation = #_sourceLocation) async throws {
        #expect(try self.client.waiting() == [], sourceLocation: location)
        if let foreign = self.foreign {
            #expect(try foreign.client.waiting() == [], "the other tenant", sourceLocation: location)
            foreign.server.terminate()
        }
        self.listener.terminate()
        if self.redis != nil { self.publisher.terminate() }
        self.redis?.kill()
    }
}
