import GraphQLCore

/// A service as it is stored and published.
struct Service: VersionedRecord {
    static let shape = PayloadShape([
        "id": .plain, "name": .plain, "description": .plain, "status": .plain, "owner": .plain, "createdAt": .time,
        "updatedAt": .time, "version": .plain,
    ])

    /// The status of which there is no way back.
    static let retired = "RETIRED"

    var members: JSONObject

    var status: String { self.text("status") ?? "" }

    var resolved: ResolvedValue { Self.shape.object(self.members) }
}

/// `ServiceRequest` in messages.
enum ServiceRequest {
    static let shape = PayloadShape([
        "id": .plain, "service": .object(Service.shape), "requestedBy": .plain, "requestedByName": .plain,
        "justification": .plain, "requestedAt": .time,
    ])
}

/// `ServiceStatusChange` in messages.
enum ServiceStatusChange {
    static let shape = PayloadShape([
        "serviceId": .plain, "service": .object(Service.shape), "previousStatus": .plain, "status": .plain,
        "reason": .plain, "changedBy": .plain, "changedAt": .time,
    ])
}
