import GraphQLCore

/// A few customers, services, tickets and documents to look at.
package struct SeedData: Sendable {
    /// The customers that have data.
    static let customers = [
        ("101", "Ada Lindqvist"), ("102", "Bo Marchetti"), ("103", "Café Sol"), ("104", "Dilan Öztürk"),
        ("105", "Eileen O’Hara"),
    ]

    static func name(of customerID: String) -> String {
        self.customers.first { $0.0 == customerID }?.1 ?? customerID
    }

    /// Where the unit of a customer is connected.
    static func port(of customerID: String) -> String { "1/1/\(customerID.suffix(1))" }

    /// The jobs and campaigns that are there.
    static let works: [(kind: WorkKind, id: String, type: String, pause: WorkCommand)] = [
        (.job, "job-1", "firmware_upgrade", .pauseJob), (.campaign, "campaign-1", "newsletter", .pauseCampaign),
    ]
    static let services = [("mail", "Mail", "ACTIVE"), ("voice", "Voice", "ACTIVE"), ("tv", "Television", "DEGRADED")]

    private let environment: DomainEnvironment
    private let tenant: String

    /// - Parameter tenant: Whose data it is.
    package init(_ environment: DomainEnvironment, tenant: String) {
        self.environment = environment
        self.tenant = tenant
    }

    /// Puts the data there and publishes what it consists of. What is there already stays as it is.
    ///
    /// - Throws: `GraphQLError`, when the state or the bus is away.
    package func load() async throws {
        try await self.loadCustomers()
        let identity = Identity(tenant: self.tenant, user: "seed", name: "Seed data", isUnrestricted: true)
        for (id, name, status) in Self.services {
            try await Self.unlessThere {
                _ = try await ServiceCatalogue(self.environment.making { id }, identity).create([
                    "name": .string(name), "status": .string(status), "owner": "operations",
                ])
            }
        }
        for (id, title, priority) in [("ticket-1", "No light", "high"), ("ticket-2", "Invoice unclear", "low")] {
            try await Self.unlessThere {
                _ = try await TicketDesk(self.environment.making { id }, identity).create([
                    "title": .string(title), "priority": .string(priority), "category": "fibre",
                ])
            }
        }
        let channels = try self.environment.channels.of(tenant: self.tenant)
        for (id, filename) in [("doc-1", "handbook.pdf"), ("doc-2", "tariffs.xlsx")] {
            try await Self.unlessThere {
                _ = try await DocumentLibrary(self.environment.making { id }, channels).upload(filename)
            }
        }
        // Paused, so that they are still there when somebody looks.
        for (kind, id, type, pause) in Self.works {
            try await Self.unlessThere {
                let works = Works(self.environment)
                _ = try await works.start(kind, type: type, itemsTotal: 400, tenant: self.tenant, id: id)
                _ = try await works.advance(kind, id, by: 100, tenant: self.tenant)
                try await works.perform(pause, on: id, by: identity)
            }
        }
    }

    /// Works on what was put there and is resumed, until all of it is over.
    package func work() async {
        await withTaskGroup(of: Void.self) { group in
            for (kind, id, _, _) in Self.works {
                group.addTask {
                    do {
                        try await Works(self.environment).simulate(kind, id, by: 8, tenant: self.tenant)
                    } catch is CancellationError {
                    } catch {
                        self.environment.onWorkStopped(id, "\(error)")
                    }
                }
            }
        }
    }

    private func loadCustomers() async throws {
        let publisher = CustomerEventPublisher(self.environment)
        let channels = try self.environment.channels.of(tenant: self.tenant)
        for (id, name) in Self.customers {
            guard try await CustomerOverviews(self.environment.state, channels).find(id) == nil else { continue }
            _ = try await publisher.publishNetworkStatusUpdate(
                tenant: self.tenant, customerID: id, connectionStatus: "online",
                details: ["signal_strength": 92, "ipv4_address": .string("10.0.0.\(id)"), "latency_ms": 12])
            _ = try await publisher.publishDeviceUpdate(
                tenant: self.tenant, customerID: id, deviceID: "ont-\(id)", deviceType: "ONT",
                deviceName: "ONT of \(name)",
                status: "active", healthStatus: "healthy", isOnline: true, changeType: "status")
            _ = try await publisher.publishSubscriptionUpdate(
                tenant: self.tenant, customerID: id, subscriptionID: "sub-\(id)", action: "created", plan: "Fibre 500",
                status: "active", details: ["price": "39.90", "currency": "EUR", "billing_period": "monthly"])
            _ = try await publisher.publishBillingUpdate(
                tenant: self.tenant, customerID: id, invoiceID: "inv-\(id)", action: "issued", amount: "39.90",
                currency: "EUR", status: "open")
            try await self.tellOperations(of: id, name)
        }
    }

    /// What the operations streams have kept of a customer.
    private func tellOperations(of id: String, _ name: String) async throws {
        let publisher = OperationsPublisher(self.environment)
        try await publisher.publishSubscriber(
            .subscriberActivated, tenant: self.tenant, subscriberID: id, status: "active",
            details: ["full_name": .string(name), "plan": "Fibre 500", "onu_serial": .string("ONU-\(id)")])
        try await publisher.publishONUStatus(
            .onuOnline, tenant: self.tenant, onuSerial: "ONU-\(id)", status: "online",
            details: [
                "subscriber_id": .string(id), "signal_dbm": -20.8, "olt_id": "olt-1",
                "pon_port": .string(Self.port(of: id)),
            ])
        try await publisher.publishSession(
            .sessionStarted, tenant: self.tenant, username: "customer\(id)", sessionID: "session-\(id)",
            details: [
                "subscriber_id": .string(id), "framed_ip_address": .string("10.0.0.\(id)"),
                "bandwidth_profile": "Fibre 500", "nas_ip_address": "10.0.0.1", "bytes_in": 0, "bytes_out": 0,
                "session_time": 0,
            ])
    }

    /// Makes something, unless its id is taken.
    private static func unlessThere(_ make: () async throws -> Void) async throws {
        do {
            try await make()
        } catch let error as GraphQLError where error.extensions?["code"] == "CONFLICT" {}
    }
}
