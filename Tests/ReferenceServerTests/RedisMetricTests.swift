import TestSupport
import Testing

@Suite(
    "What operators see of Redis",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(1)))
struct RedisMetricTests {
    /// The lines of the metrics that are about Redis, without their prefix.
    private func lines(_ server: ServerProcess) throws -> [String] {
        let prefix = "graphql_realtime_redis_"
        return try RawHTTP.request("GET", "/metrics", port: server.port).body.split(separator: "\n")
            .filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    @Test("Each link is up until it is lost, which is counted")
    func links() async throws {
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(["--redis-url", "redis://127.0.0.1:\(redis.port)"])
        try await eventually("ready") { try server.readiness() == 200 }
        #expect(
            try self.lines(server) == [
                #"link_up{link="command"} 1"#, #"link_up{link="subscriber"} 1"#,
                #"links_lost_total{link="command"} 0"#, #"links_lost_total{link="subscriber"} 0"#,
            ])
        redis.kill()
        try await eventually("both are lost") {
            try self.lines(server) == [
                #"link_up{link="command"} 0"#, #"link_up{link="subscriber"} 0"#,
                #"links_lost_total{link="command"} 1"#, #"links_lost_total{link="subscriber"} 1"#,
            ]
        }
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    @Test("Without Redis there is nothing to see")
    func memory() async throws {
        let server = try await ServerProcess.start(["--bus", "memory"])
        #expect(try self.lines(server) == [])
    }
}
