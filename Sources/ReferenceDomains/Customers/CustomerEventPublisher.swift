package import GraphQLCore
import PubSub

/// Publishes what happens to customers, for everyone who watches them on any server, and keeps the newest state of each
/// customer for `Query.customer`.
///
/// All methods return to how many servers the message was handed. They throw `GraphQLError` when the tenant or the
/// customer's id cannot be part of a channel name or the message has more than `maximumBytes`, and `BusError`.
///
/// Values that are given as JSON have the names of messages (`signal_strength`). Times are written in UTC, decimal
/// numbers as strings; see `JSONValue.time(_:)`, `.decimal(_:)` and `.uuid(_:)`. `updated_at` is the time now unless it
/// is given.
package struct CustomerEventPublisher: Sendable {
    /// The largest message in bytes, inclusive.
    package static let maximumBytes = 64 << 10

    private let environment: DomainEnvironment

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
    }

    /// A change in a customer's connection, on `customer:{id}:network_status`.
    ///
    /// - Parameters:
    ///   - connectionStatus: Such as `online`.
    ///   - details: More members; they cannot replace those that are arguments here.
    package func publishNetworkStatusUpdate(
        tenant: String, customerID: String, connectionStatus: String, details: JSONObject = [:]
    ) async throws -> Int {
        try await self.publish(
            .networkStatus, tenant: tenant, customerID: customerID,
            (["connection_status": .string(connectionStatus)] as JSONObject).merging(details))
    }

    /// A change in a device, on `customer:{id}:devices`.
    ///
    /// - Parameters:
    ///   - changeType: What changed, such as `status`.
    ///   - details: More members; they cannot replace those that are arguments here.
    package func publishDeviceUpdate(
        tenant: String, customerID: String, deviceID: String, deviceType: String, deviceName: String, status: String,
        healthStatus: String, isOnline: Bool, changeType: String, previousValue: String? = nil,
        newValue: String? = nil, details: JSONObject = [:]
    ) async throws -> Int {
        let members: JSONObject = [
            "device_id": .string(deviceID), "device_type": .string(deviceType), "device_name": .string(deviceName),
            "status": .string(status), "health_status": .string(healthStatus), "is_online": .bool(isOnline),
            "change_type": .string(changeType), "previous_value": .optional(previousValue),
            "new_value": .optional(newValue),
        ]
        return try await self.publish(
            .device, tenant: tenant, customerID: customerID, members.merging(details))
    }

    /// What was done to a ticket, on `customer:{id}:tickets`.
    ///
    /// - Parameters:
    ///   - action: `created`, `updated`, `assigned`, `resolved`, `closed` or `commented`.
    ///   - ticket: The members of the ticket: at least `id`, `ticket_number`, `title`, `status` and `priority`.
    package func publishTicketUpdate(
        tenant: String, customerID: String, action: String, ticket: JSONObject, changedBy: String? = nil,
        changedByName: String? = nil, changes: JSONObject? = nil, comment: String? = nil
    ) async throws -> Int {
        let members: JSONObject = [
            "action": .string(action), "ticket": .object(ticket), "changed_by": .optional(changedBy),
            "changed_by_name": .optional(changedByName), "changes": changes.map { .object($0) } ?? .null,
            "comment": .optional(comment),
        ]
        return try await self.publish(.ticket, tenant: tenant, customerID: customerID, members)
    }

    /// Something that was done for or by the customer, on `customer:{id}:activities`.
    ///
    /// - Parameter activityID: Made up unless given.
    package func publishActivity(
        tenant: String, customerID: String, activityID: String? = nil, activityType: String, title: String,
        description: String? = nil, performedBy: String? = nil, performedByName: String? = nil
    ) async throws -> Int {
        let members: JSONObject = [
            "id": .optional(activityID), "activity_type": .string(activityType), "title": .string(title),
            "description": .optional(description), "performed_by": .optional(performedBy),
            "performed_by_name": .optional(performedByName),
        ]
        return try await self.publish(.activity, tenant: tenant, customerID: customerID, members)
    }

    /// What was done to a note, on `customer:{id}:notes`.
    ///
    /// - Parameters:
    ///   - action: `created`, `updated` or `deleted`.
    ///   - note: The members of the note: at least `id`, `subject`, `content` and `is_internal`.
    package func publishNoteUpdate(
        tenant: String, customerID: String, action: String, note: JSONObject?, changedBy: String? = nil,
        changedByName: String? = nil
    ) async throws -> Int {
        let members: JSONObject = [
            "action": .string(action), "note": note.map { .object($0) } ?? .null,
            "changed_by": .optional(changedBy), "changed_by_name": .optional(changedByName),
        ]
        return try await self.publish(.note, tenant: tenant, customerID: customerID, members)
    }

    /// A change of plan or of a subscription's status, on `customer:{id}:subscriptions`.
    ///
    /// - Parameter details: More members, such as `price` and `period_end`; they cannot replace arguments.
    package func publishSubscriptionUpdate(
        tenant: String, customerID: String, subscriptionID: String, action: String, plan: String, status: String,
        details: JSONObject = [:]
    ) async throws -> Int {
        let members: JSONObject = [
            "subscription_id": .string(subscriptionID), "action": .string(action), "plan": .string(plan),
            "status": .string(status),
        ]
        return try await self.publish(
            .subscription, tenant: tenant, customerID: customerID, members.merging(details))
    }

    /// What became of an invoice, on `customer:{id}:billing`.
    ///
    /// - Parameters:
    ///   - amount: A decimal number, such as `49.90`.
    ///   - currency: Of ISO 4217, such as `EUR`.
    ///   - details: More members, such as `due_date`; they cannot replace arguments.
    package func publishBillingUpdate(
        tenant: String, customerID: String, invoiceID: String, action: String, amount: String, currency: String,
        status: String, details: JSONObject = [:]
    ) async throws -> Int {
        let members: JSONObject = [
            "invoice_id": .string(invoiceID), "action": .string(action), "amount": .string(amount),
            "currency": .string(currency), "status": .string(status),
        ]
        return try await self.publish(.billing, tenant: tenant, customerID: customerID, members.merging(details))
    }

    /// An event of any kind.
    ///
    /// - Parameters:
    ///   - members: Its members but for `tenant_id` and `customer_id`, which are set here.
    ///   - trace: That of the request for which it is published. It does not count as part of the message's size.
    package func publish(
        _ event: CustomerEvent, tenant: String, customerID: String, _ members: JSONObject,
        in trace: TraceContext? = nil
    ) async throws -> Int {
        let channels = try self.environment.channels.of(tenant: tenant)
        let channel = try channels.customer(customerID, event.channelKind)
        var message: JSONObject = ["tenant_id": .string(tenant), "customer_id": .string(customerID)]
        message = message.merging(event.shape.normalised(members))
        if message[event.timeKey]?.isNull ?? true {
            message[event.timeKey] = .string(self.environment.now())
        }
        if event.shape.field("id") != nil, message["id"]?.isNull ?? true {
            message["id"] = .string(self.environment.makeID())
        }
        let encoded = JSONValue.object(message).encoded()
        guard encoded.count <= Self.maximumBytes else {
            throw GraphQLError.badInput(ClientMessages.tooLarge("An event", Self.maximumBytes))
        }
        try await CustomerOverviews(self.environment.state, channels).record(message, as: event, of: customerID)
        return try await self.environment.bus.publish(
            trace == nil ? encoded : Payload.encoded(message, in: trace), to: channel)
    }
}

extension JSONObject {
    /// The members of both; those that are here already stay as they are.
    func merging(_ others: JSONObject) -> JSONObject {
        var merged = self
        for (name, value) in others where merged[name] == nil {
            merged[name] = value
        }
        return merged
    }
}

extension JSONValue {
    /// The string, or null for nil.
    static func optional(_ text: String?) -> JSONValue {
        text.map { .string($0) } ?? .null
    }
}
