import GraphQLCore
import PubSub

/// What is known of a customer: the newest state of all that was published, as messages by kind and id.
struct CustomerOverview: VersionedRecord {
    /// The longest list, inclusive; what changed longest ago is forgotten first.
    static let longestList = 20

    var members: JSONObject

    /// Takes in an event.
    mutating func apply(_ message: JSONObject, as event: CustomerEvent) {
        switch event.channelKind {
        case CustomerEvent.networkStatus.channelKind: self.members[event.channelKind] = .object(message)
        case CustomerEvent.device.channelKind: self.put(message, "device_id", in: event)
        case CustomerEvent.ticket.channelKind: self.put(message["ticket"]?.objectValue, "id", in: event)
        case CustomerEvent.note.channelKind:
            let isDeleted = message["action"] == "deleted"
            self.put(message["note"]?.objectValue, "id", in: event, removing: isDeleted)
        case CustomerEvent.subscription.channelKind: self.put(message, "subscription_id", in: event)
        case CustomerEvent.billing.channelKind: self.put(message, "invoice_id", in: event)
        default: self.put(message, "id", in: event)
        }
    }

    /// The entries of a list, newest first.
    func entries(of event: CustomerEvent) -> [JSONObject] {
        self.members[event.channelKind]?.arrayValue?.compactMap(\.objectValue) ?? []
    }

    /// Puts an entry first in its list, in place of the one with the same id.
    private mutating func put(
        _ entry: JSONObject?, _ idKey: String, in event: CustomerEvent, removing: Bool = false
    ) {
        guard let entry else { return }
        var entries = self.entries(of: event).filter { $0[idKey] != entry[idKey] }
        if !removing { entries.insert(entry, at: 0) }
        self.members[event.channelKind] = .array(entries.prefix(Self.longestList).map { .object($0) })
    }
}

/// The overviews of the customers of one tenant. Each has a key of its own and is forgotten when nothing was published
/// about the customer for a week, so that ids that nobody uses any more do not pile up.
struct CustomerOverviews: Sendable {
    private static let field = "overview"
    private static let lifetime = Duration.seconds(7 * 24 * 3600)

    private let state: any KeyValueStore
    private let channels: TenantChannels

    init(_ state: any KeyValueStore, _ channels: TenantChannels) {
        self.state = state
        self.channels = channels
    }

    /// - Throws: `GraphQLError` when the id cannot be part of a key.
    func find(_ id: String) async throws -> CustomerOverview? {
        try await self.records(of: id).find(Self.field)
    }

    func record(_ message: JSONObject, as event: CustomerEvent, of customerID: String) async throws {
        try await self.records(of: customerID).upsert(Self.field, lifetime: Self.lifetime) { overview in
            var overview = overview ?? CustomerOverview(members: [:])
            overview.apply(message, as: event)
            return overview
        }
    }

    private func records(of id: String) throws -> Records<CustomerOverview> {
        Records("customer", at: try self.channels.customerKey(id), in: self.state)
    }
}
