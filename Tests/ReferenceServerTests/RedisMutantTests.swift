import TestSupport
import Testing

/// What misbehaving servers do while Redis is away, each beside what the right one does.
@Suite(
    "Mutants with Redis away",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(3)))
struct RedisMutantTests {
    struct Seen: Equatable, Sendable {
        var ready = 503
        var live = 200
        var showsHost = false
        /// What comes first on a socket with a subscription that asks for another one.
        var first = "error 2"
        var isRunning = true
    }

    @Test(
        "Health and subscriptions",
        arguments: [
            (nil, Seen()),
            ("redis-ready-lies", Seen(ready: 200)),
            ("redis-live-dies", Seen(live: 503)),
            ("redis-host-shown", Seen(showsHost: true)),
            ("redis-streams-end", Seen(first: "error 1")),
            ("redis-newcomers-wait", Seen(first: "next 3")),
            ("redis-newcomers-vanish", Seen(first: "next 3")),
        ] as [(String?, Seen)])
    func away(mutant: String?, expected: Seen) async throws {
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(
            ["--test-mode", "--redis-url", "redis://127.0.0.1:\(redis.port)"]
                + (mutant.map { ["--mutant", $0] } ?? []))
        try await eventually("subscribable") {
            try RedisAwayTests.publish("x", on: "a", port: server.port).contains(#""publish":"#)
        }
        let socket = try await RedisAwayTests.subscribed(server, redis, to: "a")
        redis.kill()
        try await eventually("the server notices") {
            try RedisAwayTests.publish("x", on: "a", port: server.port).contains("EVENTS_UNAVAILABLE")
        }
        var seen = Seen()
        let ready = try RawHTTP.request("GET", "/health/ready", port: server.port)
        seen.ready = ready.status
        seen.showsHost = ready.body.contains("127.0.0.1")
        seen.live = try RawHTTP.request("GET", "/health/live", port: server.port).status
        try socket.send(RedisAwayTests.topic("2", "b"))
        try await eventually("the second was dealt with") {
            try RawHTTP.request("GET", "/metrics", port: server.port).body.contains(#"kind="subscription"} 2"#)
        }
        try socket.send(#"{"id":"3","type":"subscribe","payload":{"query":"{ slow(ms: 300) }"}}"#)
        if case .text(let text) = try socket.receive() {
            seen.first = ["1", "2", "3"].filter { text.contains(#""id":"\#($0)""#) }
                .map { (text.contains(#""type":"error""#) ? "error " : "next ") + $0 }.joined()
        }
        #expect(seen == expected)
        server.terminate()
        try? socket.close()
        #expect(try await server.exitCode(within: .seconds(15)) == 0)
    }

    @Test("A server that ends with Redis")
    func crashes() async throws {
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(
            ["--test-mode", "--mutant", "redis-crash", "--redis-url", "redis://127.0.0.1:\(redis.port)"])
        try await eventually("ready") { try server.readiness() == 200 }
        redis.kill()
        #expect(try await server.exitCode() == 1)
    }
}
