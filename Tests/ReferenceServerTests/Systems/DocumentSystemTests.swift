import TestSupport
import Testing

@Suite("System: documents and retrieval", .timeLimit(.minutes(2)))
struct DocumentSystemTests {
    @Test("Every name, from one server to the clients of another", arguments: SystemHarness.Setup.all)
    func wholeSystem(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        try await system.subscribe(
            "documents", #"documentUpdates(tenantId: "public") { documentId filename status }"#,
            channel: "documents:public", isForeignToo: false)
        try await system.subscribe(
            "chat", #"chatUpdates(sessionId: "s1") { sessionId role content }"#, channel: "chat:s1")
        let id = try system.make(#"uploadDocument(input: {filename: "a.pdf"}) { id }"#)
        func update(_ status: String) -> String {
            """
            documents {"data":{"documentUpdates":{"documentId":"\(id)","filename":"a.pdf","status":"\(status)"}}}
            """
        }
        try system.expect([update("uploaded")])
        for status in ["indexing", "failed", "indexed"] {
            try system.succeed(#"setDocumentStatus(id: "\#(id)", status: \#(status)) { id }"#)
            try system.expect([update(status)])
        }
        try system.succeed(#"deleteDocument(id: "\#(id)") { id }"#)
        try system.expect([update("deleted")])
        try system.succeed(#"sendChatMessage(sessionId: "s1", content: "Hi") { messageId }"#)
        for (role, content) in [("user", "Hi"), ("assistant", "You wrote: “Hi”")] {
            try system.expect([
                #"chat {"data":{"chatUpdates":{"sessionId":"s1","role":"\#(role)","content":"\#(content)"}}}"#
            ])
        }
        #expect(
            try system.run(#"{ documents { id } document(id: "\#(id)") { status } }"#)
                == #"{"data":{"documents":[],"document":{"status":"deleted"}}}"#)
        try self.query(system)
        try await system.finish()
    }

    /// Follows a query that succeeds and one that fails.
    private func query(_ system: SystemHarness) throws {
        let id = try system.make(#"startQuery(text: "Why?") { queryId }"#, id: "queryId")
        try system.client.start("query", #"subscription { queryProgress(queryId: "\#(id)") { stage progress } }"#)
        var messages: [String] = []
        repeat { messages.append(try system.client.next()) } while messages.last?.hasPrefix("query {") == true
        // The first stages may have passed before the subscription was there.
        let stages =
            [
                ("received", "0.0"), ("retrieving", "0.25"), ("reranking", "0.5"), ("generating", "0.75"),
                ("completed", "1.0"),
            ].map { #"query {"data":{"queryProgress":{"stage":"\#($0)","progress":\#($1)}}}"# } + ["query complete"]
        #expect(messages == Array(stages.suffix(messages.count)))
        #expect(messages.count >= 4)
        let failing = try system.make(#"startQuery(text: "Why?", failAt: "retrieving") { queryId }"#, id: "queryId")
        try system.client.start("failing", #"subscription { queryProgress(queryId: "\#(failing)") { stage } }"#)
        messages = []
        repeat { messages.append(try system.client.next()) } while messages.last?.hasPrefix("failing {") == true
        #expect(messages.last?.contains("The simulated work failed at the stage retrieving.") == true)
    }

    @Test(
        "Progress and chats that other programs write are seen",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func foreignWriters() async throws {
        let system = try await SystemHarness(.init(usesRedis: true, dialect: .transportWS))
        let redis = try #require(system.redis)
        try redis.command("HSET", "public:progress:q7", "stage", "received", "progress", "0.0", "message", "ok")
        try await system.subscribe(
            "q", #"queryProgress(queryId: "q7") { stage progress message }"#, channel: nil, isForeignToo: false)
        try system.expect([
            #"q {"data":{"queryProgress":{"stage":"received","progress":0.0,"message":"ok"}}}"#
        ])
        try redis.command("HSET", "public:progress:q7", "stage", "completed", "progress", "1.0")
        try system.expect([
            #"q {"data":{"queryProgress":{"stage":"completed","progress":1.0,"message":"ok"}}}"#, "q complete",
        ])
        try await system.subscribe("c", #"chatUpdates(sessionId: "9") { content }"#, channel: "chat:9")
        try redis.command("PUBLISH", "public:chat:9", #"{"session_id":"8","content":"no"}"#)
        try redis.command(
            "PUBLISH", "public:chat:9",
            #"{"message_id":"m","session_id":"9","role":"user","content":"yes","timestamp":"2025-10-16T09:30:00"}"#)
        try system.expect([#"c {"data":{"chatUpdates":{"content":"yes"}}}"#])
        try await system.finish()
    }
}
