/// Keys with values, hashes, sets and streams, shared by all processes that use the same store.
///
/// Keys and members are text, values any bytes. A key belongs to one kind; a command for another kind is `refused`.
/// Every command is atomic by itself; `StoreScript` makes one of several. All take a bounded time: a store that hangs
/// makes them fail with `timedOut`, one that is away with `unavailable`, and after shutdown with `closed`. After
/// `timedOut` a change may or may not have been made.
package protocol KeyValueStore: Sendable {
    /// Carries a command out. The methods below say what each answers; callers use those.
    func perform(_ command: StoreCommand) async throws(BusError) -> StoreReply
}

/// One command to a store.
package enum StoreCommand: Sendable {
    case get(key: String)
    case set(key: String, value: [UInt8], expiry: Duration?, onlyIfAbsent: Bool)
    case remove(key: String)
    case expire(key: String, after: Duration)
    case increment(key: String, by: Int64)
    case hashGet(key: String, field: String)
    case hashSet(key: String, fields: [String: [UInt8]], expiry: Duration?)
    case hashReplace(HashReplacement)
    case hashAll(key: String)
    case hashRemove(key: String, fields: [String])
    case setAdd(key: String, members: [String])
    case setRemove(key: String, members: [String])
    case setContains(key: String, member: String)
    case setMembers(key: String)
    case streamAppend(key: String, fields: [StreamEntry.Field], keeping: Int)
    case streamRange(key: String, after: StreamID?, limit: Int)
    case streamEdge(key: String, newest: Bool)
    case script(StoreScript, keys: [String], arguments: [[UInt8]])

    /// The keys it touches, by which a store of several nodes finds the right one.
    package var keys: [String] {
        switch self {
        case .get(let key), .set(let key, _, _, _), .remove(let key), .expire(let key, _), .increment(let key, _),
            .hashGet(let key, _), .hashSet(let key, _, _), .hashAll(let key), .hashRemove(let key, _),
            .setAdd(let key, _), .setRemove(let key, _), .setContains(let key, _), .setMembers(let key),
            .streamAppend(let key, _, _), .streamRange(let key, _, _), .streamEdge(let key, _):
            [key]
        case .hashReplace(let replacement): [replacement.key]
        case .script(_, let keys, _): keys
        }
    }
}

/// What a store answers.
package enum StoreReply: Sendable, Equatable {
    case null
    case integer(Int64)
    case bytes([UInt8])
    case array([StoreReply])

    /// The number; nil for anything else.
    package var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    /// The bytes; nil for anything else.
    package var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    /// The bytes as text; nil for anything else.
    package var text: String? { self.bytes.map { String(decoding: $0, as: UTF8.self) } }
    /// The elements; nil for anything else.
    package var array: [StoreReply]? { if case .array(let elements) = self { elements } else { nil } }
}

/// Several commands that are carried out as one, with nothing of others in between.
///
/// Written twice, for each kind of store; the two must do the same, which the caller's tests show.
package struct StoreScript: Sendable {
    /// For messages to operators.
    package let name: String
    /// For Redis: KEYS and ARGV as given; integers, strings and arrays of them come back.
    package let lua: String
    /// For the store in memory.
    package let body:
        @Sendable (_ contents: inout StoreContents, _ keys: [String], _ arguments: [[UInt8]]) throws(BusError) ->
            StoreReply

    /// - Parameters:
    ///   - lua: Reads the time with `redis.call('TIME')`, if at all.
    ///   - body: Reads the time with `contents.now`, if at all. Runs under a lock: it must be short.
    package init(
        _ name: String, lua: String,
        body:
            @escaping @Sendable (_ contents: inout StoreContents, _ keys: [String], _ arguments: [[UInt8]])
            throws(BusError) -> StoreReply
    ) {
        self.name = name
        self.lua = lua
        self.body = body
    }
}
