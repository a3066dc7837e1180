/// What a store in memory holds. A pure value; the time comes from `now`, which its owner sets before each command.
package struct StoreContents: Sendable {
    private enum Kind {
        case value([UInt8])
        case hash([String: [UInt8]])
        case set(Set<String>)
        case stream(entries: ArraySlice<StreamEntry>, last: StreamID)
    }

    private struct Item {
        var kind: Kind
        /// In time since 1970; nil for never.
        var expiry: Duration?
    }

    private var items: [String: Item] = [:]
    /// The time since 1970.
    package internal(set) var now: Duration = .zero
    private var lastSweep: Duration = .zero

    init() {}

    /// How many keys there are, those included that expired and were not asked for since.
    var count: Int { self.items.count }

    /// Carries a command out, as Redis would.
    package mutating func perform(_ command: StoreCommand) throws(BusError) -> StoreReply {
        self.sweep()
        switch command {
        case .get(let key):
            return try self.value(key).map(StoreReply.bytes) ?? .null
        case .set(let key, let value, let expiry, let onlyIfAbsent):
            if onlyIfAbsent, self.item(key) != nil { return .null }
            self.items[key] = Item(kind: .value(value), expiry: expiry.map { self.now + $0 })
            return .bytes(Array("OK".utf8))
        case .remove(let key):
            let wasThere = self.item(key) != nil
            self.items[key] = nil
            return .integer(wasThere ? 1 : 0)
        case .expire(let key, let expiry):
            guard self.item(key) != nil else { return .integer(0) }
            self.items[key]?.expiry = self.now + expiry
            return .integer(1)
        case .increment(let key, let amount):
            return .integer(try self.increment(key, by: amount))
        case .hashGet(let key, let field):
            return try self.hash(key)[field].map(StoreReply.bytes) ?? .null
        case .hashSet(let key, let fields, let expiry):
            var hash = try self.hash(key)
            let added = fields.keys.count { hash[$0] == nil }
            hash.merge(fields) { $1 }
            self.put(.hash(hash), at: key, isEmpty: hash.isEmpty)
            if let expiry { self.items[key]?.expiry = self.now + expiry }
            return .integer(Int64(added))
        case .hashReplace(let change):
            var hash = try self.hash(change.key)
            guard hash[change.field] == change.expected else { return .integer(0) }
            hash[change.field] = change.replacement
            self.put(.hash(hash), at: change.key, isEmpty: hash.isEmpty)
            return .integer(1)
        case .hashAll(let key):
            return .array(try self.hash(key).flatMap { [.bytes(Array($0.key.utf8)), .bytes($0.value)] })
        case .hashRemove(let key, let fields):
            var hash = try self.hash(key)
            let removed = Set(fields).count { hash.removeValue(forKey: $0) != nil }
            self.put(.hash(hash), at: key, isEmpty: hash.isEmpty)
            return .integer(Int64(removed))
        case .setAdd(let key, let members):
            let set = try self.set(key)
            let all = set.union(members)
            self.put(.set(all), at: key, isEmpty: all.isEmpty)
            return .integer(Int64(all.count - set.count))
        case .setRemove(let key, let members):
            let set = try self.set(key)
            let rest = set.subtracting(members)
            self.put(.set(rest), at: key, isEmpty: rest.isEmpty)
            return .integer(Int64(set.count - rest.count))
        case .setContains(let key, let member):
            return .integer(try self.set(key).contains(member) ? 1 : 0)
        case .setMembers(let key):
            return .array(try self.set(key).map { .bytes(Array($0.utf8)) })
        case .streamAppend(let key, let fields, let keeping):
            return try self.append(fields, to: key, keeping: keeping)
        case .streamRange(let key, let after, let limit):
            let entries = try self.stream(key).entries
            let start = after.map { id in entries.firstIndex { $0.id > id } ?? entries.endIndex } ?? entries.startIndex
            return .array(entries[start...].prefix(limit).map(Self.reply))
        case .streamEdge(let key, let newest):
            let entries = try self.stream(key).entries
            return .array([newest ? entries.last : entries.first].compactMap { $0 }.map(Self.reply))
        case .script(let script, let keys, let arguments):
            return try script.body(&self, keys, arguments)
        }
    }

    // MARK: Kinds

    private static let wrongKind = BusError(
        .refused, "WRONGTYPE Operation against a key holding the wrong kind of value")

    private func item(_ key: String) -> Item? {
        guard let item = self.items[key], item.expiry.map({ $0 > self.now }) ?? true else { return nil }
        return item
    }

    private func value(_ key: String) throws(BusError) -> [UInt8]? {
        switch self.item(key)?.kind {
        case .value(let value): return value
        case nil: return nil
        default: throw Self.wrongKind
        }
    }

    private func hash(_ key: String) throws(BusError) -> [String: [UInt8]] {
        switch self.item(key)?.kind {
        case .hash(let hash): return hash
        case nil: return [:]
        default: throw Self.wrongKind
        }
    }

    private func set(_ key: String) throws(BusError) -> Set<String> {
        switch self.item(key)?.kind {
        case .set(let set): return set
        case nil: return []
        default: throw Self.wrongKind
        }
    }

    private func stream(_ key: String) throws(BusError) -> (entries: ArraySlice<StreamEntry>, last: StreamID) {
        switch self.item(key)?.kind {
        case .stream(let entries, let last): return (entries, last)
        case nil: return ([], StreamID(milliseconds: 0, sequence: 0))
        default: throw Self.wrongKind
        }
    }

    /// Replaces what is at the key and keeps its expiry; an empty hash or set is no key.
    private mutating func put(_ kind: Kind, at key: String, isEmpty: Bool = false) {
        let expiry = self.item(key)?.expiry
        self.items[key] = isEmpty ? nil : Item(kind: kind, expiry: expiry)
    }

    private mutating func increment(_ key: String, by amount: Int64) throws(BusError) -> Int64 {
        let text = try self.value(key).map { String(decoding: $0, as: UTF8.self) } ?? "0"
        guard let number = Int64(text), case let (sum, overflow) = number.addingReportingOverflow(amount), !overflow
        else { throw BusError(.refused, "ERR value is not an integer or out of range") }
        self.put(.value(Array(String(sum).utf8)), at: key)
        return sum
    }

    private mutating func append(
        _ fields: [StreamEntry.Field], to key: String, keeping: Int
    ) throws(BusError) -> StoreReply {
        guard !fields.isEmpty else { throw BusError(.refused, "ERR wrong number of arguments for 'xadd' command") }
        var (entries, last) = try self.stream(key)
        let milliseconds = UInt64(max(0, self.now / .milliseconds(1)))
        last =
            milliseconds > last.milliseconds
            ? StreamID(milliseconds: milliseconds, sequence: 0)
            : StreamID(milliseconds: last.milliseconds, sequence: last.sequence + 1)
        entries.append(StreamEntry(id: last, fields: fields))
        if entries.count > keeping { entries = entries.suffix(max(0, keeping)) }
        self.put(.stream(entries: entries, last: last), at: key)
        return .bytes(Array(last.description.utf8))
    }

    private static func reply(_ entry: StreamEntry) -> StoreReply {
        let fields = entry.fields.flatMap { [StoreReply.bytes(Array($0.name.utf8)), .bytes($0.value)] }
        return .array([.bytes(Array(entry.id.description.utf8)), .array(fields)])
    }

    /// Once a minute, forgets what has expired and nobody asks for.
    private mutating func sweep() {
        guard self.now - self.lastSweep >= .seconds(60) else { return }
        self.lastSweep = self.now
        self.items = self.items.filter { $0.value.expiry.map { $0 > self.now } ?? true }
    }
}
