import GraphQLCore

/// A support ticket as it is stored and published.
struct SupportTicket: VersionedRecord {
    static let statuses = ["open", "in_progress", "waiting", "resolved", "closed"]
    static let priorities = ["low", "medium", "high", "urgent"]

    static let person = PayloadShape(["id": .plain, "name": .plain])
    static let comment = PayloadShape([
        "id": .plain, "text": .plain, "author": .object(person), "createdAt": .time,
    ])
    static let attachment = PayloadShape([
        "id": .plain, "name": .plain, "url": .plain, "addedBy": .object(person), "addedAt": .time,
    ])
    static let relation = PayloadShape(["ticketId": .plain, "kind": .plain])
    static let shape = PayloadShape([
        "id": .plain, "ticketNumber": .plain, "title": .plain, "description": .plain, "status": .plain,
        "priority": .plain, "category": .plain, "createdBy": .object(person), "assignedTo": .object(person),
        "assignedTeam": .plain, "watchers": .plain, "tags": .plain, "related": .objects(relation),
        "attachments": .objects(attachment), "comments": .objects(comment), "createdAt": .time, "updatedAt": .time,
        "version": .plain,
    ])

    var members: JSONObject

    var resolved: ResolvedValue { Self.shape.object(self.members) }

    var creatorID: String? { self.members["created_by"]?["id"]?.stringValue }
    var assigneeID: String? { self.members["assigned_to"]?["id"]?.stringValue }
    var team: String? { self.text("assigned_team") }
    var watchers: [String] { self.strings("watchers") }
    var tags: [String] { self.strings("tags") }

    /// The strings of a list.
    func strings(_ key: String) -> [String] {
        self.members[key]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// Adds to the end of a list.
    ///
    /// - Throws: `BAD_USER_INPUT` when it has `longest` elements already.
    mutating func append(_ value: JSONValue, to key: String, longest: Int) throws {
        let values = self.members[key]?.arrayValue ?? []
        guard values.count < longest else {
            throw GraphQLError.badInput(ClientMessages.full(key, longest))
        }
        self.members[key] = .array(values + [value])
    }
}
