package import GraphQLCore
package import PubSub

/// An event of a stream, at its place in it.
package struct OperationsEvent: Sendable {
    /// Its place; a client that has it goes on behind it.
    package let id: StreamID
    package let type: OperationsEventType
    /// All members: `event_type`, `tenant_id`, `timestamp` and the payload.
    package let members: JSONObject
    /// The members as JSON in UTF-8.
    package let json: [UInt8]

    /// Nil when the entry is no event of that tenant: then it was not written by this server.
    init?(_ entry: StreamEntry, of channels: TenantChannels) {
        guard let json = entry[Self.field], let members = (try? JSONReader.read(json))?.objectValue,
            let type = members["event_type"]?.stringValue.flatMap(OperationsEventType.init(rawValue:)),
            members["tenant_id"] != nil, channels.owns(members)
        else { return nil }
        self.id = entry.id
        self.type = type
        self.members = members
        self.json = json
    }

    /// The field of a stream's entry that holds an event.
    static let field = "event"
}
