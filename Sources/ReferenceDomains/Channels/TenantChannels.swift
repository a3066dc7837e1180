package import GraphQLCore
package import PubSub

/// The channels of one tenant, and which of the messages on them are the tenant's.
package struct TenantChannels: Sendable {
    /// Whose they are; can be part of a name.
    package let tenant: String
    let names: ChannelNames

    init(tenant: String, names: ChannelNames) {
        self.tenant = tenant
        self.names = names
    }

    /// The channel of one kind of event of a customer, such as `network_status`.
    ///
    /// - Throws: `GraphQLError` when the id must not be part of a name.
    package func customer(_ id: String, _ kind: String) throws -> ChannelName {
        let id = try self.names.usable(id, "customerId")
        return try self.name("customer:\(id):\(kind)", hasTenant: self.names.layout == .tenant)
    }

    /// The channel of a topic of the fixture; it has the tenant in every layout.
    ///
    /// - Throws: `GraphQLError` when the topic's name must not be part of a name.
    package func topic(_ name: String) throws -> ChannelName {
        try self.name("topic:\(try self.names.usable(name, "name"))", hasTenant: true)
    }

    /// By which two streams of events of the channel are told apart: two tenants share none, even where they listen on
    /// one channel.
    package func sharingKey(for channel: ChannelName) -> String {
        "\(self.tenant) \(channel)"
    }

    /// Whether a message on one of these channels is for this tenant, by its member `tenant_id`.
    ///
    /// A message that does not say whose it is belongs to the tenant in the channel's name. Where channels name none,
    /// it belongs to the default tenant, so that publishers that know no tenants can be listened to.
    package func owns(_ message: JSONObject) -> Bool {
        if self.names.faults.contains(.deliveryUnchecked) { return true }
        if let owner = message["tenant_id"], !owner.isNull {
            return Payload.identifies(owner, self.tenant)
        }
        return self.names.layout == .tenant || self.tenant.utf8.elementsEqual(self.names.defaultTenant.utf8)
    }

    func name(_ rest: String, hasTenant: Bool) throws -> ChannelName {
        try ChannelName(self.names.prefix + (hasTenant ? self.tenant + ":" : "") + rest)
    }
}
