package import GraphQLCore
import PubSub

/// The support tickets' side of the schema.
package struct Tickets: Sendable {
    let environment: DomainEnvironment

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
    }

    /// The resolvers of all fields of the domain.
    package var resolvers: Resolvers {
        var resolvers = Resolvers()
        self.addQueries(to: &resolvers)
        self.addMutations(to: &resolvers)
        self.addSubscriptions(to: &resolvers)
        resolvers.field("SupportTicketEvent", "notification") { input in
            guard case .object(let event as PayloadObject) = input.source else { return .null }
            let notification = TicketNotification(event.members)
            return ["title": .string(notification.title), "body": .string(notification.body)]
        }
        return resolvers
    }

    private func desk(_ input: ResolverInput) throws -> TicketDesk {
        try TicketDesk(self.environment, Access.identity(input))
    }

    private func addQueries(to resolvers: inout Resolvers) {
        resolvers.asyncField("Query", "supportTickets") { input in
            .list(try await self.desk(input).all(status: input.arguments.string("status")).map(\.resolved))
        }
        resolvers.asyncField("Query", "supportTicket") { input in
            try await self.desk(input).find(input.arguments.string("id") ?? "")?.resolved ?? .null
        }
    }

    private func addMutations(to resolvers: inout Resolvers) {
        func mutation(
            _ name: String,
            _ action: @escaping @Sendable (TicketDesk, String, Arguments, Int64?) async throws -> SupportTicket
        ) {
            resolvers.asyncField("Mutation", name) { input in
                let arguments = input.arguments
                let version = arguments.value("expectedVersion")?.intValue
                return try await action(self.desk(input), arguments.string("id") ?? "", arguments, version).resolved
            }
        }
        mutation("createSupportTicket") { desk, _, arguments, _ in
            try await desk.create(arguments.object("input") ?? [:])
        }
        mutation("updateSupportTicket") { desk, id, arguments, version in
            try await desk.update(id, arguments.object("input") ?? [:], expectedVersion: version)
        }
        mutation("assignSupportTicket") { desk, id, arguments, version in
            let person: JSONObject = [
                "id": .optional(arguments.string("userId")), "name": .optional(arguments.string("userName")),
            ]
            return try await desk.assign(id, to: person, team: arguments.string("team"), expectedVersion: version)
        }
        mutation("unassignSupportTicket") { desk, id, _, version in
            try await desk.unassign(id, expectedVersion: version)
        }
        mutation("changeSupportTicketStatus") { desk, id, arguments, version in
            try await desk.setStatus(id, arguments.string("status") ?? "", expectedVersion: version)
        }
        mutation("changeSupportTicketPriority") { desk, id, arguments, version in
            try await desk.setPriority(id, arguments.string("priority") ?? "", expectedVersion: version)
        }
        mutation("commentSupportTicket") { desk, id, arguments, _ in
            try await desk.comment(id, arguments.string("text") ?? "")
        }
        mutation("attachToSupportTicket") { desk, id, arguments, _ in
            try await desk.attach(id, arguments.object("input") ?? [:])
        }
        mutation("deleteSupportTicket") { desk, id, _, version in
            try await desk.remove(id, expectedVersion: version)
        }
        mutation("relateSupportTicket") { desk, id, arguments, _ in
            try await desk.relate(
                id, to: arguments.string("relatedId") ?? "", kind: arguments.string("kind") ?? "related")
        }
        mutation("tagSupportTicket") { desk, id, arguments, _ in
            try await desk.tag(id, arguments.string("tag") ?? "")
        }
        mutation("untagSupportTicket") { desk, id, arguments, _ in
            try await desk.untag(id, arguments.string("tag") ?? "")
        }
        mutation("watchSupportTicket") { desk, id, arguments, _ in
            try await desk.watch(id, arguments.bool("watching") ?? true)
        }
    }
}
