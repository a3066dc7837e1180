package import GraphQLCore
import PubSub

/// The jobs and campaigns of all tenants: begun, moved on, and commanded.
package struct Works: Sendable {
    let environment: DomainEnvironment
    private let publisher: OperationsPublisher

    /// How long a simulated step takes.
    private static let step = Duration.milliseconds(500)

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
        self.publisher = OperationsPublisher(environment)
    }

    /// A job or campaign of the tenant; nil when the tenant has none of that id.
    package func find(_ kind: WorkKind, _ id: String, tenant: String) async throws -> JSONObject? {
        try await self.store(kind, tenant).find(id)?.members
    }

    /// The jobs or campaigns of the tenant that are not over, in the order of their ids.
    package func open(_ kind: WorkKind, tenant: String) async throws -> [JSONObject] {
        try await self.store(kind, tenant).all().filter { !$0.status.isFinal }.map(\.members)
    }

    /// Begins one, and tells of it.
    ///
    /// - Parameters:
    ///   - type: Such as `bulk_provisioning`.
    ///   - itemsTotal: At least 1.
    /// - Returns: Its payload, with its id.
    package func start(
        _ kind: WorkKind, type: String, itemsTotal: Int64, tenant: String, id: String? = nil
    ) async throws -> JSONObject {
        let id = id ?? self.environment.makeID()
        let members: JSONObject = [
            kind.idKey: .string(id), "\(kind.rawValue)_type": .string(type),
            "status": .string(WorkItem.Status.running.rawValue), "progress_percent": .int(0),
            "items_total": .int(itemsTotal), "items_processed": .int(0), "items_succeeded": .int(0),
            "items_failed": .int(0),
        ]
        do {
            try await self.environment.workRegister.claim(WorkRegister.Entry(kind, id, tenant: tenant))
        } catch {
            throw GraphQLError(error)
        }
        let event = try self.publisher.message(kind == .job ? .jobCreated : .campaignProgress, tenant: tenant, members)
        try await self.store(kind, tenant).insert(id, WorkItem(members: members), event: event)
        try await self.ring(kind, tenant)
        return members
    }

    /// Carries a command out: the control channel hears of it, and its result is an event.
    ///
    /// - Throws: `GraphQLError`: `FORBIDDEN`, `NOT_FOUND` also for what is another tenant's, `CONFLICT` when the item
    ///   does not stand so that the command fits.
    package func perform(_ command: WorkCommand, on id: String, by identity: Identity) async throws {
        let isUnchecked = self.environment.channels.faults.contains(.operationsCommandUnchecked)
        guard isUnchecked || identity.holds(permission: command.permission) else {
            throw GraphQLError(
                message: ClientMessages.needs(permission: command.permission), extensions: ["code": "FORBIDDEN"])
        }
        let kind = command.kind
        let channels = try self.environment.channels.of(tenant: identity.tenant)
        let control = try channels.control(kind.stream)
        let order: JSONObject = [
            "command": .string(command.rawValue), kind.idKey: .string(id), "tenant_id": .string(identity.tenant),
            "requested_by": identity.user.map { .string($0) } ?? .null, "timestamp": .string(self.environment.now()),
        ]
        _ = try await self.store(kind, identity.tenant).update(id) { item in
            guard command.fits(item.status) else {
                throw GraphQLError.conflict(ClientMessages.stands(kind.rawValue, item.status.rawValue))
            }
            var item = item
            item.status = command.result
            return (item, event: try self.event(of: item, kind, identity.tenant))
        }
        do {
            _ = try await self.environment.bus.publish(JSONValue.object(order).encoded(), to: control)
        } catch {
            throw GraphQLError(error)
        }
        try await self.ring(kind, identity.tenant)
        if command.result.isFinal { await self.release(kind, id, identity.tenant) }
    }

    /// Moves one on by some items if it is running, and tells of it.
    ///
    /// - Returns: How it stands then.
    @discardableResult
    package func advance(_ kind: WorkKind, _ id: String, by items: Int64, tenant: String) async throws
        -> WorkItem.Status
    {
        let (item, isChanged) = try await self.store(kind, tenant).update(id) { item in
            guard item.status == .running else { return nil }
            var item = item
            item.advance(by: items)
            return (item, event: try self.event(of: item, kind, tenant))
        }
        if isChanged { try await self.ring(kind, tenant) }
        if item.status.isFinal { await self.release(kind, id, tenant) }
        return item.status
    }

    /// Moves one on, step by step, until it is over: work that is only simulated.
    package func simulate(_ kind: WorkKind, _ id: String, by items: Int64, tenant: String) async throws {
        do {
            repeat {
                try await self.environment.timers.wait(for: Self.step)
            } while try await !self.advance(kind, id, by: items, tenant: tenant).isFinal
        } catch {
            self.environment.workRegister.abandon(WorkRegister.Entry(kind, id, tenant: tenant))
            throw error
        }
    }

    private func release(_ kind: WorkKind, _ id: String, _ tenant: String) async {
        await self.environment.workRegister.release(WorkRegister.Entry(kind, id, tenant: tenant))
    }

    func event(of item: WorkItem, _ kind: WorkKind, _ tenant: String) throws -> [UInt8] {
        try self.publisher.message(kind.eventType(item.status), tenant: tenant, item.members)
    }

    func store(_ kind: WorkKind, _ tenant: String) throws -> WorkStore {
        try WorkStore(kind, self.environment.channels.of(tenant: tenant), in: self.environment.state)
    }

    func ring(_ kind: WorkKind, _ tenant: String) async throws {
        try await self.publisher.ring(kind.stream, self.environment.channels.of(tenant: tenant))
    }
}
