import TestSupport
import Testing

@Suite(
    "Reference server with Sentinel",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(2)))
struct RedisThroughSentinelTests {
    @Test("The server, publish and revoke find Redis through a Sentinel")
    func found() async throws {
        let redis = try await RedisServer.start()
        let sentinel = try await SentinelServer.start(watching: redis.port, patience: 60_000)
        defer { sentinel.kill() }
        let options = ["--redis-url", "redis-sentinel://127.0.0.1:\(sentinel.port)/events"]
        let server = try await ServerProcess.start(options)
        #expect(server.announcement.contains("events from redis-sentinel://127.0.0.1:\(sentinel.port)/events/0"))
        try await eventually("ready") { try server.readiness() == 200 }
        let event = ["publish", "network-status", "--customer-id", "7", "--connection-status", "online"]
        #expect(try ServerProcess.run(event + options) == (0, "published network-status to 0 servers", ""))
        let revoked = try ServerProcess.run(["revoke", "--jti", "one"] + options)
        #expect(revoked == (0, "revoked, told 0 servers", ""))
        #expect(try redis.command("SMEMBERS", "revoked_tokens") == "one")
        let wrong = ["--redis-url", "redis-sentinel://127.0.0.1:\(sentinel.port)/others"]
        #expect(try ServerProcess.run(event + wrong).status == 69)
        server.terminate()
        #expect(try await server.exitCode() == 0)
        redis.kill()
    }
}
