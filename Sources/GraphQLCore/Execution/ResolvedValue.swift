/// What a resolver returns: a value before it is completed to the type of its field (GraphQL §6.4.3).
///
/// Serialisation to the field's type happens later, so `.int` may stand for a `Float` or `ID`, and `.string` for an
/// enum or a custom scalar.
package enum ResolvedValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case list([ResolvedValue])
    /// An object whose fields are known.
    case record(Record)
    /// An object that is asked for each field.
    indirect case object(any ResolvedObject)
    /// JSON from elsewhere, such as a published payload; objects are read by member name.
    case json(JSONValue)
    /// A value that could not be had: the field, or list item, fails with this error (§6.4.4). Its message,
    /// locations (when given) and extensions are kept, its path is that of the field.
    indirect case failure(GraphQLError)
}

/// An object of which fields are had one by one, each at most once per selection of it.
///
/// For fields without arguments; a field with arguments has a resolver.
package protocol ResolvedObject: Sendable {
    /// The name of the object type, needed where the field's type is an interface or union.
    var typeName: String? { get }
    /// The value of that field; nil counts as null.
    func field(_ name: String) -> ResolvedValue?
}

extension ResolvedObject {
    package var typeName: String? { nil }
}

extension ResolvedValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: ResolvedValue...) { self = .list(elements) }
    package init(nilLiteral: ()) { self = .null }

    package init(dictionaryLiteral elements: (String, ResolvedValue)...) {
        self = .record(Record(fields: elements))
    }
}

extension ResolvedValue {
    /// The string, or null for nil.
    package static func optional(_ value: String?) -> ResolvedValue {
        value.map { .string($0) } ?? .null
    }

    /// Whether this is null, also as JSON.
    package var isNull: Bool {
        switch self {
        case .null, .json(.null): return true
        default: return false
        }
    }

    /// The string, also as JSON; nil for any other kind.
    package var stringValue: String? {
        switch self {
        case .string(let value), .json(.string(let value)): return value
        default: return nil
        }
    }

    /// The name of the object type that the value itself claims: that of a record or object, else of a string field
    /// `__typename`.
    package var typeName: String? {
        switch self {
        case .record(let record): return record.typeName ?? record["__typename"]?.stringValue
        case .object(let object): return object.typeName ?? object.field("__typename")?.stringValue
        case .json(let value): return value["__typename"]?.stringValue
        default: return nil
        }
    }

    /// The value of a field of this object, as the default resolver finds it: by name (§6.4.2).
    package func field(_ name: String) -> ResolvedValue? {
        switch self {
        case .record(let record): return record[name]
        case .object(let object): return object.field(name)
        case .json(.object(let members)): return members[name].map { .json($0) }
        default: return nil
        }
    }
}
