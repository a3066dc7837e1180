import TestSupport
import Testing

@Suite("System: support tickets", .timeLimit(.minutes(2)))
struct TicketSystemTests {
    @Test("Every name, from one server to the clients of another", arguments: SystemHarness.Setup.all)
    func wholeSystem(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        let id = try system.make(#"createSupportTicket(input: {title: "No light"}) { id }"#)
        let other = try system.make(#"createSupportTicket(input: {title: "Slow", priority: "high"}) { id }"#)
        let channel = "support:tickets"
        try await system.subscribe("all", "supportTicketEvents { eventType }", channel: channel)
        try await system.subscribe(
            "filtered", "supportTicketEvents(filter: {eventTypes: [COMMENTED]}) { comment { text } }", channel: channel)
        // Refused to the other tenant: there is no such ticket.
        try await system.subscribe(
            "one", #"ticketUpdated(ticketId: "\#(id)") { eventType }"#, channel: channel, isForeignToo: false)
        try await system.subscribe("mine", "myTicketUpdates { eventType }", channel: channel)
        try await system.subscribe("team", "teamTicketUpdates { eventType }", channel: channel)
        let fields = [
            "all": "supportTicketEvents", "one": "ticketUpdated", "mine": "myTicketUpdates",
            "team": "teamTicketUpdates",
        ]
        func event(_ kind: String, _ subscriptions: [String]) -> [String] {
            subscriptions.map { #"\#($0) {"data":{"\#(fields[$0] ?? "")":{"eventType":"\#(kind)"}}}"# }
        }
        let everybody = ["all", "one", "mine", "team"]
        let actions: [(String, String)] = [
            (#"updateSupportTicket(id: "\#(id)", input: {category: "fibre"}) { id }"#, "UPDATED"),
            (#"assignSupportTicket(id: "\#(id)", userId: "u2") { id }"#, "ASSIGNED"),
            (#"unassignSupportTicket(id: "\#(id)") { id }"#, "UNASSIGNED"),
            (#"changeSupportTicketStatus(id: "\#(id)", status: "waiting") { id }"#, "STATUS_CHANGED"),
            (#"changeSupportTicketPriority(id: "\#(id)", priority: "low") { id }"#, "PRIORITY_CHANGED"),
            (#"attachToSupportTicket(id: "\#(id)", input: {name: "a", url: "b"}) { id }"#, "ATTACHMENT_ADDED"),
            (#"relateSupportTicket(id: "\#(id)", relatedId: "\#(other)") { id }"#, "RELATED_ADDED"),
            (#"tagSupportTicket(id: "\#(id)", tag: "vip") { id }"#, "TAG_ADDED"),
            (#"untagSupportTicket(id: "\#(id)", tag: "vip") { id }"#, "TAG_REMOVED"),
            (#"watchSupportTicket(id: "\#(id)") { id }"#, "UPDATED"),
        ]
        for (mutation, kind) in actions {
            try system.succeed(mutation)
            try system.expect(event(kind, everybody))
        }
        try system.succeed(#"commentSupportTicket(id: "\#(id)", text: "Soon") { id }"#)
        try system.expect(
            event("COMMENTED", everybody) + [#"filtered {"data":{"supportTicketEvents":{"comment":{"text":"Soon"}}}}"#])
        try system.succeed(#"createSupportTicket(input: {title: "Three"}) { id }"#)
        try system.expect(event("CREATED", ["all", "mine", "team"]))
        try system.succeed(#"deleteSupportTicket(id: "\#(id)") { id }"#)
        try system.expect(event("DELETED", everybody) + ["one complete"])
        #expect(
            try system.run(#"{ supportTicket(id: "\#(id)") { id } supportTickets(status: "waiting") { id } }"#)
                == #"{"data":{"supportTicket":null,"supportTickets":[]}}"#)
        try await system.finish()
    }
}
