package import GraphQLCore
import PubSub

/// The jobs and campaigns of all tenants: begun, moved on, and commanded.
package struct Works: Sendable {
    private let environment: DomainEnvironment
    private let publisher: OperationsPublisher

    /// How long a simulated step takes.
    private static let step = Duration.milliseconds(500)

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
        self.publisher = OperationsPublisher(environment)
    }

    /// A job or campaign of the tenant; nil when the tenant has none of that id.
    package func find(_ kind: WorkKind, _ id: String, tenant: String) async throws -> JSONObject? {
        try await self.records(kind, tenant).find(id)?.payload
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
            "id": .string(id), kind.idKey: .string(id), "\(kind.rawValue)_type": .string(type),
            "status": .string(WorkItem.Status.running.rawValue), "progress_percent": .int(0),
            "items_total": .int(itemsTotal), "items_processed": .int(0), "items_succeeded": .int(0),
            "items_failed": .int(0),
        ]
        let item = try await self.records(kind, tenant).insert(WorkItem(members: members)) { _ in [] }
        try await self.publisher.publish(
            kind == .job ? .jobCreated : .campaignProgress, tenant: tenant, item.payload)
        return item.payload
    }

    /// Carries a command out: the control channel hears of it, and its result is an event.
    ///
    /// - Throws: `GraphQLError`: `FORBIDDEN`, `NOT_FOUND` also for what is another tenant's, `CONFLICT` when the item
    ///   does not stand so that the command fits.
    package func perform(_ command: WorkCommand, on id: String, by identity: Identity) async throws {
        guard identity.holds(permission: command.permission) else {
            throw GraphQLError(
                message: "This needs the permission \"\(command.permission)\".", extensions: ["code": "FORBIDDEN"])
        }
        let kind = command.kind
        let channels = try self.environment.channels.of(tenant: identity.tenant)
        let control = try channels.control(kind.stream)
        let order: JSONObject = [
            "command": .string(command.rawValue), kind.idKey: .string(id), "tenant_id": .string(identity.tenant),
            "requested_by": identity.user.map { .string($0) } ?? .null, "timestamp": .string(self.environment.now()),
        ]
        let change = try await self.records(kind, identity.tenant).update(
            id, announcing: { _ in [Announcement(JSONValue.object(order).encoded(), on: control)] }
        ) { item in
            guard command.fits(item.status) else {
                throw GraphQLError.conflict("The \(kind.rawValue) is \(item.status.rawValue).")
            }
            var item = item
            item.set("status", command.result.rawValue)
            return item
        }
        guard let item = change.new else { return }
        try await self.publisher.publish(kind.eventType(item.status), tenant: identity.tenant, item.payload)
    }

    /// Moves one on by some items if it is running, and tells of it.
    ///
    /// - Returns: How it stands then.
    @discardableResult
    package func advance(_ kind: WorkKind, _ id: String, by items: Int64, tenant: String) async throws
        -> WorkItem.Status
    {
        let change = try await self.records(kind, tenant).update(id, announcing: { _ in [] }) { item in
            var item = item
            if item.status == .running { item.advance(by: items) }
            return item
        }
        guard let old = change.old, let new = change.new else { return .failed }
        if old.status == .running {
            try await self.publisher.publish(kind.eventType(new.status), tenant: tenant, new.payload)
        }
        return new.status
    }

    /// Moves one on, step by step, until it is over: work that is only simulated.
    package func simulate(_ kind: WorkKind, _ id: String, by items: Int64, tenant: String) async throws {
        repeat {
            try await self.environment.timers.wait(for: Self.step)
        } while try await !self.advance(kind, id, by: items, tenant: tenant).isFinal
    }

    private func records(_ kind: WorkKind, _ tenant: String) throws -> Records<WorkItem> {
        let channels = try self.environment.channels.of(tenant: tenant)
        return Records(kind.rawValue, at: try channels.recordsKey("\(kind.rawValue)s"), in: self.environment.state)
    }
}
