/// Who may see a ticket, and who may do what to it.
struct TicketVisibility: Sendable {
    /// Those who work on tickets; one of these roles is needed.
    static let staffRoles = ["SUPPORT_AGENT", "ADMIN"]

    private let identity: Identity

    init(of identity: Identity) {
        self.identity = identity
    }

    /// Whether the user works on tickets.
    var isStaff: Bool { Self.staffRoles.contains(where: self.identity.has(role:)) }

    func created(_ ticket: SupportTicket) -> Bool { ticket.creatorID == self.identity.actor }

    func isAssigned(_ ticket: SupportTicket) -> Bool { ticket.assigneeID == self.identity.actor }

    func watches(_ ticket: SupportTicket) -> Bool { ticket.watchers.contains(self.identity.actor) }

    /// Whether the user created it, is assigned or watches.
    func isInvolved(_ ticket: SupportTicket) -> Bool {
        self.created(ticket) || self.isAssigned(ticket) || self.watches(ticket)
    }

    /// Whether the user may see the ticket.
    func shows(_ ticket: SupportTicket) -> Bool {
        self.isStaff || self.isInvolved(ticket)
    }

    /// Whether the user is involved in what happened: now, or up to then, so that one who loses a ticket is told.
    func isInvolved(_ event: SupportTicketEvent) -> Bool {
        self.isInvolved(event.ticket) || event.previous.map(self.isInvolved) == true
    }

    /// Whether the user may see what happened.
    func shows(_ event: SupportTicketEvent) -> Bool {
        self.isStaff || self.isInvolved(event)
    }

    /// Whether it happened to a ticket of one of the user's teams, now or up to then, or to one that no team has. A
    /// user without teams belongs to all.
    func isOfTeam(_ event: SupportTicketEvent) -> Bool {
        let teams = self.identity.teams
        guard !teams.isEmpty, let team = event.ticket.team else { return true }
        return teams.contains(team) || event.previous?.team.map(teams.contains) == true
    }
}
