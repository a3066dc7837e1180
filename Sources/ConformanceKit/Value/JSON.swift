/// A JSON value as the runner sees it (RFC 8259). Members keep their order and their duplicates, numbers keep their
/// digits, so that a check can look at what was really sent.
package indirect enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The digits as they were written.
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    /// One member of an object.
    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// An integer.
    package static func int(_ value: Int) -> JSON { .number(String(value)) }
}

extension JSON {
    /// The last member of that name (the one that most readers keep), or nil.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    package var intValue: Int? {
        if case .number(let digits) = self { Int(digits) } else { nil }
    }

    package var doubleValue: Double? {
        if case .number(let digits) = self { Double(digits) } else { nil }
    }

    package var arrayValue: [JSON]? {
        if case .array(let items) = self { items } else { nil }
    }

    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// `null`, `boolean`, `integer`, `number`, `string`, `array` or `object`.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number(let digits): digits.contains { ".eE".contains($0) } ? "number" : "integer"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The value at a dotted path: member names, and digits for items of an array. An empty path is the value itself.
    package func at(_ path: String) -> JSON? {
        var value = self
        for part in path.split(separator: ".") {
            if let member = value[String(part)] {
                value = member
            } else if let items = value.arrayValue, let index = Int(part), items.indices.contains(index) {
                value = items[index]
            } else {
                return nil
            }
        }
        return value
    }

    /// Whether both are the same JSON value: members in any order, numbers by value.
    package func isEquivalent(to other: JSON) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.string(let left), .string(let right)):
            return left.unicodeScalars.elementsEqual(right.unicodeScalars)
        case (.number(let left), .number(let right)):
            if left == right { return true }
            if let left = Int64(left), let right = Int64(right) { return left == right }
            guard let left = Double(left), let right = Double(right) else { return false }
            return left == right
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            return left.allSatisfy { member in
                right.contains { $0.name == member.name && $0.value.isEquivalent(to: member.value) }
            }
        default: return false
        }
    }
}
