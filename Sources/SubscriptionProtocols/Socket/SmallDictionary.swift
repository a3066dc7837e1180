/// A dictionary that needs no storage of its own for a single entry, which is what nearly all of them hold: most sockets
/// have one operation, and most sources one subscriber.
package struct SmallDictionary<Key: Hashable, Value> {
    fileprivate enum Entries {
        case none
        case one(Key, Value)
        /// May also hold one entry or none, once it has held more.
        case many([Key: Value])
    }

    private var entries = Entries.none

    /// An empty one.
    package init() {}

    /// How many entries there are.
    package var count: Int {
        switch self.entries {
        case .none: 0
        case .one: 1
        case .many(let all): all.count
        }
    }

    /// Whether there is none.
    package var isEmpty: Bool { self.count == 0 }

    /// The value of the key. Setting nil removes the entry.
    package subscript(_ key: Key) -> Value? {
        get {
            switch self.entries {
            case .none: nil
            case .one(let own, let value): own == key ? value : nil
            case .many(let all): all[key]
            }
        }
        set {
            if let newValue {
                self.insert(newValue, for: key)
            } else {
                self.remove(key)
            }
        }
    }

    private mutating func insert(_ value: Value, for key: Key) {
        switch self.entries {
        case .none:
            self.entries = .one(key, value)
        case .one(let own, let other):
            self.entries = own == key ? .one(key, value) : .many([own: other, key: value])
        case .many(var all):
            // Let go of the enumeration's copy, so that the dictionary changes in place.
            self.entries = .none
            all[key] = value
            self.entries = .many(all)
        }
    }

    /// Removes the entry.
    /// - Returns: its value; nil when there was none.
    @discardableResult
    package mutating func remove(_ key: Key) -> Value? {
        switch self.entries {
        case .none:
            return nil
        case .one(let own, let value):
            guard own == key else { return nil }
            self.entries = .none
            return value
        case .many(var all):
            self.entries = .none
            let value = all.removeValue(forKey: key)
            // Removing keeps the storage of the busiest moment.
            if !all.isEmpty { self.entries = .many(all) }
            return value
        }
    }

    /// Calls the closure for each entry, in no order.
    package func forEach(_ body: (Key, Value) throws -> Void) rethrows {
        switch self.entries {
        case .none: break
        case .one(let key, let value): try body(key, value)
        case .many(let all): for (key, value) in all { try body(key, value) }
        }
    }

    /// What the closure makes of each entry, in no order.
    package func map<Result>(_ transform: (Key, Value) throws -> Result) rethrows -> [Result] {
        var results: [Result] = []
        try self.forEach { results.append(try transform($0, $1)) }
        return results
    }
}

extension SmallDictionary: Sendable where Key: Sendable, Value: Sendable {}
extension SmallDictionary.Entries: Sendable where Key: Sendable, Value: Sendable {}
