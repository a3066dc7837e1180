package import GraphQLCore
import PubSub

/// Publishes operations events: keeps each in the replay buffer of its stream, then wakes who listens.
///
/// All methods throw `GraphQLError`: `BAD_USER_INPUT` for a payload with a member missing or of the wrong kind,
/// `EVENTS_UNAVAILABLE` and the like when Redis is away.
package struct OperationsPublisher: Sendable {
    /// About how many events of each stream are kept for clients that come back.
    package static let replayCapacity = 1000

    private let environment: DomainEnvironment

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
    }

    /// Publishes an event of any type.
    ///
    /// - Parameter payload: Its members in snake_case; `event_type` and `tenant_id` are set here, `timestamp` is the
    ///   time now unless it is given.
    /// - Returns: Its place in the stream.
    @discardableResult
    package func publish(
        _ type: OperationsEventType, tenant: String, _ payload: JSONObject
    ) async throws -> String {
        let message = try self.message(type, tenant: tenant, payload)
        let channels = try self.environment.channels.of(tenant: tenant)
        let id: StreamID
        do {
            id = try await self.environment.state.append(
                [StreamEntry.Field(OperationsEvent.field, message)], to: try channels.replayKey(type.stream),
                keeping: Self.replayCapacity)
        } catch let error as BusError {
            throw GraphQLError(error)
        }
        try await self.ring(type.stream, channels)
        return "\(id)"
    }

    /// An event as it is kept and sent.
    func message(_ type: OperationsEventType, tenant: String, _ payload: JSONObject) throws -> [UInt8] {
        try OperationsPayload.of(type.stream).check(payload, of: type)
        var members: JSONObject = ["event_type": .string(type.rawValue), "tenant_id": .string(tenant)]
        let timestamp = payload["timestamp"] ?? .null
        members["timestamp"] = timestamp.isNull ? .string(self.environment.now()) : timestamp
        return JSONValue.object(members.merging(payload)).encoded()
    }

    /// Tells that a stream has something new. The message is only a bell: what there is to hear is read from the replay
    /// buffer, in its order.
    func ring(_ stream: OperationsStream, _ channels: TenantChannels) async throws {
        do {
            _ = try await self.environment.bus.publish(Array("new".utf8), to: try channels.operations(stream))
        } catch let error as BusError {
            throw GraphQLError(error)
        }
    }

    /// A change in the state of an optical network unit.
    /// - Parameters:
    ///   - status: `online`, `offline`, `rebooting` or `degraded`.
    ///   - details: More members, such as `signal_dbm`; they cannot replace those that are arguments here.
    package func publishONUStatus(
        _ type: OperationsEventType, tenant: String, onuSerial: String, status: String, details: JSONObject = [:]
    ) async throws {
        let members: JSONObject = ["onu_serial": .string(onuSerial), "status": .string(status)]
        try await self.publish(type, tenant: tenant, members.merging(details))
    }

    /// An alert that was raised or cleared.
    /// - Parameter severity: `info`, `warning`, `error` or `critical`.
    package func publishAlert(
        _ type: OperationsEventType = .alertRaised, tenant: String, alertID: String, alertType: String,
        severity: String, source: String, message: String, details: JSONObject? = nil
    ) async throws {
        try await self.publish(
            type, tenant: tenant,
            [
                "alert_id": .string(alertID), "alert_type": .string(alertType), "severity": .string(severity),
                "source": .string(source), "message": .string(message),
                "details": details.map { .object($0) } ?? .null,
            ])
    }

    /// What became of a ticket.
    package func publishTicket(
        _ type: OperationsEventType, tenant: String, ticketID: String, title: String, status: String,
        details: JSONObject = [:]
    ) async throws {
        let members: JSONObject = [
            "ticket_id": .string(ticketID), "title": .string(title), "status": .string(status),
        ]
        try await self.publish(type, tenant: tenant, members.merging(details))
    }

    /// What became of a subscriber.
    package func publishSubscriber(
        _ type: OperationsEventType, tenant: String, subscriberID: String, status: String, details: JSONObject = [:]
    ) async throws {
        let members: JSONObject = ["subscriber_id": .string(subscriberID), "status": .string(status)]
        try await self.publish(type, tenant: tenant, members.merging(details))
    }

    /// A RADIUS session that began, goes on or ended.
    package func publishSession(
        _ type: OperationsEventType, tenant: String, username: String, sessionID: String, details: JSONObject = [:]
    ) async throws {
        let members: JSONObject = ["username": .string(username), "session_id": .string(sessionID)]
        try await self.publish(type, tenant: tenant, members.merging(details))
    }
}

extension TenantChannels {
    /// Where it is told that a stream has something new.
    func operations(_ stream: OperationsStream) throws -> ChannelName {
        try self.name("realtime:\(stream.rawValue)", hasTenant: true)
    }

    /// The key of a stream's replay buffer.
    func replayKey(_ stream: OperationsStream) throws -> String { try self.keyed(stream, "replay") }

    /// The key of all jobs, or of all campaigns.
    func workKey(_ kind: WorkKind) throws -> String { try self.keyed(kind.stream, "items") }

    /// What stands in braces decides where a Redis Cluster keeps a key: those of one stream have to be together.
    private func keyed(_ stream: OperationsStream, _ what: String) throws -> String {
        try self.name("realtime:{\(stream.rawValue)}:\(what)", hasTenant: true).description
    }

    /// Where commands about jobs and campaigns are told.
    func control(_ stream: OperationsStream) throws -> ChannelName {
        try self.name(stream == .jobs ? "job:control" : "campaign:control", hasTenant: true)
    }
}
