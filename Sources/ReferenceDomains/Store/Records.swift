import GraphQLCore
import PubSub

/// Something that is stored as a JSON object and counts its changes.
protocol VersionedRecord: Sendable {
    /// What is stored.
    var members: JSONObject { get set }

    init(members: JSONObject)
}

extension VersionedRecord {
    /// Under what it is stored. Empty only for what was not stored by us.
    var id: String { self.members["id"]?.stringValue ?? "" }

    /// How often it was changed, from 1.
    var version: Int64 {
        get { self.members["version"]?.intValue ?? 0 }
        set { self.members["version"] = .int(newValue) }
    }

    /// A member that is text; absent, null and of another kind are nil.
    func text(_ key: String) -> String? { self.members[key]?.stringValue }

    /// Sets a member to text, or to null.
    mutating func set(_ key: String, _ text: String?) {
        self.members[key] = text.map { .string($0) } ?? .null
    }
}

/// The records of one kind of one tenant, shared by all instances of the server.
///
/// A change is made on what was read, written only if that is still there, and made again on what is there instead, so
/// that of two changes at once neither is lost. What is announced goes out in the same step as the change.
struct Records<Record: VersionedRecord>: Sendable {
    /// How a record was and is; `new` is nil once it is removed.
    struct Change: Sendable {
        let old: Record?
        let new: Record?
    }

    /// The largest record in bytes of JSON, inclusive: events tell of it as it is and was, and have to stay below what
    /// `Payload` reads.
    static var maximumBytes: Int { 256 << 10 }

    /// How often a change is made anew at most. Each time some other change went through.
    private static var attempts: Int { 500 }

    private let state: any KeyValueStore
    private let key: String
    /// What a client calls such a record, for errors.
    private let noun: String

    init(_ noun: String, at key: String, in state: any KeyValueStore) {
        self.noun = noun
        self.key = key
        self.state = state
    }

    /// The record of that id; nil when there is none.
    func find(_ id: String) async throws -> Record? {
        try await self.bytes(of: id).flatMap(Self.decode)
    }

    /// All records, in the order of their ids.
    func all() async throws -> [Record] {
        do {
            return try await self.state.fields(of: self.key).values.compactMap(Self.decode).sorted { $0.id < $1.id }
        } catch {
            throw GraphQLError(error)
        }
    }

    /// Stores a new record with version 1.
    ///
    /// - Throws: `GraphQLError` with `CONFLICT` when its id is taken.
    func insert(_ record: Record, announcing: (Change) throws -> [Announcement]) async throws -> Record {
        var record = record
        record.version = 1
        let announcements = try announcing(Change(old: nil, new: record))
        guard try await self.replace(record.id, nil, with: record, announcements) else {
            throw GraphQLError.conflict(ClientMessages.isThere(self.noun, record.id))
        }
        return record
    }

    /// Changes a record and counts its version up, or removes it.
    ///
    /// - Parameters:
    ///   - expectedVersion: That which the client has seen; nil to change whatever is there.
    ///   - change: Makes the new record; nil to remove it. May be called several times, for newer records. What it throws
    ///     leaves everything as it was.
    /// - Throws: `NOT_FOUND` when there is no such record, `CONFLICT` when it has another version.
    func update(
        _ id: String, expectedVersion: Int64? = nil, announcing: (Change) throws -> [Announcement],
        _ change: (Record) throws -> Record?
    ) async throws -> Change {
        for _ in 0..<Self.attempts {
            let bytes = try await self.bytes(of: id)
            guard let bytes, let old = Self.decode(bytes) else { throw Access.notFound(self.noun) }
            guard expectedVersion == nil || expectedVersion == old.version else {
                throw GraphQLError.conflict(ClientMessages.hasChanged(self.noun, old.version))
            }
            var new = try change(old)
            new?.version = old.version + 1
            let made = Change(old: old, new: new)
            if try await self.replace(id, bytes, with: new, announcing(made)) { return made }
        }
        throw GraphQLError(BusError(.overloaded, "a record was changed \(Self.attempts) times while it was written"))
    }

    /// Changes a record, or makes it when there is none; nothing is counted and nothing announced.
    ///
    /// - Parameter lifetime: How long the records of this key are kept after this.
    func upsert(_ id: String, lifetime: Duration, _ change: (Record?) -> Record) async throws {
        for _ in 0..<Self.attempts {
            let bytes = try await self.bytes(of: id)
            var record = change(bytes.flatMap(Self.decode))
            // One that has grown too large begins anew.
            if JSONValue.object(record.members).encoded().count > Self.maximumBytes { record = change(nil) }
            guard try await self.replace(id, bytes, with: record, []) else { continue }
            do {
                try await self.state.expire(self.key, after: lifetime)
            } catch {
                throw GraphQLError(error)
            }
            return
        }
        throw GraphQLError(BusError(.overloaded, "a record was changed \(Self.attempts) times while it was written"))
    }

    private func bytes(of id: String) async throws -> [UInt8]? {
        do {
            return try await self.state.field(id, of: self.key)
        } catch {
            throw GraphQLError(error)
        }
    }

    private func replace(
        _ id: String, _ expected: [UInt8]?, with record: Record?, _ announcements: [Announcement]
    ) async throws -> Bool {
        let replacement = record.map { JSONValue.object($0.members).encoded() }
        guard (replacement?.count ?? 0) <= Self.maximumBytes else {
            throw GraphQLError(
                message: ClientMessages.tooLarge("A \(self.noun)", Self.maximumBytes),
                extensions: ["code": "LIMIT_EXCEEDED"])
        }
        do {
            return try await self.state.replace(
                id, of: self.key, expecting: expected, with: replacement, announcing: announcements)
        } catch {
            throw GraphQLError(error)
        }
    }

    private static func decode(_ bytes: [UInt8]) -> Record? {
        (try? JSONReader.read(bytes))?.objectValue.map(Record.init(members:))
    }
}
