import TestSupport
import Testing

@Suite(
    "Reference server with Redis",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(2)))
struct RedisTests {
    private static func subscription(_ id: String, customer: String) -> String {
        """
        {"id":"\(id)","type":"subscribe","payload":{"query":"subscription($c: ID!) { customerNetworkStatusUpdated(\
        customerId: $c) { customerId connectionStatus signalStrength } }","variables":{"c":"\(customer)"}}}
        """
    }

    private static func next(_ id: String, _ payload: String) -> RawWebSocket.Message {
        .text(#"{"id":"\#(id)","type":"next","payload":{"data":{"customerNetworkStatusUpdated":\#(payload)}}}"#)
    }

    @Test("Ready while Redis is there, and only then")
    func readiness() async throws {
        let redis = try await RedisServer.start()
        redis.kill()
        let server = try await ServerProcess.start(["--redis-url", "redis://127.0.0.1:\(redis.port)"])
        #expect(try server.readiness() == 503)
        #expect(try RawHTTP.request("GET", "/health/live", port: server.port).status == 200)
        try await redis.restart()
        try await eventually("ready") { try server.readiness() == 200 }
        redis.kill()
        try await eventually("not ready") { try server.readiness() == 503 }
        #expect(try RawHTTP.request("GET", "/health/live", port: server.port).status == 200)
        try await redis.restart()
        try await eventually("ready again") { try server.readiness() == 200 }
        server.terminate()
        #expect(try await server.exitCode() == 0)
        redis.kill()
    }

    @Test(
        "An event that redis-cli publishes arrives, and Redis keeps nothing of us",
        arguments: [
            (["--channel-layout", "tenant"], "public:customer:42:network_status"),
            (["--channel-layout", "seed"], "customer:42:network_status"),
            (["--channel-prefix", "rt/", "--default-tenant", "acme"], "rt/acme:customer:42:network_status"),
        ])
    func delivers(arguments: [String], channel: String) async throws {
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(arguments + ["--redis-url", "redis://127.0.0.1:\(redis.port)"])
        try await eventually("ready") { try server.readiness() == 200 }
        let socket = try RawWebSocket(port: server.port)
        try socket.initialise()
        try socket.send(Self.subscription("1", customer: "42"))
        try await eventually("subscribed") { try redis.subscriberCount(of: channel) == 1 }
        try redis.command("PUBLISH", channel, "no JSON")
        let message = #"{"customer_id":"42","connection_status":"online","signal_strength":85}"#
        let event = #"{"customerId":"42","connectionStatus":"online","signalStrength":85}"#
        try redis.command("PUBLISH", channel, message)
        #expect(try socket.receive() == Self.next("1", event))
        // From when on a second subscriber hears is not to be seen from outside, so events go on until it does.
        try socket.send(Self.subscription("2", customer: "42"))
        try await eventually("the second subscriber hears as well") {
            try redis.command("PUBLISH", channel, message)
            let first = try socket.receive()
            if first == Self.next("2", event) { return true }
            #expect(first == Self.next("1", event))
            try redis.command("PUBLISH", channel, message)
            return try socket.receive() == Self.next("2", event)
        }
        #expect(try redis.subscriberCount(of: channel) == 1)
        try socket.send(#"{"id":"1","type":"complete"}"#)
        try socket.send(#"{"id":"2","type":"complete"}"#)
        try await eventually("unsubscribed") { try redis.channels() == [] }
        #expect(server.log.contains("Message skipped channel=\(channel) reason=\"not JSON"))
        server.terminate()
        try socket.close()
        #expect(try await server.exitCode() == 0)
        redis.kill()
    }

    @Test("Closing the socket gives the channel up as well")
    func releasesOnClose() async throws {
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(["--redis-url", "redis://127.0.0.1:\(redis.port)"])
        try await eventually("ready") { try server.readiness() == 200 }
        do {
            let socket = try RawWebSocket(port: server.port)
            try socket.initialise()
            try socket.send(Self.subscription("1", customer: "1"))
            try await eventually("subscribed") { try redis.channels() == ["public:customer:1:network_status"] }
        }
        // The socket is gone without a close frame.
        try await eventually("unsubscribed") { try redis.channels() == [] }
        server.terminate()
        #expect(try await server.exitCode() == 0)
        redis.kill()
    }

    @Test("A subscription outlives a Redis that was killed, and new ones are refused meanwhile")
    func survivesOutage() async throws {
        let redis = try await RedisServer.start(password: "s3cret")
        let server = try await ServerProcess.start(
            ["--log-level", "trace", "--redis-url", "redis://:s3cret@127.0.0.1:\(redis.port)"])
        try await eventually("ready") { try server.readiness() == 200 }
        let socket = try RawWebSocket(port: server.port)
        try socket.initialise()
        try socket.send(Self.subscription("1", customer: "7"))
        let channel = "public:customer:7:network_status"
        try await eventually("subscribed") { try redis.subscriberCount(of: channel) == 1 }
        redis.kill()
        try await eventually("not ready") { try server.readiness() == 503 }
        try socket.send(Self.subscription("2", customer: "8"))
        guard case .text(let refusal) = try socket.receive() else {
            Issue.record("no answer")
            return
        }
        #expect(refusal.hasPrefix(#"{"id":"2","type":"error","payload":["#))
        #expect(refusal.contains("EVENTS_UNAVAILABLE"))
        try await redis.restart()
        try await eventually("ready again") { try server.readiness() == 200 }
        #expect(try redis.channels() == [channel])
        try redis.command("PUBLISH", channel, #"{"connection_status":"online"}"#)
        let event = #"{"customerId":"7","connectionStatus":"online","signalStrength":null}"#
        #expect(try socket.receive() == Self.next("1", event))
        server.terminate()
        try socket.close()
        #expect(try await server.exitCode() == 0)
        #expect(server.log.contains("Redis link is lost"))
        #expect(!(server.log + server.announcement).contains("s3cret"))
        redis.kill()
    }

    @Test("What one server is asked to publish reaches the clients of another")
    func twoServers() async throws {
        let redis = try await RedisServer.start()
        let url = "redis://127.0.0.1:\(redis.port)"
        let one = try await ServerProcess.start(["--redis-url", url])
        let other = try await ServerProcess.start(["--redis-url", url])
        for server in [one, other] { try await eventually("ready") { try server.readiness() == 200 } }
        let socket = try RawWebSocket(port: one.port)
        try socket.initialise()
        try socket.send(Self.subscription("1", customer: "9"))
        try await eventually("subscribed") { try redis.channels() == ["public:customer:9:network_status"] }
        let answer = try RawHTTP.request(
            "POST", "/graphql", port: other.port,
            body: """
                {"query":"mutation { publishCustomerNetworkStatus(input: {customerId: 9, connectionStatus: \\"offline\\", \
                signalStrength: 12.5}) { receivers } }"}
                """)
        #expect(answer.status == 200)
        #expect(answer.body == #"{"data":{"publishCustomerNetworkStatus":{"receivers":1}}}"#)
        let event = #"{"customerId":"9","connectionStatus":"offline","signalStrength":12.5}"#
        #expect(try socket.receive() == Self.next("1", event))
        for server in [one, other] { server.terminate() }
        try socket.close()
        for server in [one, other] { #expect(try await server.exitCode() == 0) }
        redis.kill()
    }
}
