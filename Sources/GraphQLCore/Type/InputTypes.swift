/// A scalar type (GraphQL §3.5).
package final class ScalarType: Sendable {
    /// The scalars of the specification, whose coercion is fixed (§3.5.1 to §3.5.5).
    package enum BuiltIn: String, Sendable, CaseIterable {
        case int = "Int"
        case float = "Float"
        case string = "String"
        case boolean = "Boolean"
        case id = "ID"
    }

    /// It as a type of fields and arguments.
    package let reference: NamedTypeReference
    /// The text for people before it; nil without one.
    package let description: String?
    /// Where the behaviour of a custom scalar is described (§3.13.4, `@specifiedBy`).
    package let specifiedByURL: String?
    /// Nil for a custom scalar.
    package let builtIn: BuiltIn?

    init(reference: NamedTypeReference, description: String?, specifiedByURL: String?) {
        self.reference = reference
        self.description = description
        self.specifiedByURL = specifiedByURL
        self.builtIn = BuiltIn(rawValue: reference.name)
    }

    /// The name, unique in the schema.
    package var name: String { self.reference.name }
}

/// An enum type (GraphQL §3.9).
package final class EnumType: Sendable {
    /// It as a type of fields and arguments.
    package let reference: NamedTypeReference
    /// The text for people before it; nil without one.
    package let description: String?
    /// The values, in the order of the schema.
    package let values: [EnumValueDefinition]
    private let places: [String: Int]

    init(reference: NamedTypeReference, description: String?, values: [EnumValueDefinition]) {
        self.reference = reference
        self.description = description
        self.values = values
        self.places = Dictionary(
            values.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// The name, unique in the schema.
    package var name: String { self.reference.name }

    /// The value of this name.
    package func value(_ name: String) -> EnumValueDefinition? {
        self.places[name].map { self.values[$0] }
    }
}

/// A value of an enum (GraphQL §3.9).
package struct EnumValueDefinition: Sendable {
    /// Its name.
    package let name: String
    /// The text for people before it; nil without one.
    package let description: String?
    /// Why the value should no longer be used; nil unless it is `@deprecated` (§3.13.3).
    package let deprecationReason: String?

    init(name: String, description: String?, deprecationReason: String? = nil) {
        self.name = name
        self.description = description
        self.deprecationReason = deprecationReason
    }

    /// Whether the value is `@deprecated`.
    package var isDeprecated: Bool { self.deprecationReason != nil }
}

/// An input object type (GraphQL §3.10).
package final class InputObjectType: Sendable {
    /// It as a type of fields and arguments.
    package let reference: NamedTypeReference
    /// The text for people before it; nil without one.
    package let description: String?
    /// The fields, in the order of the schema.
    package let fields: InputValueSet
    /// Whether exactly one field must be given (§3.10.1, `@oneOf`).
    package let isOneOf: Bool

    init(reference: NamedTypeReference, description: String?, fields: InputValueSet, isOneOf: Bool) {
        self.reference = reference
        self.description = description
        self.fields = fields
        self.isOneOf = isOneOf
    }

    /// The name, unique in the schema.
    package var name: String { self.reference.name }
}
