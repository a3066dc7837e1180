import GraphQLCore
import Testing

@testable import ReferenceDomains

@Suite("Notifications about tickets")
struct TicketNotificationTests {
    @Test("Every kind of event has its words", arguments: SupportTicketEvent.Kind.allCases)
    func words(kind: SupportTicketEvent.Kind) throws {
        let expected: [SupportTicketEvent.Kind: (String, String)] = [
            .created: ("was opened", "opened a ticket of priority high"),
            .updated: ("was changed", "changed the ticket"),
            .assigned: ("was assigned to Bo", "assigned the ticket to Bo"),
            .unassigned: ("is assigned to nobody", "took the ticket from u9"),
            .statusChanged: ("is open now", "changed the status to open"),
            .priorityChanged: ("has priority high now", "changed the priority to high"),
            .commented: ("has a new comment", "wrote “One two” about the ticket"),
            .attachmentAdded: ("has a new attachment", "attached a.jpg to the ticket"),
            .deleted: ("was deleted", "deleted the ticket"),
            .relatedAdded: ("has a new related ticket", "related another ticket to the ticket"),
            .tagAdded: ("was tagged vip", "added the tag vip to the ticket"),
            .tagRemoved: ("is no longer tagged vip", "removed the tag vip from the ticket"),
        ]
        let notification = TicketNotification([
            "event_type": .string(kind.rawValue),
            "ticket": [
                "ticket_number": "ST-1", "title": "No light", "status": "open", "priority": "high",
                "assigned_to": ["id": "u8", "name": "Bo"],
            ],
            "previous_state": ["assigned_to": ["id": "u9", "name": nil]],
            "triggered_by": ["id": "u2", "name": "Al"], "comment": ["text": "One\ntwo"],
            "metadata": ["tag": "vip", "attachment": ["name": "a.jpg"]],
        ])
        let words = try #require(expected[kind])
        #expect(notification.title == "ST-1 \(words.0)")
        #expect(notification.body == "Al \(words.1): “No light”.")
    }

    @Test("What a publisher leaves out is left out, and long comments are cut")
    func sparse() {
        #expect(
            TicketNotification([:]) == TicketNotification(["event_type": "SOLD", "ticket": "x", "triggered_by": [1]]))
        #expect(TicketNotification([:]).body == "Somebody changed the ticket: “no title”.")
        let long = TicketNotification([
            "event_type": "COMMENTED", "comment": ["text": .string(String(repeating: "x", count: 200))],
        ])
        #expect(long.body == "Somebody wrote “\(String(repeating: "x", count: 79))…” about the ticket: “no title”.")
    }
}
