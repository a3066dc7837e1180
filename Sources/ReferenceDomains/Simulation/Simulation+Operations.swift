import GraphQLCore

// What the operations streams tell of it.
extension Simulation {
    /// A job or campaign comes into being, or moves on.
    mutating func moveWork(_ kind: WorkKind, type: String) async throws {
        let works = Works(self.environment)
        var open = self.works[kind] ?? []
        guard open.count >= 2 else {
            let item = try await works.start(
                kind, type: type, itemsTotal: Int64.random(in: 10...30, using: &self.generator),
                tenant: self.identity.tenant)
            if let id = item[kind.idKey]?.stringValue { self.works[kind] = open + [id] }
            return
        }
        let place = Int.random(in: 0..<open.count, using: &self.generator)
        let items = Int64.random(in: 1...5, using: &self.generator)
        let status = try await works.advance(kind, open[place], by: items, tenant: self.identity.tenant)
        if status.isFinal { open.remove(at: place) }
        self.works[kind] = open
    }

    /// A ticket of the support desk shows on the operators' stream, too.
    func tellOperations(of ticket: SupportTicket, _ type: OperationsEventType) async throws {
        try await OperationsPublisher(self.environment).publishTicket(
            type, tenant: self.identity.tenant, ticketID: ticket.id, title: ticket.text("title") ?? "",
            status: ticket.text("status") ?? "",
            details: [
                "ticket_number": .optional(ticket.text("ticket_number")),
                "priority": .optional(ticket.text("priority")),
            ])
    }

    /// The optical network unit of a customer has another signal, and raises or clears an alert.
    func tellOperations(of customerID: String, from before: String, to now: String, signal: Int) async throws {
        let publisher = OperationsPublisher(self.environment)
        let tenant = self.identity.tenant
        let serial = "ONU-\(customerID)"
        try await publisher.publishSession(
            .sessionUpdated, tenant: tenant, username: "customer\(customerID)", sessionID: "session-\(customerID)",
            details: [
                "subscriber_id": .string(customerID), "framed_ip_address": .string("10.0.0.\(customerID)"),
                "bandwidth_profile": "Fibre 500",
            ])
        guard before != now else { return }
        let type: OperationsEventType =
            switch now {
            case "online": .onuOnline
            case "degraded": .onuSignalDegraded
            default: .onuOffline
            }
        try await publisher.publishONUStatus(
            type, tenant: tenant, onuSerial: serial, status: now,
            details: [
                "subscriber_id": .string(customerID), "previous_status": .string(before),
                "signal_dbm": .double(-30 + Double(signal) / 10), "olt_id": "olt-1", "pon_port": "1/1/1",
            ])
        guard now == "offline" || before == "offline" else { return }
        try await publisher.publishAlert(
            now == "offline" ? .alertRaised : .alertCleared, tenant: tenant, alertID: "alert-\(customerID)",
            alertType: "onu_offline", severity: now == "offline" ? "critical" : "info", source: serial,
            message: now == "offline" ? "\(serial) is offline." : "\(serial) is back.")
    }
}
