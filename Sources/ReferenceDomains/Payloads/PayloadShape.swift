import GraphQLCore

/// How the fields of an object type are called and written in published messages: snake_case names, ISO 8601 times in
/// UTC, decimal numbers as strings.
///
/// What a foreign publisher writes instead is handed on as it is: the engine understands the usual other forms of a
/// scalar, such as `"12"` for 12, and makes a field error of the rest.
package final class PayloadShape: Sendable {
    /// What a member is written as.
    enum Kind: Sendable {
        /// JSON as it is.
        case plain
        /// A time in UTC.
        case time
        /// A decimal number as a string.
        case decimal
        /// An object.
        case object(PayloadShape)
        /// A list of objects.
        case objects(PayloadShape)
    }

    struct Field: Sendable {
        let name: String
        let key: String
        let kind: Kind
    }

    /// In the order of the schema.
    let fields: [Field]
    private let places: [String: Int]

    /// - Parameter fields: The names in the schema with their kinds.
    init(_ fields: KeyValuePairs<String, Kind>) {
        self.fields = fields.map { Field(name: $0.key, key: Self.snakeCase($0.key), kind: $0.value) }
        self.places = Dictionary(
            self.fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// The field of that name in the schema.
    func field(_ name: String) -> Field? {
        self.places[name].map { self.fields[$0] }
    }

    /// `latencyMs` is `latency_ms`, `ipv4Address` is `ipv4_address`.
    package static func snakeCase(_ name: String) -> String {
        var result = ""
        for character in name {
            if character.isUppercase {
                result += "_" + character.lowercased()
            } else {
                result.append(character)
            }
        }
        return result
    }
}

// MARK: Reading

extension PayloadShape {
    /// The members as an object of the schema.
    func object(_ members: JSONObject) -> ResolvedValue {
        .object(PayloadObject(shape: self, members: members))
    }
}

/// A published message as an object of the schema; fields are read when they are asked for.
struct PayloadObject: ResolvedObject {
    let shape: PayloadShape
    let members: JSONObject

    func field(_ name: String) -> ResolvedValue? {
        guard let field = self.shape.field(name), let value = self.members[field.key] else { return nil }
        switch (field.kind, value) {
        case (.object(let shape), .object(let members)):
            return shape.object(members)
        case (.objects(let shape), .array(let items)):
            return .list(items.map { $0.objectValue.map(shape.object) ?? .json($0) })
        default:
            return .json(value)
        }
    }
}

// MARK: Writing

extension PayloadShape {
    /// The members of a message made from an input object with the fields of the schema; what it lacks is left out.
    func message(from input: JSONObject) -> JSONObject {
        self.members(from: input) { $0.name }
    }

    /// Members that have the names of messages, each in the form of its kind. Others are kept as they are.
    func normalised(_ members: JSONObject) -> JSONObject {
        var result = self.members(from: members) { $0.key }
        for (key, value) in members where result[key] == nil {
            result[key] = value
        }
        return result
    }

    private func members(from object: JSONObject, _ name: (Field) -> String) -> JSONObject {
        var members = JSONObject()
        for field in self.fields {
            guard let value = object[name(field)] else { continue }
            members[field.key] = field.kind.written(value) { shape, nested in
                shape.members(from: nested, name)
            }
        }
        return members
    }
}

extension PayloadShape.Kind {
    fileprivate func written(
        _ value: JSONValue, _ nested: (PayloadShape, JSONObject) -> JSONObject
    ) -> JSONValue {
        switch (self, value) {
        case (.time, .string(let text)):
            return .string(Timestamp.inUTC(text) ?? text)
        case (.decimal, .int), (.decimal, .double), (.decimal, .number):
            return (try? ScalarCoding.decimal.parse(value)) ?? value
        case (.object(let shape), .object(let object)):
            return .object(nested(shape, object))
        case (.objects(let shape), .array(let items)):
            return .array(items.map { item in item.objectValue.map { .object(nested(shape, $0)) } ?? item })
        default:
            return value
        }
    }
}
