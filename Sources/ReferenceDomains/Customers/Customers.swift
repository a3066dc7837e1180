package import GraphQLCore
import PubSub

/// The customers' side of the schema: what is known, live changes, and how they are published.
package struct Customers: Sendable {
    private let environment: DomainEnvironment
    private let publisher: CustomerEventPublisher
    /// The network statuses that passed this server, those of foreign publishers included.
    private let passed = LatestEvents()

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
        self.publisher = CustomerEventPublisher(environment)
    }

    /// The resolvers of all fields of the domain.
    package var resolvers: Resolvers {
        var resolvers = Resolvers()
        resolvers.asyncField("Query", "customer") { input in
            try await self.customer(input.arguments.string("id") ?? "", for: Access.identity(input))
        }
        for event in CustomerEvent.all {
            resolvers.asyncField("Mutation", event.mutation) { input in
                let isUnchecked = self.environment.channels.faults.contains(.customerPublishUnchecked)
                let identity =
                    try isUnchecked
                    ? Access.identity(input) : Access.require(permission: Permission.publishEvents, input)
                return try await self.publish(event, input.arguments.object("input") ?? [:], for: identity)
            }
            resolvers.subscription(event.subscription) { input in
                let channels = try self.environment.channels.of(Access.identity(input))
                return try self.stream(of: event, customerID: input.arguments.string("customerId") ?? "", channels)
            }
        }
        return resolvers
    }

    private func stream(
        of event: CustomerEvent, customerID: String, _ channels: TenantChannels
    ) throws -> SourceEventStream {
        let channel = try channels.customer(customerID, event.channelKind)
        let recordsStatus = event.channelKind == CustomerEvent.networkStatus.channelKind
        return SourceEventStream(
            of: channel, on: self.environment.bus, sharingKey: channels.sharingKey(for: channel),
            onSkipped: self.environment.onSkipped
        ) { message throws(SkippedMessage) in
            let (members, trace): (JSONObject, TraceContext?)
            do throws(SkippedMessage) {
                (members, trace) = try event.read(message, customerID: customerID, for: channels)
            } catch {
                guard channels.names.faults.contains(.customerBadMessageEnds) else { throw error }
                return .last(.failure(GraphQLError(message: "Internal server error")))
            }
            if recordsStatus {
                self.passed.record(members, of: customerID, in: channels.tenant)
            }
            return .event(event.shape.object(members), in: trace)
        }
    }

    private func publish(
        _ event: CustomerEvent, _ input: JSONObject, for identity: Identity
    ) async throws -> ResolvedValue {
        let message = event.shape.message(from: input)
        do {
            let receivers = try await self.publisher.publish(
                event, tenant: identity.tenant, customerID: input["customerId"]?.stringValue ?? "", message,
                in: identity.trace)
            return ["receivers": .int(Int64(receivers))]
        } catch let error as BusError {
            throw GraphQLError(error)
        }
    }

    private func customer(_ id: String, for identity: Identity) async throws -> ResolvedValue {
        let channels = try self.environment.channels.of(identity)
        let overview = try await CustomerOverviews(self.environment.state, channels).find(id)
        let passed = self.passed[id, of: channels.tenant]
        guard overview != nil || passed != nil else {
            if self.environment.channels.faults.contains(.existenceTold), self.passed.isKnown(id) {
                throw GraphQLError(
                    message: "This customer belongs to another tenant.", extensions: ["code": "FORBIDDEN"])
            }
            return .null
        }
        func list(_ event: CustomerEvent, as shape: PayloadShape? = nil) -> ResolvedValue {
            .list((overview?.entries(of: event) ?? []).map { (shape ?? event.shape).object($0) })
        }
        let status = CustomerEvent.networkStatus
        let stored = overview?.members[status.channelKind]?.objectValue
        return [
            "id": .string(id),
            "networkStatus": Self.newer(stored, passed).map(status.shape.object) ?? .null,
            "devices": list(.device),
            "tickets": list(.ticket, as: CustomerEvent.ticketData),
            "activities": list(.activity),
            "notes": list(.note, as: CustomerEvent.noteData),
            "subscriptions": list(.subscription),
            "invoices": list(.billing),
        ]
    }

    /// The newer by `updated_at`; of two that do not say, what passed.
    private static func newer(_ stored: JSONObject?, _ passed: JSONObject?) -> JSONObject? {
        guard let stored, let passed else { return passed ?? stored }
        func time(_ message: JSONObject) -> String? {
            message["updated_at"]?.stringValue.flatMap(Timestamp.inUTC)
        }
        guard let one = time(stored), let other = time(passed) else { return passed }
        return one > other ? stored : passed
    }
}
