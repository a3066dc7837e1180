import TestSupport
import Testing

@Suite(
    "Python's gql as a client",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(5)))
struct PythonClientTests {
    @Test(
        "Introspects, subscribes, gets what redis-cli publishes, completes, and leaves nothing at Redis",
        arguments: ["graphql-transport-ws", "graphql-ws"])
    func watchesCustomer(subprotocol: String) async throws {
        do {
            try PythonClient.prepare()
        } catch let missing as PythonClient.Missing {
            try Test.cancel("skipped, needs gql from PyPI: \(missing)")
        }
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(
            ["--channel-layout", "seed", "--redis-url", "redis://127.0.0.1:\(redis.port)"])
        try await eventually("ready") { try server.readiness() == 200 }
        let client = try PythonClient(port: server.port, customer: "test-123", events: 3, subprotocol: subprotocol)
        defer { client.kill() }

        let channel = "customer:test-123:network_status"
        try await eventually("subscribed", within: .seconds(60)) {
            try #require(client.isRunning, "\(client.complaints)")
            return try redis.subscriberCount(of: channel) == 1
        }
        for message in [
            #"{"customer_id":"test-123","connection_status":"online","signal_strength":85,"ipv4_address":"10.0.0.1"}"#,
            "no JSON", #"{"connection_status":"degraded","signal_strength":"12.5"}"#,
            #"{"connection_status":"offline"}"#,
        ] {
            try redis.command("PUBLISH", channel, message)
        }
        try await eventually("the client has completed", within: .seconds(30)) {
            try #require(client.isRunning, "\(client.complaints)")
            return client.lines.count == 6
        }
        #expect(
            client.lines == [
                "\"\(subprotocol)\"",
                #"{"customerNetworkStatusUpdated": {"customerId": "test-123", "connectionStatus": "online", "signalStrength": 85, "ipv4Address": "10.0.0.1"}}"#,
                #"{"customerNetworkStatusUpdated": {"customerId": "test-123", "connectionStatus": "degraded", "signalStrength": 12.5, "ipv4Address": null}}"#,
                #"{"customerNetworkStatusUpdated": {"customerId": "test-123", "connectionStatus": "offline", "signalStrength": null, "ipv4Address": null}}"#,
                #""completed""#,
                #"{"customer": {"id": "test-123", "networkStatus": {"connectionStatus": "offline"}}}"#,
            ])
        // The connection is still open: it was `complete` that gave the channel up.
        try await eventually("unsubscribed") { try redis.channels() == [] }
        #expect(client.isRunning)
        #expect(try await client.finish() == 0)
        #expect(client.complaints == "")
        server.terminate()
        #expect(try await server.exitCode() == 0)
        redis.kill()
    }
}
