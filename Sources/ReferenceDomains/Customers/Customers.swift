package import GraphQLCore
package import PubSub

/// The customers' side of the schema: live changes, and how they are published.
package struct Customers: Sendable {
    private let bus: any MessageBus
    private let channels: ChannelNames
    private let publisher: CustomerEventPublisher
    private let latest = LatestEvents()
    private let onSkipped: @Sendable (ChannelName, String) -> Void

    /// - Parameters:
    ///   - onSkipped: Told of each message that could not be used, with its channel and the reason.
    ///   - now: See `CustomerEventPublisher`.
    package init(
        bus: any MessageBus, channels: ChannelNames,
        onSkipped: @escaping @Sendable (ChannelName, String) -> Void = { _, _ in },
        now: (@Sendable () -> String)? = nil
    ) {
        self.bus = bus
        self.channels = channels
        self.publisher = CustomerEventPublisher(bus: bus, channels: channels, now: now)
        self.onSkipped = onSkipped
    }

    /// The resolvers of all fields of the domain.
    package var resolvers: Resolvers {
        var resolvers = Resolvers()
        resolvers.scalar("DateTime", .dateTime)
        resolvers.field("Query", "customer") { input in
            let id = input.arguments.string("id") ?? ""
            let tenant = try Access.identity(input).tenant
            guard let status = self.latest[id, of: tenant] else { return .null }
            return ["id": .string(id), "networkStatus": .object(status)]
        }
        resolvers.asyncField("Mutation", "publishCustomerNetworkStatus") { input in
            let identity = try Access.require(permission: Permission.publishEvents, input)
            return try await self.publish(input.arguments.object("input") ?? [:], for: identity.tenant)
        }
        resolvers.subscription("customerNetworkStatusUpdated") { input in
            try self.networkStatus(
                of: input.arguments.string("customerId") ?? "", in: self.channels.of(Access.identity(input)))
        }
        return resolvers
    }

    private func networkStatus(of id: String, in channels: TenantChannels) throws -> SourceEventStream {
        let channel = try channels.customer(id, NetworkStatus.channelKind)
        return SourceEventStream(
            of: channel, on: self.bus, sharingKey: channels.sharingKey(for: channel), onSkipped: self.onSkipped
        ) { message throws(SkippedMessage) in
            let event = try NetworkStatus.read(message, customerID: id, for: channels)
            self.latest.record(event, of: id, in: channels.tenant)
            return .object(event)
        }
    }

    private func publish(_ input: JSONObject, for tenant: String) async throws -> ResolvedValue {
        var details = JSONObject()
        for field in NetworkStatus.shape.fields {
            if let value = input[field.name] { details[field.key] = value }
        }
        let id = input["customerId"]?.stringValue ?? ""
        do {
            let receivers = try await self.publisher.publishNetworkStatusUpdate(
                tenant: tenant, customerID: id, connectionStatus: input["connectionStatus"]?.stringValue ?? "",
                details: details)
            return ["receivers": .int(Int64(receivers))]
        } catch let error as BusError {
            throw GraphQLError(error)
        }
    }
}
