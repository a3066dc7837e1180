import TestSupport
import Testing

@Suite(
    "Systems without their Redis",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(2)))
struct SystemOutageTests {
    private static let mutations = [
        #"publishCustomerActivity(input: {customerId: 7, activityType: "a", title: "t"}) { receivers }"#,
        #"createService(input: {name: "x"}) { id }"#, #"requestService(input: {name: "x"}) { id }"#,
        #"createSupportTicket(input: {title: "x"}) { id }"#, #"uploadDocument(input: {filename: "x"}) { id }"#,
        #"startQuery(text: "x") { queryId }"#, #"sendChatMessage(sessionId: "s", content: "x") { messageId }"#,
    ]
    private static let subscriptions = [
        #"customerActivityAdded(customerId: "7") { id }"#, "serviceUpdated { id }", "supportTicketEvents { eventType }",
        #"ticketUpdated(ticketId: "t") { eventType }"#, #"documentUpdates(tenantId: "public") { documentId }"#,
        #"queryProgress(queryId: "q") { stage }"#, #"chatUpdates(sessionId: "s") { role }"#,
    ]

    @Test("Everything says that events are not available, and works again as soon as Redis is back")
    func outage() async throws {
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(["--redis-url", "redis://127.0.0.1:\(redis.port)"])
        try await eventually("ready") { try server.readiness() == 200 }
        let client = try WireClient(port: server.port, dialect: .transportWS)
        try client.start("kept", "subscription { serviceUpdated { name } }")
        try await eventually("subscribed") { try redis.channels() == ["public:services:updated"] }
        redis.kill()
        try await eventually("not ready") { try server.readiness() == 503 }
        for mutation in Self.mutations {
            let answer = try RawHTTP.request(
                "POST", "/graphql", port: server.port, body: #"{"query":"mutation { \#(Self.escaped(mutation)) }"}"#)
            #expect(answer.body.contains(#""code":"EVENTS_UNAVAILABLE""#), "\(answer.body)")
        }
        for (number, subscription) in Self.subscriptions.enumerated() {
            try client.start("s\(number)", "subscription { \(subscription) }")
            let message = try client.next()
            #expect(message.hasPrefix("s\(number) error "), "\(message)")
            #expect(message.contains(#""code":"EVENTS_UNAVAILABLE""#), "\(message)")
        }
        try await redis.restart()
        try await eventually("ready again") { try server.readiness() == 200 }
        for mutation in Self.mutations {
            let answer = try RawHTTP.request(
                "POST", "/graphql", port: server.port, body: #"{"query":"mutation { \#(Self.escaped(mutation)) }"}"#)
            #expect(answer.body.hasPrefix(#"{"data":{""#), "\(answer.body)")
        }
        // The subscription outlived the outage: createService and requestService.
        for _ in 1...2 { #expect(try client.next() == #"kept {"data":{"serviceUpdated":{"name":"x"}}}"#) }
        server.terminate()
        redis.kill()
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
    }
}
