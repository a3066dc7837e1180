import GraphQLCore

/// Something that happened to a ticket, as it is published.
struct SupportTicketEvent: Sendable {
    /// The kinds of events, named as in the schema.
    enum Kind: String, Sendable, CaseIterable {
        case created = "CREATED"
        case updated = "UPDATED"
        case assigned = "ASSIGNED"
        case unassigned = "UNASSIGNED"
        case statusChanged = "STATUS_CHANGED"
        case priorityChanged = "PRIORITY_CHANGED"
        case commented = "COMMENTED"
        case attachmentAdded = "ATTACHMENT_ADDED"
        case deleted = "DELETED"
        case relatedAdded = "RELATED_ADDED"
        case tagAdded = "TAG_ADDED"
        case tagRemoved = "TAG_REMOVED"
    }

    static let change = PayloadShape(["field": .plain, "oldValue": .plain, "newValue": .plain])
    static let shape = PayloadShape([
        "eventType": .plain, "ticket": .object(SupportTicket.shape), "previousState": .object(SupportTicket.shape),
        "triggeredBy": .object(SupportTicket.person), "timestamp": .time, "metadata": .plain,
        "comment": .object(SupportTicket.comment), "changes": .objects(change),
    ])

    let members: JSONObject
    let ticket: SupportTicket

    /// Nil for a message without a ticket: there is no telling who may see it.
    init?(_ members: JSONObject) {
        guard let ticket = members["ticket"]?.objectValue else { return nil }
        self.members = members
        self.ticket = SupportTicket(members: ticket)
    }

    var resolved: ResolvedValue { Self.shape.object(self.members) }

    /// Nil for a kind that we do not know.
    var kind: Kind? { self.members["event_type"]?.stringValue.flatMap(Kind.init) }

    /// The ticket before; nil for a new one.
    var previous: SupportTicket? { self.members["previous_state"]?.objectValue.map(SupportTicket.init) }

    /// The fields of which changes are told, as they are called in messages.
    private static let told = [
        "title", "description", "status", "priority", "category", "assigned_to", "assigned_team", "watchers", "tags",
        "related",
    ]

    /// What is different in the new ticket, as a list of `field`, `old_value`, `new_value`; fields are named as in the
    /// schema.
    static func changes(from old: SupportTicket?, to new: SupportTicket?) -> JSONValue {
        guard let old, let new else { return [] }
        return .array(
            SupportTicket.shape.fields.filter { self.told.contains($0.key) }.compactMap { field in
                let (before, after) = (old.members[field.key] ?? .null, new.members[field.key] ?? .null)
                guard before != after else { return nil }
                return ["field": .string(field.name), "old_value": before, "new_value": after]
            })
    }
}
