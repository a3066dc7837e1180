import GraphQLCore

/// A document as it is stored.
struct Document: VersionedRecord {
    static let shape = PayloadShape([
        "id": .plain, "filename": .plain, "status": .plain, "createdAt": .time, "updatedAt": .time, "version": .plain,
    ])

    /// The status of which there is no way back.
    static let deleted = "deleted"

    var members: JSONObject

    var status: String { self.text("status") ?? "" }

    var resolved: ResolvedValue { Self.shape.object(self.members) }

    /// A `DocumentUpdate`.
    var update: ResolvedValue {
        func value(_ key: String) -> ResolvedValue { self.members[key].map { .json($0) } ?? .null }
        return [
            "documentId": value("id"), "filename": value("filename"), "status": value("status"),
            "updatedAt": value("updated_at"),
        ]
    }
}
