import GraphQLCore

// One method for each kind of event. All return the ticket as it is then.
extension TicketDesk {
    private static let longestTitle = 200
    private static let longestText = 10_000
    private static let longestTag = 50
    private static let mostParts = 100
    private static let mostComments = 1000

    func create(_ input: JSONObject) async throws -> SupportTicket {
        let title = try Self.text(input["title"], "title", longest: Self.longestTitle)
        let priority = try Self.choice(input["priority"], "priority", of: SupportTicket.priorities)
        let id = self.environment.makeID()
        return try await self.insert([
            "id": .string(id), "ticket_number": .string("ST-" + id.prefix(8).uppercased()), "title": title,
            "description": input["description"] ?? .null, "status": "open", "priority": priority,
            "category": input["category"] ?? .null, "created_by": self.person, "assigned_to": .null,
            "assigned_team": input["team"] ?? .null, "watchers": [], "tags": [], "related": [], "attachments": [],
            "comments": [],
        ])
    }

    func update(_ id: String, _ input: JSONObject, expectedVersion: Int64?) async throws -> SupportTicket {
        guard !input.isEmpty else { throw GraphQLError.badInput(ClientMessages.changesNothing) }
        if let title = input["title"] { _ = try Self.text(title, "title", longest: Self.longestTitle) }
        return try await self.change(id, .updated, by: .creatorAndStaff, expectedVersion: expectedVersion) { ticket in
            for (name, value) in input { ticket.members[name] = value }
        }
    }

    func watch(_ id: String, _ watching: Bool) async throws -> SupportTicket {
        let actor = self.identity.actor
        return try await self.change(id, .updated, by: .everybody) { ticket in
            guard ticket.watchers.contains(actor) != watching else {
                throw GraphQLError.badInput(watching ? ClientMessages.watched : ClientMessages.unwatched)
            }
            if watching {
                try ticket.append(.string(actor), to: "watchers", longest: Self.mostParts)
            } else {
                ticket.members["watchers"] = .array(ticket.watchers.filter { $0 != actor }.map { .string($0) })
            }
        }
    }

    /// - Parameters:
    ///   - person: Whom to give it to, with `id` and `name`.
    ///   - team: Nil leaves it with the team that has it.
    func assign(
        _ id: String, to person: JSONObject, team: String?, expectedVersion: Int64?
    ) async throws -> SupportTicket {
        try await self.change(id, .assigned, by: .staff, expectedVersion: expectedVersion) { ticket in
            guard ticket.assigneeID != person["id"]?.stringValue || (team != nil && ticket.team != team) else {
                throw GraphQLError.badInput(ClientMessages.assigned)
            }
            ticket.members["assigned_to"] = .object(person)
            if let team { ticket.set("assigned_team", team) }
        }
    }

    func unassign(_ id: String, expectedVersion: Int64?) async throws -> SupportTicket {
        try await self.change(id, .unassigned, by: .assigneeAndStaff, expectedVersion: expectedVersion) { ticket in
            guard ticket.assigneeID != nil else { throw GraphQLError.badInput(ClientMessages.unassigned) }
            ticket.members["assigned_to"] = .null
        }
    }

    func setStatus(_ id: String, _ status: String, expectedVersion: Int64?) async throws -> SupportTicket {
        let status = try Self.choice(.string(status), "status", of: SupportTicket.statuses)
        return try await self.set("status", to: status, of: id, .statusChanged, expectedVersion)
    }

    func setPriority(_ id: String, _ priority: String, expectedVersion: Int64?) async throws -> SupportTicket {
        let priority = try Self.choice(.string(priority), "priority", of: SupportTicket.priorities)
        return try await self.set("priority", to: priority, of: id, .priorityChanged, expectedVersion)
    }

    func comment(_ id: String, _ text: String) async throws -> SupportTicket {
        let comment: JSONValue = [
            "id": .string(self.environment.makeID()),
            "text": try Self.text(.string(text), "text", longest: Self.longestText), "author": self.person,
            "created_at": .string(self.environment.now()),
        ]
        return try await self.change(id, .commented, by: .everybody, facts: Facts(comment: comment)) { ticket in
            try ticket.append(comment, to: "comments", longest: Self.mostComments)
        }
    }

    func attach(_ id: String, _ input: JSONObject) async throws -> SupportTicket {
        let attachment: JSONValue = [
            "id": .string(self.environment.makeID()),
            "name": try Self.text(input["name"], "name", longest: Self.longestTitle),
            "url": try Self.text(input["url"], "url", longest: Self.longestText), "added_by": self.person,
            "added_at": .string(self.environment.now()),
        ]
        return try await self.change(
            id, .attachmentAdded, by: .everybody, facts: Facts(metadata: ["attachment": attachment])
        ) { ticket in
            try ticket.append(attachment, to: "attachments", longest: Self.mostParts)
        }
    }

    func relate(_ id: String, to relatedID: String, kind: String) async throws -> SupportTicket {
        guard relatedID != id else { throw GraphQLError.badInput(ClientMessages.relatedToItself) }
        guard try await self.find(relatedID) != nil else { throw Self.notFound }
        let relation: JSONValue = [
            "ticket_id": .string(relatedID), "kind": try Self.text(.string(kind), "kind", longest: Self.longestTag),
        ]
        return try await self.change(id, .relatedAdded, by: .staff, facts: Facts(metadata: relation)) { ticket in
            guard ticket.members["related"]?.arrayValue?.contains(relation) != true else {
                throw GraphQLError.badInput(ClientMessages.related)
            }
            try ticket.append(relation, to: "related", longest: Self.mostParts)
        }
    }

    func tag(_ id: String, _ tag: String) async throws -> SupportTicket {
        let value = try Self.text(.string(tag), "tag", longest: Self.longestTag)
        return try await self.change(id, .tagAdded, by: .staff, facts: Facts(metadata: ["tag": value])) { ticket in
            guard !ticket.tags.contains(tag) else { throw GraphQLError.badInput(ClientMessages.has("tag")) }
            try ticket.append(value, to: "tags", longest: Self.mostParts)
        }
    }

    func untag(_ id: String, _ tag: String) async throws -> SupportTicket {
        try await self.change(
            id, .tagRemoved, by: .staff, facts: Facts(metadata: ["tag": .string(tag)])
        ) { ticket in
            guard ticket.tags.contains(tag) else { throw GraphQLError.badInput(ClientMessages.noSuchTag) }
            ticket.members["tags"] = .array(ticket.tags.filter { $0 != tag }.map { .string($0) })
        }
    }

    // MARK: Parts

    private func set(
        _ key: String, to value: JSONValue, of id: String, _ kind: SupportTicketEvent.Kind, _ expectedVersion: Int64?
    ) async throws -> SupportTicket {
        try await self.change(id, kind, by: .staff, expectedVersion: expectedVersion) { ticket in
            guard ticket.members[key] != value else {
                throw GraphQLError.badInput(ClientMessages.has(key))
            }
            ticket.members[key] = value
        }
    }

    private static func text(_ value: JSONValue?, _ name: String, longest: Int) throws -> JSONValue {
        guard let text = value?.stringValue, (1...longest).contains(text.count) else {
            throw GraphQLError.badInput(ClientMessages.characters(ClientMessages.argument(name), upTo: longest))
        }
        return .string(text)
    }

    private static func choice(_ value: JSONValue?, _ name: String, of choices: [String]) throws -> JSONValue {
        guard let text = value?.stringValue, choices.contains(text) else {
            throw GraphQLError.badInput(ClientMessages.choice(name, of: choices))
        }
        return .string(text)
    }
}
