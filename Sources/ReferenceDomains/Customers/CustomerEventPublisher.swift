package import GraphQLCore
package import PubSub

/// Publishes what happens to customers, for everyone who watches them on any server.
package struct CustomerEventPublisher: Sendable {
    private let bus: any MessageBus
    private let channels: ChannelNames
    private let now: @Sendable () -> String

    /// - Parameter now: The time as RFC 3339 text, for events that do not bring their own.
    package init(bus: any MessageBus, channels: ChannelNames, now: (@Sendable () -> String)? = nil) {
        self.bus = bus
        self.channels = channels
        self.now = now ?? Timestamp.now
    }

    /// Publishes a change in a customer's connection, on `customer:{id}:network_status`.
    ///
    /// - Parameters:
    ///   - tenant: Whose customer it is.
    ///   - connectionStatus: Such as `online`.
    ///   - details: More members of the message, under their names in messages (`signal_strength`); they cannot
    ///     replace those that are arguments here. `updated_at` is the time now unless it is among them.
    /// - Returns: To how many servers the message was handed.
    /// - Throws: `GraphQLError` when the tenant or id cannot be part of a channel name; `BusError`.
    package func publishNetworkStatusUpdate(
        tenant: String, customerID: String, connectionStatus: String, details: JSONObject = [:]
    ) async throws -> Int {
        let channel = try self.channels.of(tenant: tenant).customer(customerID, NetworkStatus.channelKind)
        var message: JSONObject = [
            "tenant_id": .string(tenant), "customer_id": .string(customerID),
            "connection_status": .string(connectionStatus),
        ]
        for (name, value) in details where message[name] == nil {
            message[name] = value
        }
        if message["updated_at"]?.isNull ?? true {
            message["updated_at"] = .string(self.now())
        }
        return try await self.bus.publish(JSONValue.object(message).encoded(), to: channel)
    }
}
