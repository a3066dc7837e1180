import GraphQLCore
import PubSub
import ReferenceDomains
import Synchronization
import Testing

@Suite("Documents", .timeLimit(.minutes(1)))
struct DocumentsTests {
    private static let globex = Identity(tenant: "globex", isUnrestricted: true)
    private static let time = "2025-10-16T09:30:01Z"
    private static let updates = """
        subscription($t: String!) { documentUpdates(tenantId: $t) { documentId filename status updatedAt } }
        """

    let domains: DomainHarness

    init() throws {
        let numbers = Mutex(0)
        self.domains = try DomainHarness(
            now: { Self.time },
            makeID: {
                numbers.withLock { number in
                    number += 1
                    return "d\(number)"
                }
            })
    }

    private func update(_ id: String, _ status: String) -> String {
        """
        {"data":{"documentUpdates":{"documentId":"\(id)","filename":"a.pdf","status":"\(status)",\
        "updatedAt":"\(Self.time)"}}}
        """
    }

    @Test("A document's life is told by its id, looked up as it comes")
    func life() async throws {
        let raw = try await self.domains.bus.texts(on: "public:documents:public")
        var iterator = try await self.domains.subscribe(Self.updates, variables: ["t": "public"]).responses
            .makeAsyncIterator()
        let steps = [
            (#"uploadDocument(input: {filename: "a.pdf"}) { id status }"#, "uploaded"),
            (#"setDocumentStatus(id: "d1", status: indexing) { id status }"#, "indexing"),
            (#"setDocumentStatus(id: "d1", status: indexed) { id status }"#, "indexed"),
            (#"deleteDocument(id: "d1") { id status }"#, "deleted"),
        ]
        for (mutation, status) in steps {
            let answer = try await self.domains.run("mutation { \(mutation) }")
            #expect(answer.contains(#"{"id":"d1","status":"\#(status)"}"#), "\(answer)")
            #expect(await iterator.next() == self.update("d1", status))
        }
        #expect(await raw.take(4) == ["d1", "d1", "d1", "d1"])
        #expect(
            try await self.domains.run(#"{ documents { id } document(id: "d1") { status version } }"#)
                == #"{"data":{"documents":[],"document":{"status":"deleted","version":4}}}"#)
    }

    @Test("Ids that are unknown, of another tenant or no text are skipped, and the stream goes on")
    func skips() async throws {
        var iterator = try await self.domains.subscribe(Self.updates, variables: ["t": "public"]).responses
            .makeAsyncIterator()
        _ = try await self.domains.run(#"mutation { uploadDocument(input: {filename: "x"}) { id } }"#, as: Self.globex)
        _ = try await self.domains.run(#"mutation { uploadDocument(input: {filename: "a.pdf"}) { id } }"#)
        #expect(await iterator.next() == self.update("d2", "uploaded"))
        for id in ["nope", "d1", "", String(repeating: "x", count: 200)] {
            _ = try await self.domains.publish(id, on: "public:documents:public")
        }
        _ = try await self.domains.bus.publish([0xFF, 0xFE], to: ChannelName("public:documents:public"))
        _ = try await self.domains.publish("d2", on: "public:documents:public")
        #expect(await iterator.next() == self.update("d2", "uploaded"))
        #expect(self.domains.skipped.all.count == 5)
    }

    @Test("Another tenant is refused, whether it exists or not", arguments: ["globex", "nowhere", "", "Public"])
    func otherTenant(tenant: String) async throws {
        await #expect {
            _ = try await self.domains.subscribe(Self.updates, variables: ["t": .string(tenant)])
        } throws: { error in
            (error as? RequestError)?.errors.first?.extensions?["code"] == "FORBIDDEN"
        }
        #expect(self.domains.bus.channelCount == 0)
    }

    @Test(
        "What fails tells nobody",
        arguments: [
            (#"uploadDocument(input: {filename: ""}) { id }"#, "BAD_USER_INPUT"),
            (#"setDocumentStatus(id: "d1", status: uploaded) { id }"#, "BAD_USER_INPUT"),
            (#"setDocumentStatus(id: "d9", status: indexed) { id }"#, "NOT_FOUND"),
            (#"deleteDocument(id: "d9") { id }"#, "NOT_FOUND"),
        ])
    func failures(mutation: String, code: String) async throws {
        _ = try await self.domains.run(#"mutation { uploadDocument(input: {filename: "a.pdf"}) { id } }"#)
        let raw = try await self.domains.bus.texts(on: "public:documents:public")
        let answer = try await self.domains.run("mutation { \(mutation) }")
        #expect(answer.contains(#""code":"\#(code)""#), "\(answer)")
        _ = try await self.domains.publish("end", on: "public:documents:public")
        #expect(await raw.take(1) == ["end"])
    }

    @Test("In the layout without tenants ids come on the seeds' channel")
    func seedLayout() async throws {
        let domains = try DomainHarness(channels: ChannelNames(layout: .seed))
        let subscriber = try await domains.subscribe(Self.updates, variables: ["t": "public"])
        #expect(try await domains.publish("nope", on: "documents:public") == 1)
        subscriber.cancellation.cancel()
    }
}

extension InMemoryBus {
    /// What is published on a channel from now on, as text.
    func texts(on channel: String) async throws -> AsyncStream<String> {
        let (texts, continuation) = AsyncStream.makeStream(of: String.self)
        _ = try await self.subscribe(to: ChannelName(channel)) { event in
            if case .message(let bytes) = event { continuation.yield(String(decoding: bytes, as: UTF8.self)) }
        }
        return texts
    }
}

extension AsyncStream where Element: Sendable {
    /// The next so many elements.
    func take(_ count: Int) async -> [Element] {
        await self.prefix(count).reduce(into: []) { $0.append($1) }
    }
}
