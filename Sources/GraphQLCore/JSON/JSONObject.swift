/// The members of a JSON object in the order in which they were added, with each name once.
///
/// A name is found by its bytes. Small objects are searched, larger ones keep an index, so that a lookup takes
/// constant time whatever an outsider sends. Two objects are equal when they hold equal members in the same order,
/// that is when they are written alike.
package struct JSONObject: Sendable {
    /// One name with its value.
    package typealias Element = (key: String, value: JSONValue)

    private struct Member: Sendable, Hashable {
        let key: ByteString
        var value: JSONValue
    }

    /// From this number of members on there is an index.
    private static let indexedFrom = 32

    private var members: [Member] = []
    /// Positions in `members`; nil while a search is as fast.
    private var positions: [ByteString: Int]?

    /// An object without members.
    package init() {}

    /// The number of members.
    package var count: Int { self.members.count }

    /// Whether there are no members.
    package var isEmpty: Bool { self.members.isEmpty }

    /// The names, in order.
    package var keys: [String] { self.members.map(\.key.text) }

    /// The value of that name. Setting a name that exists keeps its place; setting nil removes the member, in time
    /// proportional to the number of members.
    package subscript(key: String) -> JSONValue? {
        get {
            self.position(of: key).map { self.members[$0].value }
        }
        set {
            guard let newValue else {
                self.remove(key)
                return
            }
            self.append(key, newValue)
        }
    }

    /// Adds a member at the end, or gives the member of that name, where it stands, the new value.
    package mutating func append(_ key: String, _ value: JSONValue) {
        if let position = self.position(of: key) {
            self.members[position].value = value
            return
        }
        self.appendNew(key, value)
    }

    /// Makes room for that many members.
    package mutating func reserveCapacity(_ count: Int) {
        self.members.reserveCapacity(count)
    }

    private func position(of key: String) -> Int? {
        if let positions = self.positions {
            return positions[ByteString(key)]
        }
        return self.members.firstIndex { $0.key.text.hasSameBytes(as: key) }
    }

    /// The value of that name. The search begins at `hint`, which is left one past what was found, so that asking for
    /// the members in their order takes one comparison each.
    func value(of key: String, hint: inout Int) -> JSONValue? {
        if hint < self.members.count, self.members[hint].key.text.hasSameBytes(as: key) {
            hint += 1
            return self.members[hint - 1].value
        }
        guard let position = self.position(of: key) else { return nil }
        hint = position + 1
        return self.members[position].value
    }

    /// Adds a member of which the name is known to be new.
    mutating func appendNew(_ key: String, _ value: JSONValue) {
        let key = ByteString(key)
        self.members.append(Member(key: key, value: value))
        if self.positions != nil {
            self.positions?[key] = self.members.count - 1
        } else if self.members.count == Self.indexedFrom {
            self.rebuildIndex()
        }
    }

    private mutating func remove(_ key: String) {
        guard let position = self.position(of: key) else { return }
        self.members.remove(at: position)
        if self.positions != nil {
            self.rebuildIndex()
        }
    }

    private mutating func rebuildIndex() {
        var positions = [ByteString: Int](minimumCapacity: self.members.count * 2)
        for (position, member) in self.members.enumerated() {
            positions[member.key] = position
        }
        self.positions = positions
    }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members == right.members
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.members)
    }
}

extension JSONObject: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { self.members.count }

    /// The member at that place, counted from 0.
    package subscript(position: Int) -> Element {
        let member = self.members[position]
        return (member.key.text, member.value)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements {
            self.append(key, value)
        }
    }
}
