import GraphQLCore

/// Makes things happen: signals that come and go, tickets that move, documents that are indexed, services that falter,
/// jobs and campaigns that progress, subscribers that are suspended.
///
/// What happens follows from the seed alone, as long as nobody else changes what it changes; when it happens follows
/// from the timers of the environment.
package struct Simulation: Sendable {
    private static let flow = ["in_progress", "waiting", "resolved", "closed"]
    private static let indexing = ["indexing", "indexed"]
    private static let troubles = [
        "No light on the ONT", "Slow in the evening", "Router reboots by itself", "Amount on the invoice is wrong",
        "Television stutters", "Calls break off", "Wants another tariff", "Moves to a new address",
    ]

    let environment: DomainEnvironment
    let identity: Identity
    var generator: SeededGenerator
    /// The signal of each customer, in per cent.
    private var signals: [String: Int] = [:]
    /// What the session of each customer has carried.
    var traffic: [String: SessionTraffic] = [:]
    /// What is on its way, with the steps that are left.
    private var tickets: [(id: String, steps: ArraySlice<String>)] = []
    private var documents: [(id: String, steps: ArraySlice<String>)] = []
    /// The jobs and campaigns that are not over.
    var works: [WorkKind: [String]] = [:]
    /// The customers that are suspended.
    private var suspended: Set<String> = []

    /// - Parameters:
    ///   - environment: Its ids are replaced by ones that follow from the seed.
    ///   - tenant: Whose data it is.
    package init(_ environment: DomainEnvironment, tenant: String, seed: UInt64) {
        self.environment = environment.makingIDs(seed: ~seed)
        self.identity = Identity(tenant: tenant, user: "simulation", name: "Simulation", isUnrestricted: true)
        self.generator = SeededGenerator(seed: seed)
    }

    /// Makes one thing happen after each interval, until the task is cancelled.
    ///
    /// - Parameter onFailure: Told of each thing that could not be done; the next is tried all the same.
    package mutating func run(
        every interval: Duration = .seconds(1), onFailure: @Sendable (any Error) -> Void = { _ in }
    ) async {
        while (try? await self.environment.timers.wait(for: interval)) != nil {
            do {
                try await self.step()
            } catch {
                onFailure(error)
            }
        }
    }

    /// Makes one thing happen.
    package mutating func step() async throws {
        switch Int.random(in: 0..<15, using: &self.generator) {
        case 0..<4: try await self.moveSignal()
        case 4..<7: try await self.moveTicket()
        case 7..<9: try await self.moveDocument()
        case 9..<12: try await self.moveWork(.job, type: "firmware_upgrade")
        case 12: try await self.moveWork(.campaign, type: "newsletter")
        case 13: try await self.moveSubscriber()
        default: try await self.moveService()
        }
    }

    private mutating func pickCustomer() -> String {
        SeedData.customers[Int.random(in: 0..<SeedData.customers.count, using: &self.generator)].0
    }

    private mutating func moveSubscriber() async throws {
        let id = self.pickCustomer()
        let isSuspended = self.suspended.remove(id) == nil
        if isSuspended { self.suspended.insert(id) }
        try await OperationsPublisher(self.environment).publishSubscriber(
            isSuspended ? .subscriberSuspended : .subscriberActivated, tenant: self.identity.tenant, subscriberID: id,
            status: isSuspended ? "suspended" : "active", details: ["plan": "Fibre 500"])
    }

    private mutating func moveSignal() async throws {
        let id = self.pickCustomer()
        let before = self.signals[id] ?? 92
        let now = self.signal(behind: before)
        self.signals[id] = now
        func status(_ signal: Int) -> String { signal > 60 ? "online" : signal > 20 ? "degraded" : "offline" }
        try await self.tellOperations(of: id, from: status(before), to: status(now), signal: now)
        let publisher = CustomerEventPublisher(self.environment)
        _ = try await publisher.publishNetworkStatusUpdate(
            tenant: self.identity.tenant, customerID: id, connectionStatus: status(now),
            details: ["signal_strength": .int(Int64(now)), "latency_ms": .int(Int64(10 + (100 - now) / 2))])
        guard status(before) != status(now) else { return }
        _ = try await publisher.publishDeviceUpdate(
            tenant: self.identity.tenant, customerID: id, deviceID: "ont-\(id)", deviceType: "ONT",
            deviceName: "ONT of \(SeedData.name(of: id))", status: now > 20 ? "active" : "inactive",
            healthStatus: now > 60 ? "healthy" : now > 20 ? "degraded" : "critical", isOnline: now > 20,
            changeType: "status", previousValue: status(before), newValue: status(now))
    }

    /// A signal wanders. Now and then a fibre is cut, and that is mended.
    private mutating func signal(behind before: Int) -> Int {
        if before == 0 { return Int.random(in: 80...95, using: &self.generator) }
        if Int.random(in: 0..<8, using: &self.generator) == 0 { return 0 }
        return min(100, max(1, before + Int.random(in: -25...20, using: &self.generator)))
    }

    private mutating func moveTicket() async throws {
        let desk = try TicketDesk(self.environment, self.identity)
        guard self.tickets.count >= 3 else {
            let priorities = SupportTicket.priorities
            let priority = priorities[Int.random(in: 0..<priorities.count, using: &self.generator)]
            let trouble = Self.troubles[Int.random(in: 0..<Self.troubles.count, using: &self.generator)]
            let ticket = try await desk.create([
                "title": .string("\(trouble) (customer \(self.pickCustomer()))"), "priority": .string(priority),
            ])
            self.tickets.append((ticket.id, Self.flow[...]))
            try await self.tellOperations(of: ticket, .ticketCreated)
            return
        }
        let place = Int.random(in: 0..<self.tickets.count, using: &self.generator)
        let id = self.tickets[place].id
        guard let status = self.tickets[place].steps.popFirst() else {
            self.tickets.remove(at: place)
            return
        }
        let ticket = try await desk.setStatus(id, status, expectedVersion: nil)
        try await self.tellOperations(of: ticket, status == "resolved" ? .ticketResolved : .ticketUpdated)
        if status == "waiting" { _ = try await desk.comment(id, "A technician is on the way.") }
    }

    private mutating func moveDocument() async throws {
        let library = try DocumentLibrary(
            self.environment, self.environment.channels.of(tenant: self.identity.tenant))
        guard self.documents.count >= 2 else {
            let number = Int.random(in: 100..<1000, using: &self.generator)
            let document = try await library.upload("report-\(number).pdf")
            self.documents.append((document.id, Self.indexing[...]))
            return
        }
        let place = Int.random(in: 0..<self.documents.count, using: &self.generator)
        let id = self.documents[place].id
        guard let status = self.documents[place].steps.popFirst() else {
            self.documents.remove(at: place)
            return
        }
        _ = try await library.setStatus(id, status)
    }

    /// A service falters, or is mended.
    private mutating func moveService() async throws {
        let catalogue = try ServiceCatalogue(self.environment, self.identity)
        let id = SeedData.services[Int.random(in: 0..<SeedData.services.count, using: &self.generator)].0
        guard let service = try await catalogue.find(id) else { return }
        let status = service.status == "ACTIVE" ? "DEGRADED" : "ACTIVE"
        _ = try await catalogue.changeStatus(id, to: status, reason: "simulated", expectedVersion: nil)
    }
}
