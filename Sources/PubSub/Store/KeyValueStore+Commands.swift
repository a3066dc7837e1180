extension KeyValueStore {
    // MARK: Values

    /// The value of the key; nil when there is none.
    package func get(_ key: String) async throws(BusError) -> [UInt8]? {
        try await self.perform(.get(key: key)).bytes
    }

    /// Sets the value, and when it is forgotten (nil for never), whatever was there.
    package func set(_ key: String, to value: [UInt8], expiry: Duration? = nil) async throws(BusError) {
        _ = try await self.perform(.set(key: key, value: value, expiry: expiry, onlyIfAbsent: false))
    }

    /// Sets the value unless the key is there.
    ///
    /// - Returns: Whether it was set.
    package func setIfAbsent(
        _ key: String, to value: [UInt8], expiry: Duration? = nil
    ) async throws(BusError) -> Bool {
        try await self.perform(.set(key: key, value: value, expiry: expiry, onlyIfAbsent: true)) != .null
    }

    /// Removes the key, of whatever kind.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    package func remove(_ key: String) async throws(BusError) -> Bool {
        try await self.perform(.remove(key: key)) == .integer(1)
    }

    /// Lets the key, of whatever kind, be forgotten after that time, which is rounded up to whole milliseconds.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    package func expire(_ key: String, after expiry: Duration) async throws(BusError) -> Bool {
        try await self.perform(.expire(key: key, after: expiry)) == .integer(1)
    }

    /// Adds to the number at the key, which begins with 0.
    ///
    /// - Returns: The sum.
    @discardableResult
    package func increment(_ key: String, by amount: Int64 = 1) async throws(BusError) -> Int64 {
        try await self.perform(.increment(key: key, by: amount)).integer ?? 0
    }

    // MARK: Hashes

    /// One field of the hash; nil when it is not there.
    package func field(_ field: String, of key: String) async throws(BusError) -> [UInt8]? {
        try await self.perform(.hashGet(key: key, field: field)).bytes
    }

    /// Sets fields of the hash and leaves its others.
    ///
    /// - Parameter expiry: When the whole hash is forgotten; nil leaves that as it is.
    package func setFields(
        _ fields: [String: [UInt8]], of key: String, expiry: Duration? = nil
    ) async throws(BusError) {
        guard !fields.isEmpty else { return }
        _ = try await self.perform(.hashSet(key: key, fields: fields, expiry: expiry))
    }

    /// Replaces a field of the hash if it is as expected, and publishes that in the same step: others see neither the
    /// change without the messages nor, from several who change the field, messages in another order than the changes.
    /// (In a Redis Cluster the messages follow the change in a step of their own.)
    ///
    /// - Parameters:
    ///   - expected: What has to be there; nil for nothing.
    ///   - replacement: What takes its place; nil removes the field.
    ///   - announcements: What is published, in order.
    /// - Returns: Whether it was as expected; else nothing was changed or published.
    package func replace(
        _ field: String, of key: String, expecting expected: [UInt8]?, with replacement: [UInt8]?,
        announcing announcements: [HashReplacement.Announcement] = []
    ) async throws(BusError) -> Bool {
        let change = HashReplacement(
            key: key, field: field, expected: expected, replacement: replacement, announcements: announcements)
        return try await self.perform(.hashReplace(change)) == .integer(1)
    }

    /// The whole hash; empty when it is not there.
    package func fields(of key: String) async throws(BusError) -> [String: [UInt8]] {
        let flat = try await self.perform(.hashAll(key: key)).array ?? []
        var fields: [String: [UInt8]] = [:]
        for place in stride(from: 0, to: flat.count - 1, by: 2) {
            if let name = flat[place].text { fields[name] = flat[place + 1].bytes }
        }
        return fields
    }

    /// Removes fields of the hash.
    ///
    /// - Returns: How many were there.
    @discardableResult
    package func removeFields(_ fields: [String], of key: String) async throws(BusError) -> Int {
        guard !fields.isEmpty else { return 0 }
        return Int(try await self.perform(.hashRemove(key: key, fields: fields)).integer ?? 0)
    }

    // MARK: Sets

    /// Adds members to the set.
    ///
    /// - Returns: How many were not there before.
    @discardableResult
    package func add(_ members: [String], to key: String) async throws(BusError) -> Int {
        guard !members.isEmpty else { return 0 }
        return Int(try await self.perform(.setAdd(key: key, members: members)).integer ?? 0)
    }

    /// Removes members of the set.
    ///
    /// - Returns: How many were there.
    @discardableResult
    package func remove(_ members: [String], from key: String) async throws(BusError) -> Int {
        guard !members.isEmpty else { return 0 }
        return Int(try await self.perform(.setRemove(key: key, members: members)).integer ?? 0)
    }

    /// Whether the set has the member.
    package func contains(_ member: String, in key: String) async throws(BusError) -> Bool {
        try await self.perform(.setContains(key: key, member: member)) == .integer(1)
    }

    /// The members of the set; empty when it is not there.
    package func members(of key: String) async throws(BusError) -> Set<String> {
        Set((try await self.perform(.setMembers(key: key)).array ?? []).compactMap(\.text))
    }

    // MARK: Streams

    /// Appends an entry, and lets the oldest go when there are more than about `keeping`: never fewer are kept, and
    /// a hundred or so more may be.
    ///
    /// - Parameter fields: At least one.
    /// - Returns: The entry's place, after every other.
    package func append(
        _ fields: [StreamEntry.Field], to key: String, keeping: Int
    ) async throws(BusError) -> StreamID {
        let reply = try await self.perform(.streamAppend(key: key, fields: fields, keeping: keeping))
        guard let id = reply.text.flatMap({ StreamID($0) }) else {
            throw BusError(.refused, "the store gave the new entry of \(key) no usable place")
        }
        return id
    }

    /// Entries of the stream in order, from the first after `after` (nil for the oldest), at most `limit`.
    package func entries(
        of key: String, after: StreamID? = nil, limit: Int
    ) async throws(BusError) -> [StreamEntry] {
        guard limit > 0 else { return [] }
        return Self.entries(try await self.perform(.streamRange(key: key, after: after, limit: limit)))
    }

    /// The oldest entry that is kept; a reader that stopped before it has missed some. Nil when the stream is empty.
    package func oldestEntry(of key: String) async throws(BusError) -> StreamEntry? {
        Self.entries(try await self.perform(.streamEdge(key: key, newest: false))).first
    }

    /// The newest entry; nil when the stream is empty.
    package func newestEntry(of key: String) async throws(BusError) -> StreamEntry? {
        Self.entries(try await self.perform(.streamEdge(key: key, newest: true))).first
    }

    private static func entries(_ reply: StoreReply) -> [StreamEntry] {
        (reply.array ?? []).compactMap { entry in
            guard let parts = entry.array, parts.count == 2, let id = parts[0].text.flatMap({ StreamID($0) }),
                let flat = parts[1].array
            else { return nil }
            let fields = stride(from: 0, to: flat.count - 1, by: 2).compactMap { place -> StreamEntry.Field? in
                guard let name = flat[place].text, let value = flat[place + 1].bytes else { return nil }
                return StreamEntry.Field(name, value)
            }
            return StreamEntry(id: id, fields: fields)
        }
    }

    // MARK: Scripts

    /// Carries a script out.
    ///
    /// - Parameter keys: All keys that the script touches. In a Redis Cluster they have to be in one slot: give them a
    ///   common part in braces.
    package func evaluate(
        _ script: StoreScript, keys: [String], arguments: [[UInt8]] = []
    ) async throws(BusError) -> StoreReply {
        try await self.perform(.script(script, keys: keys, arguments: arguments))
    }
}
