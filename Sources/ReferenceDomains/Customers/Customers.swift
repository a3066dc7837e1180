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
            guard let status = self.latest[id] else { return .null }
            return ["id": .string(id), "networkStatus": .object(status)]
        }
        resolvers.asyncField("Mutation", "publishCustomerNetworkStatus") { input in
            try await self.publish(input.arguments.object("input") ?? [:])
        }
        resolvers.subscription("customerNetworkStatusUpdated") { input in
            try self.networkStatus(of: input.arguments.string("customerId") ?? "")
        }
        return resolvers
    }

    private func networkStatus(of id: String) throws -> SourceEventStream {
        let channel = try self.channels.customer(id, NetworkStatus.channelKind)
        let tenant = self.channels.tenant
        return SourceEventStream(
            of: channel, on: self.bus, sharingKey: channel.description, onSkipped: self.onSkipped
        ) { message throws(SkippedMessage) in
            let event = try NetworkStatus.read(message, customerID: id, tenant: tenant)
            self.latest.record(event, of: id)
            return .object(event)
        }
    }

    private func publish(_ input: JSONObject) async throws -> ResolvedValue {
        var details = JSONObject()
        for field in NetworkStatus.shape.fields {
            if let value = input[field.name] { details[field.key] = value }
        }
        let id = input["customerId"]?.stringValue ?? ""
        do {
            let receivers = try await self.publisher.publishNetworkStatusUpdate(
                customerID: id, connectionStatus: input["connectionStatus"]?.stringValue ?? "", details: details)
            return ["receivers": .int(Int64(receivers))]
        } catch let error as BusError {
            throw GraphQLError(error)
        }
    }
}
