import GraphQLCore
import PubSub

/// The services of one tenant, and what can be done with them by one user. Whatever succeeds is published in the same
/// step; what fails publishes nothing.
struct ServiceCatalogue: Sendable {
    private static let longestName = 200

    private let environment: DomainEnvironment
    private let channels: TenantChannels
    private let identity: Identity
    private let records: Records<Service>

    init(_ environment: DomainEnvironment, _ identity: Identity) throws {
        self.environment = environment
        self.channels = try environment.channels.of(identity)
        self.identity = identity
        self.records = Records("service", at: try self.channels.recordsKey("services"), in: environment.state)
    }

    func find(_ id: String) async throws -> Service? {
        try await self.records.find(id)
    }

    func all(status: String?) async throws -> [Service] {
        try await self.records.all().filter { status == nil || $0.status == status }
    }

    func create(_ input: JSONObject) async throws -> Service {
        let service = try self.make(
            input, status: input["status"]?.stringValue ?? "ACTIVE",
            owner: input["owner"]?.stringValue ?? self.identity.actor)
        return try await self.records.insert(service, announcing: self.updates)
    }

    func update(_ id: String, _ input: JSONObject, expectedVersion: Int64?) async throws -> Service {
        guard !input.isEmpty else { throw GraphQLError.badInput(ClientMessages.changesNothing) }
        if input["name"] != nil { try Self.check(name: input["name"]?.stringValue) }
        let now = self.environment.now()
        if self.environment.channels.faults.contains(.serviceFailurePublished) { try await self.tellBefore(id) }
        let change = try await self.records.update(
            id, expectedVersion: expectedVersion, announcing: self.updates
        ) { service in
            var service = service
            for (name, value) in input { service.members[name] = value }
            service.set("updated_at", now)
            return service
        }
        return try Self.result(change)
    }

    func changeStatus(
        _ id: String, to status: String, reason: String?, expectedVersion: Int64?
    ) async throws -> Service {
        let now = self.environment.now()
        let change = try await self.records.update(
            id, expectedVersion: expectedVersion,
            announcing: { try self.updates($0) + self.statusChange($0.old, $0.new, reason, at: now) }
        ) { service in
            guard service.status != status else {
                throw GraphQLError.badInput(ClientMessages.hasStatus("service", status))
            }
            guard service.status != Service.retired else {
                throw GraphQLError.badInput(ClientMessages.retired)
            }
            var service = service
            service.set("status", status)
            service.set("updated_at", now)
            return service
        }
        return try Self.result(change)
    }

    /// - Returns: The request, as a message.
    func request(_ input: JSONObject) async throws -> JSONObject {
        let service = try self.make(input, status: "PENDING", owner: self.identity.actor)
        var request: JSONObject = [
            "tenant_id": .string(self.channels.tenant), "id": .string(self.environment.makeID()),
            "service": .null, "requested_by": .string(self.identity.actor),
            "requested_by_name": .optional(self.identity.name), "justification": input["justification"] ?? .null,
            "requested_at": service.members["created_at"] ?? .null,
        ]
        let stored = try await self.records.insert(service) { change in
            request["service"] = change.new.map { .object($0.members) }
            return try self.updates(change) + [self.announcement(request, on: self.channels.serviceRequests())]
        }
        request["service"] = .object(stored.members)
        return request
    }

    func delete(_ id: String, expectedVersion: Int64?) async throws -> Service {
        let now = self.environment.now()
        func last(_ service: Service?) -> Service? {
            guard var service else { return nil }
            service.set("status", Service.retired)
            service.set("updated_at", now)
            service.version += 1
            return service
        }
        let change = try await self.records.update(
            id, expectedVersion: expectedVersion,
            announcing: { change in
                let ended = Records<Service>.Change(old: change.old, new: last(change.old))
                let isNews = change.old?.status != Service.retired
                if self.environment.channels.faults.contains(.serviceDeletionUntold) { return [] }
                return try self.updates(ended)
                    + (isNews ? self.statusChange(ended.old, ended.new, "deleted", at: now) : [])
            }, { _ in nil })
        guard let service = last(change.old) else { throw Access.notFound("service") }
        return service
    }

    // MARK: Parts

    /// A fault: the event goes out before it is known whether there is anything to tell.
    private func tellBefore(_ id: String) async throws {
        guard let service = try await self.find(id) else { return }
        let message = Payload.encoded(service.members, in: self.identity.trace)
        _ = try await self.environment.bus.publishForClient(message, to: self.channels.serviceUpdates())
    }

    private func make(_ input: JSONObject, status: String, owner: String) throws -> Service {
        try Self.check(name: input["name"]?.stringValue)
        let now = JSONValue.string(self.environment.now())
        return Service(members: [
            "id": .string(self.environment.makeID()), "tenant_id": .string(self.channels.tenant),
            "name": input["name"] ?? .null, "description": input["description"] ?? .null, "status": .string(status),
            "owner": .string(owner), "created_at": now, "updated_at": now,
        ])
    }

    private static func check(name: String?) throws {
        guard let name, (1...self.longestName).contains(name.count) else {
            throw GraphQLError.badInput(ClientMessages.characters("A name", upTo: self.longestName))
        }
    }

    private static func result(_ change: Records<Service>.Change) throws -> Service {
        guard let service = change.new else { throw Access.notFound("service") }
        return service
    }

    private func announcement(_ message: JSONObject, on channel: ChannelName) -> Announcement {
        Announcement(message, on: channel, in: self.identity.trace)
    }

    private func updates(_ change: Records<Service>.Change) throws -> [Announcement] {
        guard let service = change.new else { return [] }
        return [self.announcement(service.members, on: try self.channels.serviceUpdates())]
    }

    private func statusChange(
        _ old: Service?, _ new: Service?, _ reason: String?, at time: String
    ) throws -> [Announcement] {
        guard let old, let new else { return [] }
        let message: JSONObject = [
            "tenant_id": .string(self.channels.tenant), "service_id": .string(new.id),
            "service": .object(new.members), "previous_status": .string(old.status), "status": .string(new.status),
            "reason": .optional(reason), "changed_by": .string(self.identity.actor), "changed_at": .string(time),
        ]
        return [self.announcement(message, on: try self.channels.serviceStatus())]
    }
}
