package import GraphQLCore

/// An event in words: what a client shows to people.
package struct TicketNotification: Sendable, Equatable {
    /// One line, such as `ST-1A2B3C4D was closed`.
    package let title: String
    /// One sentence: who did what, and to which ticket.
    package let body: String

    /// - Parameter message: An event as it is published. What it lacks is left out of the words.
    package init(_ message: JSONObject) {
        let ticket = message["ticket"]?.objectValue ?? [:]
        let number = ticket["ticket_number"]?.stringValue ?? "A ticket"
        let subject = ticket["title"]?.stringValue ?? "no title"
        let actor = Self.name(message["triggered_by"]) ?? "Somebody"
        let kind = message["event_type"]?.stringValue.flatMap(SupportTicketEvent.Kind.init)
        let (title, deed) = Self.words(kind, message, ticket)
        self.title = "\(number) \(title)"
        self.body = "\(actor) \(deed): “\(subject)”."
    }

    /// What follows the number of the ticket, and what follows the name of who did it.
    private static func words(
        _ kind: SupportTicketEvent.Kind?, _ message: JSONObject, _ ticket: JSONObject
    ) -> (String, String) {
        let facts = message["metadata"] ?? .null
        func text(_ key: String) -> String { ticket[key]?.stringValue ?? "unknown" }
        switch kind {
        case .created:
            return ("was opened", "opened a ticket of priority \(text("priority"))")
        case .updated, nil:
            return ("was changed", "changed the ticket")
        case .assigned:
            let assignee = self.name(ticket["assigned_to"]) ?? "somebody"
            return ("was assigned to \(assignee)", "assigned the ticket to \(assignee)")
        case .unassigned:
            let before = self.name(message["previous_state"]?["assigned_to"]) ?? "its assignee"
            return ("is assigned to nobody", "took the ticket from \(before)")
        case .statusChanged:
            return ("is \(text("status")) now", "changed the status to \(text("status"))")
        case .priorityChanged:
            return ("has priority \(text("priority")) now", "changed the priority to \(text("priority"))")
        case .commented:
            return ("has a new comment", "wrote “\(self.excerpt(message["comment"]?["text"]))” about the ticket")
        case .attachmentAdded:
            let name = facts["attachment"]?["name"]?.stringValue ?? "a file"
            return ("has a new attachment", "attached \(name) to the ticket")
        case .deleted:
            return ("was deleted", "deleted the ticket")
        case .relatedAdded:
            return ("has a new related ticket", "related another ticket to the ticket")
        case .tagAdded:
            let tag = facts["tag"]?.stringValue ?? ""
            return ("was tagged \(tag)", "added the tag \(tag) to the ticket")
        case .tagRemoved:
            let tag = facts["tag"]?.stringValue ?? ""
            return ("is no longer tagged \(tag)", "removed the tag \(tag) from the ticket")
        }
    }

    private static func name(_ person: JSONValue?) -> String? {
        person?["name"]?.stringValue ?? person?["id"]?.stringValue
    }

    /// The first 80 characters on one line.
    private static func excerpt(_ text: JSONValue?) -> String {
        let line = (text?.stringValue ?? "").map { $0.isNewline ? " " : $0 }
        return line.count > 80 ? String(line.prefix(79)) + "…" : String(line)
    }
}
