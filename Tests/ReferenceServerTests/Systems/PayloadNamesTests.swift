import Foundation
import TestSupport
import Testing

/// Every field of the payloads of services, tickets and documents, from one server to another.
@Suite("Systems: all names of services, tickets and documents", .timeLimit(.minutes(2)))
struct PayloadNamesTests {
    private static let service = "id name description status owner createdAt updatedAt version"
    private static let ticket = """
        id ticketNumber title description status priority category createdBy { id name } assignedTo { id name } \
        assignedTeam watchers tags related { ticketId kind } attachments { id name url addedBy { id name } addedAt } \
        comments { id text author { id name } createdAt } createdAt updatedAt version
        """

    /// The names in the data of a message, nested ones as `a.b`; of lists the names of their elements. Those of values
    /// that are null stand without what would be below.
    private static func names(in message: String) throws -> Set<String> {
        let start = try #require(message.firstIndex(of: "{"))
        let json = try JSONSerialization.jsonObject(with: Data(message[start...].utf8))
        let data = try #require((json as? [String: Any])?["data"] as? [String: Any])
        func collect(_ value: Any, _ path: String) -> [String] {
            switch value {
            case let members as [String: Any]:
                members.flatMap { [path + $0.key] + collect($0.value, path + $0.key + ".") }
            case let elements as [Any]: elements.flatMap { collect($0, path) }
            default: []
            }
        }
        return Set(collect(try #require(data.first?.value), ""))
    }

    /// The names in a selection.
    private static func names(of selection: String) -> Set<String> {
        var (names, path): (Set<String>, [String]) = ([], [])
        var last = ""
        for word in selection.split(separator: " ") {
            switch word {
            case "{": path.append(last)
            case "}": path.removeLast()
            default:
                last = String(word)
                names.insert((path + [last]).joined(separator: "."))
            }
        }
        return names
    }

    @Test("Services", arguments: SystemHarness.Setup.all)
    func services(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        let change = "serviceId service { \(Self.service) } previousStatus status reason changedBy changedAt"
        let request = "id service { \(Self.service) } requestedBy requestedByName justification requestedAt"
        try await system.subscribe("u", "serviceUpdated { \(Self.service) }", channel: "services:updated")
        let id = try system.make(#"createService(input: {name: "Mail", description: "d", owner: "ops"}) { id }"#)
        #expect(try Self.names(in: system.client.next()) == Self.names(of: Self.service))
        try await system.subscribe("s", "serviceStatusChanged { \(change) }", channel: "services:status")
        try await system.subscribe("r", "newServiceRequest { \(request) }", channel: "services:requested")
        try system.succeed(#"changeServiceStatus(id: "\#(id)", status: DEGRADED, reason: "x") { id }"#)
        try system.succeed(#"requestService(input: {name: "VPN", justification: "home"}) { id }"#)
        var seen: [Character: Set<String>] = [:]
        for _ in 1...4 {
            let message = try system.client.next()
            seen[try #require(message.first)] = try Self.names(in: message)
        }
        #expect(
            seen == [
                "u": Self.names(of: Self.service), "s": Self.names(of: change), "r": Self.names(of: request),
            ])
        try await system.finish()
    }

    @Test("Tickets", arguments: SystemHarness.Setup.all)
    func tickets(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        let id = try system.make(
            #"createSupportTicket(input: {title: "t", description: "d", category: "c", team: "red"}) { id }"#)
        let other = try system.make(#"createSupportTicket(input: {title: "t"}) { id }"#)
        for mutation in [
            #"assignSupportTicket(id: "\#(id)", userId: "u2", userName: "Bo") { id }"#,
            #"watchSupportTicket(id: "\#(id)") { id }"#, #"tagSupportTicket(id: "\#(id)", tag: "vip") { id }"#,
            #"relateSupportTicket(id: "\#(id)", relatedId: "\#(other)") { id }"#,
            #"attachToSupportTicket(id: "\#(id)", input: {name: "a", url: "b"}) { id }"#,
        ] { try system.succeed(mutation) }
        let event = """
            eventType ticket { \(Self.ticket) } triggeredBy { id name } timestamp metadata \
            comment { id text author { id name } createdAt } changes { field oldValue newValue } \
            notification { title body }
            """
        let before = "previousState { \(Self.ticket) }"
        for (name, subscription) in [
            ("a", "supportTicketEvents"), ("b", #"ticketUpdated(ticketId: "\#(id)")"#), ("c", "myTicketUpdates"),
            ("d", "teamTicketUpdates"),
        ] {
            try await system.subscribe(
                name, "\(subscription) { \(event) \(before) }", channel: "support:tickets", isForeignToo: name != "b")
        }
        try system.succeed(#"commentSupportTicket(id: "\#(id)", text: "Soon") { id }"#)
        let comment = try (1...4).map { _ in try Self.names(in: system.client.next()) }
        try system.succeed(#"changeSupportTicketStatus(id: "\#(id)", status: "waiting") { id }"#)
        let status = try (1...4).map { _ in try Self.names(in: system.client.next()) }
        // A comment changes no field, and a change has no comment: between them there is everything. Tags and watchers
        // are texts, and what happened so needs no metadata.
        let wanted = Self.names(of: "\(event) \(before)")
        for (one, other) in zip(comment, status) { #expect(one.union(other) == wanted) }
        try await system.finish()
    }

    @Test("Documents, queries and chats", arguments: SystemHarness.Setup.all)
    func documents(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        let document = "documentId filename status updatedAt"
        let progress = "queryId stage progress message"
        let message = "messageId sessionId role content timestamp"
        try await system.subscribe(
            "d", #"documentUpdates(tenantId: "public") { \#(document) }"#, channel: "documents:public",
            isForeignToo: false)
        try system.succeed(#"uploadDocument(input: {filename: "a.pdf"}) { id }"#)
        #expect(try Self.names(in: system.client.next()) == Self.names(of: document))
        try await system.subscribe("c", #"chatUpdates(sessionId: "s") { \#(message) }"#, channel: "chat:s")
        try system.succeed(#"sendChatMessage(sessionId: "s", content: "Hi") { messageId }"#)
        for _ in 1...2 { #expect(try Self.names(in: system.client.next()) == Self.names(of: message)) }
        let id = try system.make(#"startQuery(text: "Why?") { queryId }"#, id: "queryId")
        try system.client.start("q", #"subscription { queryProgress(queryId: "\#(id)") { \#(progress) } }"#)
        var next = try system.client.next()
        while next != "q complete" {
            #expect(try Self.names(in: next) == Self.names(of: progress))
            next = try system.client.next()
        }
        try await system.finish()
    }
}
