import GraphQLCore
import PubSub

/// The support tickets of one tenant, as one user may see and change them. Whatever succeeds is published in the same
/// step; what fails publishes nothing.
///
/// A ticket that the user may not see does not exist for the user.
struct TicketDesk: Sendable {
    let environment: DomainEnvironment
    let identity: Identity
    let visibility: TicketVisibility
    private let channels: TenantChannels
    private let records: Records<SupportTicket>

    init(_ environment: DomainEnvironment, _ identity: Identity) throws {
        self.environment = environment
        self.identity = identity
        self.visibility = TicketVisibility(of: identity)
        self.channels = try environment.channels.of(identity)
        self.records = Records("ticket", at: try self.channels.recordsKey("tickets"), in: environment.state)
    }

    /// The ticket; nil when there is none that the user may see.
    func find(_ id: String) async throws -> SupportTicket? {
        try await self.records.find(id).flatMap { self.visibility.shows($0) ? $0 : nil }
    }

    /// The tickets that the user may see.
    func all(status: String?) async throws -> [SupportTicket] {
        try await self.records.all().filter { ticket in
            self.visibility.shows(ticket) && (status == nil || ticket.text("status") == status)
        }
    }

    /// The user, as records and events have it.
    var person: JSONValue {
        ["id": .string(self.identity.actor), "name": .optional(self.identity.name)]
    }

    // MARK: Changes

    /// Who may make a change, of those who see the ticket.
    enum Right {
        case everybody
        case creatorAndStaff
        case assigneeAndStaff
        case staff
    }

    /// What an event tells besides the ticket.
    struct Facts {
        var metadata: JSONValue = .null
        var comment: JSONValue = .null
    }

    /// Stores a new ticket.
    func insert(_ members: JSONObject) async throws -> SupportTicket {
        let now = self.environment.now()
        var ticket = SupportTicket(members: members)
        ticket.set("tenant_id", self.channels.tenant)
        ticket.set("created_at", now)
        ticket.set("updated_at", now)
        return try await self.records.insert(ticket) { change in
            try self.announce(.created, change.old, change.new, Facts(), at: now)
        }
    }

    /// Changes a ticket.
    ///
    /// - Parameter change: Makes the change, or throws what keeps it from being made. May be called several times.
    func change(
        _ id: String, _ kind: SupportTicketEvent.Kind, by right: Right, expectedVersion: Int64? = nil,
        facts: Facts = Facts(), _ change: (inout SupportTicket) throws -> Void
    ) async throws -> SupportTicket {
        let now = self.environment.now()
        let made = try await self.records.update(
            id, expectedVersion: expectedVersion,
            announcing: { try self.announce(kind, $0.old, $0.new, facts, at: now) }
        ) { ticket in
            try self.check(right, on: ticket)
            var ticket = ticket
            try change(&ticket)
            ticket.set("updated_at", now)
            return ticket
        }
        guard let ticket = made.new else { throw Self.notFound }
        return ticket
    }

    /// Removes a ticket.
    ///
    /// - Returns: The ticket as it was.
    func remove(_ id: String, expectedVersion: Int64?) async throws -> SupportTicket {
        let now = self.environment.now()
        let made = try await self.records.update(
            id, expectedVersion: expectedVersion,
            announcing: { try self.announce(.deleted, $0.old, $0.old, Facts(), at: now) }
        ) { ticket in
            try self.check(.staff, on: ticket)
            return nil
        }
        guard let ticket = made.old else { throw Self.notFound }
        return ticket
    }

    /// What is said of a ticket that does not exist, or not for this user.
    static var notFound: GraphQLError { Access.notFound("ticket") }

    private func check(_ right: Right, on ticket: SupportTicket) throws {
        guard self.visibility.shows(ticket) else { throw Self.notFound }
        let mayChange =
            switch right {
            case .everybody: true
            case .creatorAndStaff: self.visibility.isStaff || self.visibility.created(ticket)
            case .assigneeAndStaff: self.visibility.isStaff || self.visibility.isAssigned(ticket)
            case .staff: self.visibility.isStaff
            }
        guard mayChange else { throw GraphQLError.forbidden(ClientMessages.notYourTicket) }
    }

    private func announce(
        _ kind: SupportTicketEvent.Kind, _ old: SupportTicket?, _ new: SupportTicket?, _ facts: Facts, at time: String
    ) throws -> [Announcement] {
        guard let ticket = new else { return [] }
        let message: JSONObject = [
            "tenant_id": .string(self.channels.tenant), "event_type": .string(kind.rawValue),
            "ticket": .object(ticket.members), "previous_state": old.map { .object($0.members) } ?? .null,
            "triggered_by": self.person, "timestamp": .string(time), "metadata": facts.metadata,
            "comment": facts.comment, "changes": SupportTicketEvent.changes(from: old, to: new),
        ]
        return [Announcement(message, on: try self.channels.supportTickets(), in: self.identity.trace)]
    }
}
