import GraphQLCore

// What the operations streams tell of it.
extension Simulation {
    /// A job or campaign comes into being, or moves on.
    mutating func moveWork(_ kind: WorkKind, type: String) async throws {
        let works = Works(self.environment)
        var open = self.works[kind] ?? []
        let tenant = self.identity.tenant
        guard open.count >= 2 else {
            let item = try await works.start(
                kind, type: type, itemsTotal: Int64.random(in: 100...400, using: &self.generator), tenant: tenant)
            if let id = item[kind.idKey]?.stringValue { self.works[kind] = open + [id] }
            return
        }
        let place = Int.random(in: 0..<open.count, using: &self.generator)
        let items = Int64.random(in: 10...40, using: &self.generator)
        let status = try await works.advance(kind, open[place], by: items, tenant: tenant)
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

    /// The optical network unit of a customer has another signal: that shows in its session, and raises or clears an
    /// alert.
    mutating func tellOperations(of customerID: String, from before: String, to now: String, signal: Int) async throws {
        try await self.tellSession(of: customerID, from: before, to: now)
        guard before != now else { return }
        let publisher = OperationsPublisher(self.environment)
        let serial = "ONU-\(customerID)"
        let (type, alert): (OperationsEventType, (OperationsEventType, kind: String, severity: String, text: String)) =
            switch now {
            case "online": (.onuOnline, (.alertCleared, "onu_signal", "info", "\(serial) is well again"))
            case "degraded":
                (.onuSignalDegraded, (.alertRaised, "onu_signal", "warning", "\(serial) has a weak signal"))
            default: (.onuOffline, (.alertRaised, "onu_offline", "critical", "\(serial) is offline"))
            }
        try await publisher.publishONUStatus(
            type, tenant: self.identity.tenant, onuSerial: serial, status: now,
            details: [
                "subscriber_id": .string(customerID), "previous_status": .string(before),
                "signal_dbm": .double(-30 + Double(signal) / 10), "olt_id": "olt-1",
                "pon_port": .string(SeedData.port(of: customerID)),
            ])
        try await publisher.publishAlert(
            alert.0, tenant: self.identity.tenant, alertID: "alert-\(customerID)", alertType: alert.kind,
            severity: alert.severity, source: "olt-1", message: alert.text)
    }

    /// A session ends with the light, begins anew when it is back, and carries something in between.
    private mutating func tellSession(of customerID: String, from before: String, to now: String) async throws {
        let type: OperationsEventType
        switch (before, now) {
        case ("offline", "offline"): return
        case (_, "offline"): type = .sessionStopped
        case ("offline", _):
            type = .sessionStarted
            self.traffic[customerID] = SessionTraffic(number: (self.traffic[customerID]?.number ?? 1) + 1)
        default: type = .sessionUpdated
        }
        var traffic = self.traffic[customerID] ?? SessionTraffic()
        if type != .sessionStarted {
            traffic.bytesIn += Int64.random(in: 1_000_000...80_000_000, using: &self.generator)
            traffic.bytesOut += Int64.random(in: 200_000...9_000_000, using: &self.generator)
            traffic.seconds += Int64.random(in: 20...90, using: &self.generator)
        }
        self.traffic[customerID] = traffic
        var details: JSONObject = [
            "subscriber_id": .string(customerID), "framed_ip_address": .string("10.0.0.\(customerID)"),
            "bandwidth_profile": "Fibre 500", "nas_ip_address": "10.0.0.1", "bytes_in": .int(traffic.bytesIn),
            "bytes_out": .int(traffic.bytesOut), "session_time": .int(traffic.seconds),
        ]
        if type == .sessionStopped { details["terminate_cause"] = "Lost-Carrier" }
        try await OperationsPublisher(self.environment).publishSession(
            type, tenant: self.identity.tenant, username: "customer\(customerID)",
            sessionID: traffic.id(of: customerID), details: details)
    }
}

/// What a simulated session has carried so far.
struct SessionTraffic: Sendable {
    /// Counts the sessions of the customer; the first is that of the seed data.
    var number = 1
    var bytesIn: Int64 = 0
    var bytesOut: Int64 = 0
    var seconds: Int64 = 0

    func id(of customerID: String) -> String {
        self.number == 1 ? "session-\(customerID)" : "session-\(customerID)-\(self.number)"
    }
}
