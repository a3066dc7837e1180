import GraphQLCore

/// `CustomerNetworkStatusUpdate` in published messages.
enum NetworkStatus {
    /// What follows `customer:{id}:` in the channel.
    static let channelKind = "network_status"

    static let shape = PayloadShape([
        "customerId": .plain, "connectionStatus": .plain, "lastSeenAt": .plain, "ipv4Address": .plain,
        "ipv6Address": .plain, "macAddress": .plain, "vlanId": .integer, "signalStrength": .number,
        "signalQuality": .number, "uptimeSeconds": .integer, "uptimePercentage": .number,
        "bandwidthUsageMbps": .number, "downloadSpeedMbps": .number, "uploadSpeedMbps": .number,
        "packetLoss": .number, "latencyMs": .number, "jitter": .number, "ontRxPower": .number,
        "ontTxPower": .number, "oltRxPower": .number, "serviceStatus": .plain, "updatedAt": .plain,
    ])

    /// Reads a message that came on the channel of a customer.
    ///
    /// A message without `customer_id` is taken for one of that customer, since its channel says so.
    ///
    /// - Throws: `SkippedMessage` when it is no JSON object, or of another tenant or customer.
    static func read(
        _ message: [UInt8], customerID: String, for channels: TenantChannels
    ) throws(SkippedMessage) -> PayloadObject {
        var members = try Payload.read(message, for: channels)
        if let id = members["customer_id"], !id.isNull {
            guard Payload.identifies(id, customerID) else {
                throw SkippedMessage(reason: "customer_id is that of another customer")
            }
        } else {
            members["customer_id"] = .string(customerID)
        }
        return PayloadObject(shape: self.shape, members: members)
    }
}
