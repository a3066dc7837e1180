import Synchronization

/// Compiled operations by document and operation name, of which the least recently used go first when there are too
/// many, or they take too many bytes (limits inclusive; the bytes are an estimate).
final class OperationCache: Sendable {
    struct Key: Hashable {
        let document: ByteString
        let operationName: ByteString?

        init(document: String, operationName: String?) {
            self.document = ByteString(document)
            self.operationName = operationName.map(ByteString.init)
        }
    }

    private let entries: Mutex<LeastRecentlyUsed<Key, CompiledOperation>>

    init(count: Int, bytes: Int) {
        self.entries = Mutex(LeastRecentlyUsed(count: count, size: bytes))
    }

    func operation(_ key: Key) -> CompiledOperation? {
        self.entries.withLock { $0.value(for: key) }
    }

    /// Keeps the operation, unless there is one by now: requests that come at the same time must end up with the same
    /// operation, or they could not share their events.
    /// - Returns: the one that is kept.
    func insert(_ operation: CompiledOperation, for key: Key) -> CompiledOperation {
        self.entries.withLock { entries in
            if let present = entries.value(for: key) {
                return present
            }
            entries.insert(operation, for: key, size: key.document.text.utf8.count + operation.size)
            return operation
        }
    }
}

/// A dictionary of bounded count and size that forgets what was not used for longest. All operations take constant
/// time, apart from the entries that an insertion displaces.
struct LeastRecentlyUsed<Key: Hashable, Value> {
    private struct Entry {
        let key: Key
        let value: Value
        let size: Int
        /// The entry used next after this one; nil for the latest.
        var newer: Int?
        /// The entry used last before this one; nil for the oldest.
        var older: Int?
    }

    private let maximumCount: Int
    private let maximumSize: Int
    private var places: [Key: Int] = [:]
    private var entries: [Entry?] = []
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?
    private var size = 0

    init(count: Int, size: Int) {
        self.maximumCount = count
        self.maximumSize = size
    }

    /// The value, which from now on is the latest used.
    mutating func value(for key: Key) -> Value? {
        guard let place = self.places[key], let entry = self.entries[place] else { return nil }
        if self.newest != place {
            self.unlink(place)
            self.link(place)
        }
        return entry.value
    }

    /// Adds a value of a key that has none, and makes room for it. A value larger than all room is not kept.
    mutating func insert(_ value: Value, for key: Key, size: Int) {
        guard self.maximumCount > 0, size <= self.maximumSize else { return }
        while self.places.count >= self.maximumCount || self.size + size > self.maximumSize, let oldest = self.oldest {
            self.remove(oldest)
        }
        let entry = Entry(key: key, value: value, size: size)
        let place: Int
        if let reused = self.free.popLast() {
            place = reused
            self.entries[place] = entry
        } else {
            place = self.entries.count
            self.entries.append(entry)
        }
        self.places[key] = place
        self.size += size
        self.link(place)
    }

    private mutating func remove(_ place: Int) {
        self.unlink(place)
        guard let entry = self.entries[place] else { return }
        self.places[entry.key] = nil
        self.size -= entry.size
        self.entries[place] = nil
        self.free.append(place)
    }

    /// Makes the entry, which is in no order, the newest.
    private mutating func link(_ place: Int) {
        self.entries[place]?.newer = nil
        self.entries[place]?.older = self.newest
        if let newest = self.newest {
            self.entries[newest]?.newer = place
        } else {
            self.oldest = place
        }
        self.newest = place
    }

    private mutating func unlink(_ place: Int) {
        guard let entry = self.entries[place] else { return }
        if let newer = entry.newer {
            self.entries[newer]?.older = entry.older
        } else {
            self.newest = entry.older
        }
        if let older = entry.older {
            self.entries[older]?.newer = entry.newer
        } else {
            self.oldest = entry.newer
        }
    }
}
