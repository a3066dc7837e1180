import GraphQLCore
import ReferenceDomains
import Testing

@Suite("Chat", .timeLimit(.minutes(1)))
struct ChatTests {
    private static let updates = """
        subscription { chatUpdates(sessionId: "s1") { messageId sessionId role content timestamp } }
        """

    @Test("Both sides are heard by everybody in the session, and by no other tenant")
    func conversation() async throws {
        let domains = try DomainHarness(now: { "2025-10-16T09:30:01Z" }, makeID: { "m" })
        let one = try await domains.subscribe(Self.updates)
        var other = try await domains.subscribe(Self.updates).responses.makeAsyncIterator()
        let foreign = try await domains.subscribe(
            Self.updates, as: Identity(tenant: "globex", isUnrestricted: true))
        let answer = try await domains.run(
            #"mutation { sendChatMessage(sessionId: "s1", content: "Hello") { messageId role content } }"#)
        #expect(
            answer == #"{"data":{"sendChatMessage":{"messageId":"m","role":"user","content":"Hello"}}}"#)
        await domains.timers.set(1)
        domains.timers.advance(by: .milliseconds(300))
        let expected = [("user", "Hello"), ("assistant", "You wrote: “Hello”")].map { role, content in
            """
            {"data":{"chatUpdates":{"messageId":"m","sessionId":"s1","role":"\(role)","content":"\(content)",\
            "timestamp":"2025-10-16T09:30:01Z"}}}
            """
        }
        #expect([await other.next(), await other.next()] == expected)
        #expect(await one.all() == expected)
        #expect(await foreign.all() == [])
    }

    @Test(
        "A message of another session, or of none, is dropped",
        arguments: [#"{"session_id":"s2"}"#, "{}", #"{"session_id":null}"#, "nonsense"])
    func drops(message: String) async throws {
        let domains = try DomainHarness()
        let subscriber = try await domains.subscribe(Self.updates)
        _ = try await domains.publish(message, on: "public:chat:s1")
        #expect(await subscriber.all() == [])
        #expect(domains.skipped.all.count == 1)
    }

    @Test("Empty messages and sessions that are no name are refused")
    func refusals() async throws {
        let domains = try DomainHarness()
        for arguments in [#"sessionId: "s1", content: """#, #"sessionId: "a:b", content: "x""#] {
            let answer = try await domains.run("mutation { sendChatMessage(\(arguments)) { role } }")
            #expect(answer.contains(#""code":"BAD_USER_INPUT""#), "\(answer)")
        }
    }
}
