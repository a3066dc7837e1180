package import GraphQLCore
import PubSub

/// The services' side of the schema.
package struct Services: Sendable {
    private let environment: DomainEnvironment

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
    }

    /// The resolvers of all fields of the domain.
    package var resolvers: Resolvers {
        var resolvers = Resolvers()
        self.addQueries(to: &resolvers)
        self.addMutations(to: &resolvers)
        self.addSubscriptions(to: &resolvers)
        return resolvers
    }

    private func catalogue(_ input: ResolverInput) throws -> ServiceCatalogue {
        try ServiceCatalogue(self.environment, Access.identity(input))
    }

    private func addQueries(to resolvers: inout Resolvers) {
        resolvers.asyncField("Query", "services") { input in
            .list(try await self.catalogue(input).all(status: input.arguments.string("status")).map(\.resolved))
        }
        resolvers.asyncField("Query", "service") { input in
            try await self.catalogue(input).find(input.arguments.string("id") ?? "")?.resolved ?? .null
        }
    }

    private func addMutations(to resolvers: inout Resolvers) {
        resolvers.asyncField("Mutation", "createService") { input in
            try await self.catalogue(input).create(input.arguments.object("input") ?? [:]).resolved
        }
        resolvers.asyncField("Mutation", "updateService") { input in
            try await self.catalogue(input).update(
                input.arguments.string("id") ?? "", input.arguments.object("input") ?? [:],
                expectedVersion: input.arguments.value("expectedVersion")?.intValue
            ).resolved
        }
        resolvers.asyncField("Mutation", "changeServiceStatus") { input in
            try await self.catalogue(input).changeStatus(
                input.arguments.string("id") ?? "", to: input.arguments.string("status") ?? "",
                reason: input.arguments.string("reason"),
                expectedVersion: input.arguments.value("expectedVersion")?.intValue
            ).resolved
        }
        resolvers.asyncField("Mutation", "requestService") { input in
            ServiceRequest.shape.object(try await self.catalogue(input).request(input.arguments.object("input") ?? [:]))
        }
        resolvers.asyncField("Mutation", "deleteService") { input in
            try await self.catalogue(input).delete(
                input.arguments.string("id") ?? "",
                expectedVersion: input.arguments.value("expectedVersion")?.intValue
            ).resolved
        }
    }

    private func addSubscriptions(to resolvers: inout Resolvers) {
        resolvers.subscription("serviceUpdated") { input in
            try self.stream(
                input, of: { try $0.serviceUpdates() }, Service.shape, idKey: "id", input.arguments.string("serviceId"))
        }
        resolvers.subscription("newServiceRequest") { input in
            try self.stream(input, of: { try $0.serviceRequests() }, ServiceRequest.shape, idKey: "id", nil)
        }
        resolvers.subscription("serviceStatusChanged") { input in
            try self.stream(
                input, of: { try $0.serviceStatus() }, ServiceStatusChange.shape, idKey: "service_id",
                input.arguments.string("serviceId"))
        }
    }

    /// The messages of a channel whose member `idKey` is the id; all of them when it is nil.
    private func stream(
        _ input: ResolverInput, of channel: (TenantChannels) throws -> ChannelName, _ shape: PayloadShape,
        idKey: String, _ id: String?
    ) throws -> SourceEventStream {
        let channels = try self.environment.channels.of(Access.identity(input))
        let channel = try channel(channels)
        return SourceEventStream(
            of: channel, on: self.environment.bus,
            sharingKey: channels.sharingKey(for: channel) + (id.map { " \($0)" } ?? ""),
            onSkipped: self.environment.onSkipped
        ) { message throws(SkippedMessage) in
            let (members, trace) = try Payload.read(message, for: channels)
            if let id, !channels.names.faults.contains(.serviceFilterIgnored),
                members[idKey].map({ Payload.identifies($0, id) }) != true
            {
                return .notForUs
            }
            return .event(shape.object(members), in: trace)
        }
    }
}
