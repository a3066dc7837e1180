/// An object type (GraphQL §3.6).
package final class ObjectType: Sendable {
    /// It as a type of fields and arguments.
    package let reference: NamedTypeReference
    /// The text for people before it; nil without one.
    package let description: String?
    /// The declared interfaces, in the order of the schema.
    package let interfaces: [NamedTypeReference]
    /// The fields, without the meta-fields such as `__typename`.
    package let fieldSet: FieldSet

    init(
        reference: NamedTypeReference, description: String?, interfaces: [NamedTypeReference], fields: FieldSet
    ) {
        self.reference = reference
        self.description = description
        self.interfaces = interfaces
        self.fieldSet = fields
    }

    /// The name, unique in the schema.
    package var name: String { self.reference.name }

    /// The field of this name; meta-fields are found by `Schema.field(_:on:)`.
    package func field(_ name: String) -> FieldDefinition? { self.fieldSet[name] }
}

/// An interface type (GraphQL §3.7).
package final class InterfaceType: Sendable {
    /// It as a type of fields and arguments.
    package let reference: NamedTypeReference
    /// The text for people before it; nil without one.
    package let description: String?
    /// The declared interfaces, in the order of the schema.
    package let interfaces: [NamedTypeReference]
    /// Its fields.
    package let fieldSet: FieldSet

    init(
        reference: NamedTypeReference, description: String?, interfaces: [NamedTypeReference], fields: FieldSet
    ) {
        self.reference = reference
        self.description = description
        self.interfaces = interfaces
        self.fieldSet = fields
    }

    /// The name, unique in the schema.
    package var name: String { self.reference.name }

    /// The field of this name; meta-fields are found by `Schema.field(_:on:)`.
    package func field(_ name: String) -> FieldDefinition? { self.fieldSet[name] }
}

/// A union type (GraphQL §3.8).
package final class UnionType: Sendable {
    /// It as a type of fields and arguments.
    package let reference: NamedTypeReference
    /// The text for people before it; nil without one.
    package let description: String?
    /// The object types of the union, in the order of the schema.
    package let members: [NamedTypeReference]

    init(reference: NamedTypeReference, description: String?, members: [NamedTypeReference]) {
        self.reference = reference
        self.description = description
        self.members = members
    }

    /// The name, unique in the schema.
    package var name: String { self.reference.name }
}
