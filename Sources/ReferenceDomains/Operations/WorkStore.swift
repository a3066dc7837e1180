import GraphQLCore
import PubSub

/// The jobs or campaigns of one tenant, shared by all instances of the server.
///
/// A change and its event are written in one step, so that events have the order of the changes, and no change is
/// without its event.
struct WorkStore: Sendable {
    /// How often a change is made anew at most. Each time some other change went through.
    private static let attempts = 500

    private let kind: WorkKind
    private let state: any KeyValueStore
    private let recordsKey: String
    private let replayKey: String

    init(_ kind: WorkKind, _ channels: TenantChannels, in state: any KeyValueStore) throws {
        self.kind = kind
        self.state = state
        self.recordsKey = try channels.workKey(kind)
        self.replayKey = try channels.replayKey(kind.stream)
    }

    /// The item of that id; nil when there is none.
    func find(_ id: String) async throws -> WorkItem? {
        try await self.bytes(of: id).flatMap(Self.decode)
    }

    /// All items, in the order of their ids.
    func all() async throws -> [WorkItem] {
        do {
            return try await self.state.fields(of: self.recordsKey).sorted { $0.key < $1.key }
                .compactMap { Self.decode($0.value) }
        } catch {
            throw GraphQLError(error)
        }
    }

    /// Stores a new item.
    ///
    /// - Throws: `GraphQLError` with `CONFLICT` when its id is taken.
    func insert(_ id: String, _ item: WorkItem, event: [UInt8]) async throws {
        guard try await self.replace(id, nil, with: item, event) else {
            throw GraphQLError.conflict(ClientMessages.isThere(self.kind.rawValue, id))
        }
    }

    /// Changes an item.
    ///
    /// - Parameter change: Makes the new item and its event; nil to leave it as it is. May be called several times, for
    ///   newer items. What it throws leaves everything as it was.
    /// - Returns: The item as it is now, and whether it was changed.
    /// - Throws: `NOT_FOUND` when there is no such item.
    func update(
        _ id: String, _ change: (WorkItem) throws -> (WorkItem, event: [UInt8])?
    ) async throws -> (item: WorkItem, isChanged: Bool) {
        for _ in 0..<Self.attempts {
            guard let bytes = try await self.bytes(of: id), let old = Self.decode(bytes) else {
                throw Access.notFound(self.kind.rawValue)
            }
            guard let (new, event) = try change(old) else { return (old, false) }
            if try await self.replace(id, bytes, with: new, event) { return (new, true) }
        }
        throw GraphQLError(BusError(.overloaded, "an item was changed \(Self.attempts) times while it was written"))
    }

    private func bytes(of id: String) async throws -> [UInt8]? {
        do {
            return try await self.state.field(id, of: self.recordsKey)
        } catch {
            throw GraphQLError(error)
        }
    }

    private func replace(_ id: String, _ expected: [UInt8]?, with item: WorkItem, _ event: [UInt8]) async throws -> Bool
    {
        let capacity = Array("\(OperationsPublisher.replayCapacity)".utf8)
        do {
            // An item is never empty, so nothing stands for none.
            let reply = try await self.state.evaluate(
                Self.change, keys: [self.recordsKey, self.replayKey],
                arguments: [
                    Array(id.utf8), expected ?? [], JSONValue.object(item.members).encoded(), event, capacity,
                ])
            return reply.integer == 1
        } catch {
            throw GraphQLError(error)
        }
    }

    /// Replaces a field of a hash if it is as expected, and then appends to a stream.
    private static let change = StoreScript(
        "change and tell",
        lua: """
            local now = redis.call('HGET', KEYS[1], ARGV[1]) or ''
            if now ~= ARGV[2] then return 0 end
            redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
            redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', '\(OperationsEvent.field)', ARGV[4])
            return 1
            """
    ) { contents, keys, arguments throws(BusError) in
        let field = String(decoding: arguments[0], as: UTF8.self)
        let now = try contents.perform(.hashGet(key: keys[0], field: field)).bytes ?? []
        guard now == arguments[1] else { return .integer(0) }
        _ = try contents.perform(.hashSet(key: keys[0], fields: [field: arguments[2]], expiry: nil))
        _ = try contents.perform(
            .streamAppend(
                key: keys[1], fields: [StreamEntry.Field(OperationsEvent.field, arguments[3])],
                keeping: OperationsPublisher.replayCapacity))
        return .integer(1)
    }

    private static func decode(_ bytes: [UInt8]) -> WorkItem? {
        (try? JSONReader.read(bytes))?.objectValue.map(WorkItem.init(members:))
    }
}
