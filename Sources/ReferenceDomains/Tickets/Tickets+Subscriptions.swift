import GraphQLCore
import PubSub

extension Tickets {
    func addSubscriptions(to resolvers: inout Resolvers) {
        resolvers.subscription("supportTicketEvents") { input in
            let filter = SupportTicketFilter(input.arguments.object("filter") ?? [:])
            let isIgnored = self.environment.channels.faults.contains(.ticketFilterIgnored)
            return try self.stream(input) { event, visibility in isIgnored || filter.matches(event, for: visibility) }
        }
        resolvers.subscription("ticketUpdated") { input in
            let id = input.arguments.string("ticketId") ?? ""
            guard try await TicketDesk(self.environment, Access.identity(input)).find(id) != nil else {
                throw TicketDesk.notFound
            }
            let ends = !self.environment.channels.faults.contains(.ticketDeletedGoesOn)
            return try self.stream(input, endsWhenDeleted: ends) { event, _ in event.ticket.id == id }
        }
        resolvers.subscription("myTicketUpdates") { input in
            try self.stream(input) { event, visibility in visibility.isInvolved(event) }
        }
        resolvers.subscription("teamTicketUpdates") { input in
            if !self.environment.channels.faults.contains(.ticketTeamOpen) {
                try Access.require(anyOf: TicketVisibility.staffRoles, input)
            }
            return try self.stream(input) { event, visibility in visibility.isOfTeam(event) }
        }
    }

    /// The events that the client may see, as each comes, and that are chosen.
    ///
    /// It is the client's own: who may see what depends on the user, so the key has the whole identity. Arguments are
    /// told apart by the operation itself.
    private func stream(
        _ input: ResolverInput, endsWhenDeleted: Bool = false,
        choosing isChosen: @escaping @Sendable (SupportTicketEvent, TicketVisibility) -> Bool
    ) throws -> SourceEventStream {
        let identity = try Access.identity(input)
        let channels = try self.environment.channels.of(identity)
        let channel = try channels.supportTickets()
        let visibility = TicketVisibility(of: identity)
        let showsAll = channels.names.faults.contains(.ticketVisibilityIgnored)
        let arguments = JSONValue.object(input.arguments.values).text
        return SourceEventStream(
            of: channel, on: self.environment.bus,
            sharingKey:
                "\(channels.sharingKey(for: channel)) \(input.fieldName) \(arguments) \(identity.personal)",
            onSkipped: self.environment.onSkipped
        ) { message throws(SkippedMessage) in
            let (members, trace) = try Payload.read(message, for: channels)
            guard let event = SupportTicketEvent(members) else {
                throw SkippedMessage(reason: SkipReasons.noTicket)
            }
            guard showsAll || visibility.shows(event), isChosen(event, visibility) else { return .notForUs }
            return endsWhenDeleted && event.kind == .deleted
                ? .last(event.resolved, in: trace) : .event(event.resolved, in: trace)
        }
    }
}
