import GraphQLCore

/// One kind of event of a customer: how it is called everywhere, and what its messages look like.
package struct CustomerEvent: Sendable {
    /// What follows `customer:{id}:` in the channel, such as `network_status`.
    package let channelKind: String
    /// The field of the subscription root.
    package let subscription: String
    /// The field of the mutation root that publishes it.
    package let mutation: String
    /// The type of its payload.
    package let type: String
    /// The fields of its payload.
    package let shape: PayloadShape
    /// The member that says when it happened.
    let timeKey: String

    init(
        _ channelKind: String, _ subscription: String, _ mutation: String, _ type: String,
        timeKey: String = "updated_at", _ shape: PayloadShape
    ) {
        self.channelKind = channelKind
        self.subscription = subscription
        self.mutation = mutation
        self.type = type
        self.shape = shape
        self.timeKey = timeKey
    }

    /// All kinds.
    package static let all: [CustomerEvent] = [
        .networkStatus, .device, .ticket, .activity, .note, .subscription, .billing,
    ]

    /// Reads a message that came on the channel of a customer.
    ///
    /// A message without `customer_id` is taken for one of that customer, since its channel says so.
    ///
    /// - Throws: `SkippedMessage` when it is no JSON object, or of another tenant or customer.
    func read(
        _ message: [UInt8], customerID: String, for channels: TenantChannels
    ) throws(SkippedMessage) -> (members: JSONObject, trace: TraceContext?) {
        var (members, trace) = try Payload.read(message, for: channels)
        if let id = members["customer_id"], !id.isNull {
            guard Payload.identifies(id, customerID) || channels.names.faults.contains(.customerOwnerUnchecked) else {
                throw SkippedMessage(reason: SkipReasons.otherCustomer)
            }
        } else {
            members["customer_id"] = .string(customerID)
        }
        return (members, trace)
    }
}
