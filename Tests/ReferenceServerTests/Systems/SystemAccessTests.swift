import Foundation
import TestSupport
import Testing

/// Who may see and do what, with tokens, on one server with the memory bus.
@Suite("Systems with tokens", .timeLimit(.minutes(2)))
struct SystemAccessTests {
    private let folder: AuthTests.Folder
    private let secret: String
    private let server: ServerProcess

    init() async throws {
        self.folder = try AuthTests.Folder()
        self.secret = try self.folder.write("correct horse battery staple 0001\n", to: "secret")
        self.server = try await ServerProcess.start(["--bus", "memory", "--jwt-secret-file", self.secret])
    }

    /// Somebody with a token.
    private struct Person {
        let client: WireClient
        private let token: String
        private let port: Int

        init(_ server: ServerProcess, token: String, dialect: WireClient.Dialect) throws {
            self.token = token
            self.port = server.port
            self.client = try WireClient(port: server.port, dialect: dialect, token: token)
        }

        /// The response over HTTP.
        func run(_ document: String) throws -> String {
            let body = try JSONSerialization.data(withJSONObject: ["query": document])
            return try RawHTTP.exchange(
                "POST", "/graphql", port: self.port, fields: ["Authorization: Bearer \(self.token)"],
                body: String(decoding: body, as: UTF8.self)
            ).body
        }

        /// Asks for a subscription; what is said to that at once, without the id.
        func refusal(_ document: String) throws -> String {
            try self.client.start("r", "subscription { \(document) }")
            return String(try self.client.next().dropFirst(2))
        }
    }

    private func person(
        _ user: String, of tenant: String, _ dialect: WireClient.Dialect, _ arguments: String...
    ) throws -> Person {
        let (status, output, errors) = try ServerProcess.run(
            ["token", "--secret-file", self.secret, "--sub", user, "--tenant", tenant] + arguments)
        try #require(status == 0, "\(errors)")
        return try Person(self.server, token: output.trimmingCharacters(in: .newlines), dialect: dialect)
    }

    @Test(
        "Tickets are seen by those they concern; others are refused as if there were none",
        arguments: WireClient.Dialect.allCases)
    func tickets(dialect: WireClient.Dialect) async throws {
        let creator = try self.person("u1", of: "acme", dialect)
        let stranger = try self.person("u2", of: "acme", dialect)
        let agent = try self.person("u3", of: "acme", dialect, "--roles", "SUPPORT_AGENT", "--teams", "red")
        let foreigner = try self.person("u1", of: "globex", dialect, "--roles", "ADMIN")
        let created = try creator.run(#"mutation { createSupportTicket(input: {title: "x"}) { id } }"#)
        let id = try #require(created.firstMatch(of: /"id":"([0-9a-f]+)"/)).1
        let absent = try agent.refusal(#"ticketUpdated(ticketId: "nothing") { eventType }"#)
        #expect(absent.contains("NOT_FOUND"))
        for person in [stranger, foreigner] {
            #expect(try person.refusal(#"ticketUpdated(ticketId: "\#(id)") { eventType }"#) == absent)
        }
        #expect(try stranger.refusal("teamTicketUpdates { eventType }").contains("FORBIDDEN"))
        let everybody = [creator, stranger, agent, foreigner]
        for person in everybody {
            try person.client.start(
                "all", "subscription { supportTicketEvents { eventType ticket { createdBy { id } } } }")
        }
        try await self.subscriptions(4)
        let tag = #"mutation { tagSupportTicket(id: "\#(id)", tag: "t") { version } }"#
        #expect(try creator.run(tag).contains("FORBIDDEN"))
        #expect(try stranger.run(tag).contains("NOT_FOUND"))
        #expect(try agent.run(tag) == #"{"data":{"tagSupportTicket":{"version":2}}}"#)
        let event =
            #"all {"data":{"supportTicketEvents":{"eventType":"TAG_ADDED","ticket":{"createdBy":{"id":"u1"}}}}}"#
        for person in [creator, agent] { #expect(try person.client.next() == event) }
        for person in everybody { #expect(try person.client.waiting() == []) }
    }

    @Test("Events of customers are the tenant's, and published by those who hold the permission")
    func customers() async throws {
        let watcher = try self.person("u1", of: "acme", .transportWS)
        let foreigner = try self.person("u1", of: "globex", .transportWS)
        let publisher = try self.person("p", of: "acme", .transportWS, "--permissions", "events:publish")
        for person in [watcher, foreigner] {
            try person.client.start("s", #"subscription { customerNoteUpdated(customerId: "7") { action } }"#)
            try person.client.start("d", #"subscription { serviceUpdated { name } }"#)
        }
        try await self.subscriptions(4)
        let mutation = #"mutation { publishCustomerNote(input: {customerId: 7, action: "deleted"}) { receivers } }"#
        #expect(try watcher.run(mutation).contains("FORBIDDEN"))
        #expect(try publisher.run(mutation) == #"{"data":{"publishCustomerNote":{"receivers":1}}}"#)
        #expect(try watcher.client.next() == #"s {"data":{"customerNoteUpdated":{"action":"deleted"}}}"#)
        _ = try watcher.run(#"mutation { createService(input: {name: "Mail"}) { id } }"#)
        #expect(try watcher.client.next() == #"d {"data":{"serviceUpdated":{"name":"Mail"}}}"#)
        #expect(try foreigner.run("{ services { name } }") == #"{"data":{"services":[]}}"#)
        for person in [watcher, foreigner] { #expect(try person.client.waiting() == []) }
    }

    @Test("Documents, queries and chats of another tenant are refused or silent")
    func documents() async throws {
        let owner = try self.person("u1", of: "acme", .transportWS)
        let foreigner = try self.person("u1", of: "globex", .transportWS)
        #expect(
            try foreigner.refusal(#"documentUpdates(tenantId: "acme") { documentId }"#)
                == owner.refusal(#"documentUpdates(tenantId: "nowhere") { documentId }"#))
        for person in [owner, foreigner] {
            try person.client.start("c", #"subscription { chatUpdates(sessionId: "s") { role } }"#)
        }
        try await self.subscriptions(2)
        _ = try owner.run(#"mutation { sendChatMessage(sessionId: "s", content: "x") { role } }"#)
        for role in ["user", "assistant"] {
            #expect(try owner.client.next() == #"c {"data":{"chatUpdates":{"role":"\#(role)"}}}"#)
        }
        #expect(try foreigner.client.waiting() == [])
    }

    /// Waits until so many subscriptions are there.
    private func subscriptions(_ count: Int) async throws {
        try await eventually("\(count) subscriptions") {
            try RawHTTP.request("GET", "/metrics", port: self.server.port).body
                .contains(try Regex(#"(?m)^[a-z_]*subscriptions \#(count)$"#))
        }
        // In memory a source is live as soon as it is started; one more answer gives it the time for that.
        _ = try RawHTTP.request("GET", "/health/live", port: self.server.port)
    }
}
