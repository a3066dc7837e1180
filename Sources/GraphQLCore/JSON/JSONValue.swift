/// One JSON value (RFC 8259 §3), with object members in the order in which they were written.
///
/// Numbers keep what they said: a whole number of 64 bits is `int`, one that a `Double` gives back digit for digit is
/// `double`, and any other keeps its text in `number`.
///
/// Two values are equal when their kinds and contents are: `int(1)` is not `double(1)`. Strings are compared byte by
/// byte (RFC 8259 §8.3), unlike Swift's `String`, which takes differently composed characters for equal.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    /// A finite number; infinities and NaN have no JSON form and are written as `null`.
    case double(Double)
    /// The text of a number that neither `Int64` nor `Double` can hold without loss. Text that is not a JSON number
    /// is written as a string.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue: Hashable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.number(let left), .number(let right)): left.hasSameBytes(as: right)
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null:
            hasher.combine(0 as UInt8)
        case .bool(let value):
            hasher.combine(1 as UInt8)
            hasher.combine(value)
        case .int(let value):
            hasher.combine(2 as UInt8)
            hasher.combine(value)
        case .double(let value):
            hasher.combine(3 as UInt8)
            hasher.combine(value)
        case .number(let text):
            hasher.combine(4 as UInt8)
            text.hashBytes(into: &hasher)
        case .string(let text):
            hasher.combine(5 as UInt8)
            text.hashBytes(into: &hasher)
        case .array(let elements):
            hasher.combine(6 as UInt8)
            hasher.combine(elements)
        case .object(let members):
            hasher.combine(7 as UInt8)
            hasher.combine(members)
        }
    }
}

extension JSONValue {
    /// The string, or nil for any other kind.
    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The truth value, or nil for any other kind.
    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The whole number, or nil for any other kind; `1.0` is not a whole number here.
    package var intValue: Int64? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The number as a `Double`, rounded when it needs more digits; nil for other kinds and beyond its range.
    package var doubleValue: Double? {
        switch self {
        case .int(let value): return Double(value)
        case .double(let value): return value
        case .number(let text):
            guard let value = Double(text), value.isFinite else { return nil }
            return value
        default: return nil
        }
    }

    /// The elements, or nil for any other kind.
    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, or nil for any other kind.
    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether this is JSON's `null`.
    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The member of that name, when this is an object that has it.
    package subscript(key: String) -> JSONValue? {
        self.objectValue?[key]
    }

    /// The element at that index, counted from 0, when this is an array that has it.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var members = JSONObject()
        for (key, value) in elements {
            members.append(key, value)
        }
        self = .object(members)
    }
}
