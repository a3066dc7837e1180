import GraphQLCore

/// How the fields of an object type are called and written in published messages: snake_case names, ISO 8601 times,
/// and decimal numbers as strings.
final class PayloadShape: Sendable {
    /// What a field holds, and so which other forms of it are understood.
    enum Kind: Sendable {
        /// Text, or anything else that the field's type takes as it is.
        case plain
        /// A whole number; also `"12"` and `12.0`.
        case integer
        /// A number; also a string of one.
        case number
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
    static func snakeCase(_ name: String) -> String {
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

extension PayloadShape.Kind {
    /// The value as the engine should complete it. What cannot be understood is handed on as it is, so that the
    /// engine makes a field error of it.
    func resolved(_ value: JSONValue) -> ResolvedValue {
        switch (self, value) {
        case (.integer, .string(let text)):
            Int64(text).map { .int($0) } ?? .json(value)
        case (.integer, .double(let number)):
            Int64(exactly: number).map { .int($0) } ?? .json(value)
        case (.number, .string(let text)):
            Double(text).flatMap { $0.isFinite ? .double($0) : nil } ?? .json(value)
        default:
            .json(value)
        }
    }
}

/// A published message as an object of the schema; fields are read when they are asked for.
struct PayloadObject: ResolvedObject {
    let shape: PayloadShape
    let members: JSONObject

    func field(_ name: String) -> ResolvedValue? {
        guard let field = self.shape.field(name), let value = self.members[field.key] else { return nil }
        return field.kind.resolved(value)
    }
}
