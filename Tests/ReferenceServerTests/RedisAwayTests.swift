import TestSupport
import Testing

/// What clients notice of a Redis that goes, hangs and comes back.
@Suite(
    "Redis away", .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(2)))
struct RedisAwayTests {
    static func topic(_ id: String, _ name: String) -> String {
        #"{"id":"\#(id)","type":"subscribe","payload":{"query":"subscription { topic(name: \"\#(name)\") }"}}"#
    }

    static func publish(_ value: String, on topic: String, port: Int) throws -> String {
        let mutation = #"{"query":"mutation { publish(name: \"\#(topic)\", value: \"\#(value)\") }"}"#
        return try RawHTTP.request("POST", "/graphql", port: port, body: mutation).body
    }

    static func withServer(
        _ arguments: [String], _ body: (ServerProcess, RedisServer) async throws -> Void
    ) async throws {
        let redis = try await RedisServer.start(password: "s3cret")
        let server = try await ServerProcess.start(
            ["--test-mode", "--redis-url", "redis://:s3cret@127.0.0.1:\(redis.port)"] + arguments)
        try await eventually("ready") { try server.readiness() == 200 }
        try await body(server, redis)
        server.terminate()
        #expect(try await server.exitCode(within: .seconds(15)) == 0)
        redis.wake()
        redis.kill()
    }

    static func subscribed(_ server: ServerProcess, _ redis: RedisServer, to topic: String) async throws -> RawWebSocket
    {
        let socket = try RawWebSocket(port: server.port)
        try socket.initialise()
        try socket.send(self.topic("1", topic))
        try await eventually("subscribed") { try redis.subscriberCount(of: "public:topic:\(topic)") == 1 }
        return socket
    }

    @Test("Streams are kept; the next event tells of the gap")
    func gapNotice() async throws {
        try await Self.withServer(["--gap-notice", "on"]) { server, redis in
            let socket = try await Self.subscribed(server, redis, to: "a")
            #expect(try Self.publish("1", on: "a", port: server.port) == #"{"data":{"publish":1}}"#)
            #expect(try socket.receive() == .text(#"{"id":"1","type":"next","payload":{"data":{"topic":"1"}}}"#))
            redis.kill()
            try await eventually("not ready") { try server.readiness() == 503 }
            try await redis.restart()
            try await eventually("ready again") { try server.readiness() == 200 }
            #expect(try redis.subscriberCount(of: "public:topic:a") == 1)
            _ = try Self.publish("2", on: "a", port: server.port)
            guard case .text(let text) = try socket.receive() else {
                Issue.record("no event")
                return
            }
            let time = #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"#
            let expected = try Regex(
                #"\{"id":"1","type":"next","payload":\{"data":\{"topic":"2"\},"extensions":\{"gap":\{"from":"\#(time)","to":"\#(time)"\}\}\}\}"#
            )
            #expect(text.wholeMatch(of: expected) != nil, "\(text)")
            _ = try Self.publish("3", on: "a", port: server.port)
            #expect(try socket.receive() == .text(#"{"id":"1","type":"next","payload":{"data":{"topic":"3"}}}"#))
            try socket.close()
        }
    }

    @Test("Streams end with an error if asked for, sockets stay, and a new subscription works when Redis is back")
    func endsStreams() async throws {
        try await Self.withServer(["--bus-on-loss", "end"]) { server, redis in
            let socket = try await Self.subscribed(server, redis, to: "a")
            redis.kill()
            guard case .text(let text) = try socket.receive() else {
                Issue.record("the stream did not end with an error")
                return
            }
            #expect(text.hasPrefix(#"{"id":"1","type":"error","payload":[{"message":"Events are not available"#))
            #expect(text.contains(#""code":"EVENTS_UNAVAILABLE""#))
            try await redis.restart()
            try await eventually("ready again") { try server.readiness() == 200 }
            #expect(try redis.channels() == [])
            try socket.send(Self.topic("1", "a"))
            try await eventually("subscribed") { try redis.subscriberCount(of: "public:topic:a") == 1 }
            _ = try Self.publish("x", on: "a", port: server.port)
            #expect(try socket.receive() == .text(#"{"id":"1","type":"next","payload":{"data":{"topic":"x"}}}"#))
            try socket.close()
        }
    }

    @Test("Subscriptions wait for Redis if asked for, and one that is completed meanwhile is not made")
    func queues() async throws {
        try await Self.withServer(["--bus-on-away", "queue"]) { server, redis in
            redis.kill()
            try await eventually("not ready") { try server.readiness() == 503 }
            let socket = try RawWebSocket(port: server.port)
            try socket.initialise()
            try socket.send(Self.topic("1", "a"))
            try socket.send(Self.topic("2", "b"))
            try socket.send(#"{"id":"2","type":"complete"}"#)
            try socket.send(#"{"id":"3","type":"subscribe","payload":{"query":"{ hello }"}}"#)
            // Whatever was answered to the first would have come before this.
            guard case .text(let text) = try socket.receive() else {
                Issue.record("no answer")
                return
            }
            #expect(text.hasPrefix(#"{"id":"3","type":"next""#))
            #expect(try socket.receive() == .text(#"{"id":"3","type":"complete"}"#))
            try await redis.restart()
            try await eventually("subscribed") { try redis.channels() == ["public:topic:a"] }
            _ = try Self.publish("x", on: "a", port: server.port)
            #expect(try socket.receive() == .text(#"{"id":"1","type":"next","payload":{"data":{"topic":"x"}}}"#))
            try socket.close()
        }
    }

    @Test(
        "A Redis that hangs is noticed: publishing fails and says so, ready says 503, live says 200, and nothing leaks")
    func hangs() async throws {
        let arguments = ["--redis-command-timeout", "500ms", "--redis-ping-interval", "200ms"]
        try await Self.withServer(arguments) { server, redis in
            let socket = try await Self.subscribed(server, redis, to: "a")
            redis.hang()
            let answer = try Self.publish("lost", on: "a", port: server.port)
            #expect(answer.contains(#""code":"EVENTS_UNAVAILABLE""#), "\(answer)")
            #expect(answer.contains(#""retryAfter":1"#))
            try await eventually("not ready", within: .seconds(4)) { try server.readiness() == 503 }
            #expect(try RawHTTP.request("GET", "/health/live", port: server.port).status == 200)
            let ready = try RawHTTP.request("GET", "/health/ready", port: server.port).body
            for secret in ["127.0.0.1", "\(redis.port)", "s3cret", "Error", ".swift"] {
                #expect(!answer.contains(secret) && !ready.contains(secret), "\(secret) is shown")
            }
            redis.wake()
            try await eventually("ready again") { try server.readiness() == 200 }
            #expect(try redis.subscriberCount(of: "public:topic:a") == 1)
            _ = try Self.publish("again", on: "a", port: server.port)
            // The first was handed to Redis before it hung, or after: it may be delivered when it wakes, but once.
            var event = try socket.receive()
            if event == .text(#"{"id":"1","type":"next","payload":{"data":{"topic":"lost"}}}"#) {
                event = try socket.receive()
            }
            #expect(event == .text(#"{"id":"1","type":"next","payload":{"data":{"topic":"again"}}}"#))
            try socket.close()
        }
    }
}
