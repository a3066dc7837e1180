import GraphQLCore

/// `SupportTicketSubscriptionFilter`. The parts that are given have all to match; the two `include…` flags widen the
/// choice of tickets, though not of event types.
struct SupportTicketFilter: Sendable {
    private let ticketIDs: Set<String>?
    private let eventTypes: Set<String>?
    private let assignee: String?
    private let statuses: Set<String>?
    private let priorities: Set<String>?
    private let watchedOnly: Bool
    private let includesCreated: Bool
    private let includesAssigned: Bool

    /// A filter of the input object; what is absent or null lets everything through.
    init(_ input: JSONObject) {
        func strings(_ name: String) -> Set<String>? {
            input[name]?.arrayValue.map { Set($0.compactMap(\.stringValue)) }
        }
        self.ticketIDs = strings("ticketIds")
        self.eventTypes = strings("eventTypes")
        self.assignee = input["assignedToUserId"]?.stringValue
        self.statuses = strings("statuses")
        self.priorities = strings("priorities")
        self.watchedOnly = input["watchedOnly"]?.boolValue ?? false
        self.includesCreated = input["includeCreated"]?.boolValue ?? false
        self.includesAssigned = input["includeAssigned"]?.boolValue ?? false
    }

    /// Whether the event passes, for the user of `visibility`.
    func matches(_ event: SupportTicketEvent, for visibility: TicketVisibility) -> Bool {
        guard self.eventTypes?.contains(event.members["event_type"]?.stringValue ?? "") ?? true else { return false }
        let ticket = event.ticket
        return self.chooses(ticket, visibility)
            || self.includesCreated && visibility.created(ticket)
            || self.includesAssigned && visibility.isAssigned(ticket)
    }

    private func chooses(_ ticket: SupportTicket, _ visibility: TicketVisibility) -> Bool {
        (self.ticketIDs?.contains(ticket.id) ?? true)
            && (self.assignee.map { $0 == ticket.assigneeID } ?? true)
            && (self.statuses?.contains(ticket.text("status") ?? "") ?? true)
            && (self.priorities?.contains(ticket.text("priority") ?? "") ?? true)
            && (!self.watchedOnly || visibility.watches(ticket))
    }
}
