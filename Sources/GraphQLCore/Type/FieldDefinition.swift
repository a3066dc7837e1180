/// A field of an object or interface (GraphQL §3.6).
package final class FieldDefinition: Sendable {
    /// Its name.
    package let name: String
    /// The text for people before it; nil without one.
    package let description: String?
    /// Its arguments, in order.
    package let arguments: InputValueSet
    /// Its type.
    package let type: TypeReference
    /// Why the field should no longer be used; nil unless it is `@deprecated` (§3.13.3).
    package let deprecationReason: String?

    init(
        name: String, description: String?, arguments: InputValueSet, type: TypeReference,
        deprecationReason: String? = nil
    ) {
        self.name = name
        self.description = description
        self.arguments = arguments
        self.type = type
        self.deprecationReason = deprecationReason
    }

    /// Whether the field is `@deprecated`.
    package var isDeprecated: Bool { self.deprecationReason != nil }

    /// The argument of this name, when the field has one.
    package func argument(_ name: String) -> InputValueDefinition? {
        self.arguments[name]
    }
}

/// An argument, or a field of an input object (GraphQL §3.6.1, §3.10).
package final class InputValueDefinition: Sendable {
    /// Its name.
    package let name: String
    /// The text for people before it; nil without one.
    package let description: String?
    /// Its type.
    package let type: TypeReference
    /// The default as written: a constant, known to fit the type.
    package let defaultValue: ValueNode?
    /// Why the value should no longer be used; nil unless it is `@deprecated` (§3.13.3).
    package let deprecationReason: String?

    init(
        name: String, description: String?, type: TypeReference, defaultValue: ValueNode?,
        deprecationReason: String? = nil
    ) {
        self.name = name
        self.description = description
        self.type = type
        self.defaultValue = defaultValue
        self.deprecationReason = deprecationReason
    }

    /// Whether the value is `@deprecated`.
    package var isDeprecated: Bool { self.deprecationReason != nil }

    /// Whether a value must be given: the type is non-null and there is no default (§5.4.3).
    package var isRequired: Bool { self.type.isNonNull && self.defaultValue == nil }
}

/// Fields in the order of the schema, also by name.
package struct FieldSet: Sendable, RandomAccessCollection {
    private let fields: [FieldDefinition]
    private let places: [String: Int]

    /// The set; of fields with one name, the first wins.
    init(_ fields: [FieldDefinition]) {
        self.fields = fields
        self.places = Dictionary(
            fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { self.fields.count }
    package subscript(index: Int) -> FieldDefinition { self.fields[index] }

    /// The field of this name.
    package subscript(name: String) -> FieldDefinition? {
        self.places[name].map { self.fields[$0] }
    }
}

/// Arguments or input fields in the order of the schema, also by name.
package struct InputValueSet: Sendable, RandomAccessCollection {
    private let values: [InputValueDefinition]
    private let places: [String: Int]

    /// The set; of values with one name, the first wins.
    init(_ values: [InputValueDefinition]) {
        self.values = values
        self.places = Dictionary(
            values.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { self.values.count }
    package subscript(index: Int) -> InputValueDefinition { self.values[index] }

    /// The argument or input field of this name.
    package subscript(name: String) -> InputValueDefinition? {
        self.places[name].map { self.values[$0] }
    }
}
