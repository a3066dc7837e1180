import GraphQLCore

// What the operations streams tell of it.
extension Simulation {
    /// A job comes into being, or moves on.
    mutating func moveJob() async throws {
        let works = Works(self.environment)
        guard self.jobs.count >= 2 else {
            let job = try await works.start(
                .job, type: "firmware_upgrade", itemsTotal: Int64.random(in: 10...30, using: &self.generator),
                tenant: self.identity.tenant)
            if let id = job["job_id"]?.stringValue { self.jobs.append(id) }
            return
        }
        let place = Int.random(in: 0..<self.jobs.count, using: &self.generator)
        let items = Int64.random(in: 1...5, using: &self.generator)
        let status = try await works.advance(.job, self.jobs[place], by: items, tenant: self.identity.tenant)
        if status.isFinal { self.jobs.remove(at: place) }
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
