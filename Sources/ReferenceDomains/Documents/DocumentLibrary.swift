import GraphQLCore
import PubSub

/// The documents of one tenant. Whatever succeeds is published in the same step; what is published is the id alone, so
/// that who listens looks the document up.
struct DocumentLibrary: Sendable {
    private static let longestName = 200

    private let environment: DomainEnvironment
    private let channels: TenantChannels
    private let records: Records<Document>

    init(_ environment: DomainEnvironment, _ channels: TenantChannels) throws {
        self.environment = environment
        self.channels = channels
        self.records = Records("document", at: try channels.recordsKey("documents"), in: environment.state)
    }

    /// The document, a deleted one included; nil when there never was one.
    func find(_ id: String) async throws -> Document? {
        try await self.records.find(id)
    }

    /// The documents of a status, or all that are not deleted.
    func all(status: String?) async throws -> [Document] {
        try await self.records.all().filter { document in
            status.map { $0 == document.status } ?? (document.status != Document.deleted)
        }
    }

    func upload(_ filename: String) async throws -> Document {
        guard (1...Self.longestName).contains(filename.count) else {
            throw GraphQLError.badInput(ClientMessages.characters("A file name", upTo: Self.longestName))
        }
        let now = JSONValue.string(self.environment.now())
        let document = Document(members: [
            "id": .string(self.environment.makeID()), "tenant_id": .string(self.channels.tenant),
            "filename": .string(filename), "status": "uploaded", "created_at": now, "updated_at": now,
        ])
        return try await self.records.insert(document, announcing: self.announce)
    }

    func setStatus(_ id: String, _ status: String) async throws -> Document {
        let now = self.environment.now()
        let change = try await self.records.update(id, announcing: self.announce) { document in
            guard document.status != status else {
                throw GraphQLError.badInput(ClientMessages.hasStatus("document", status))
            }
            guard document.status != Document.deleted else { throw Access.notFound("document") }
            var document = document
            document.set("status", status)
            document.set("updated_at", now)
            return document
        }
        guard let document = change.new else { throw Access.notFound("document") }
        return document
    }

    private func announce(_ change: Records<Document>.Change) throws -> [Announcement] {
        guard let document = change.new else { return [] }
        let isTold =
            document.status != Document.deleted
            || !self.environment.channels.faults.contains(.documentDeletionUntold)
        guard isTold else { return [] }
        return [Announcement(Array(document.id.utf8), on: try self.channels.documents())]
    }
}
