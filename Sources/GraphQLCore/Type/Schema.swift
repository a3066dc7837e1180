/// A type system (GraphQL §3), immutable and known to be valid.
///
/// It holds the built-in scalars and directives and the introspection types besides what the SDL defines.
package final class Schema: Sendable {
    /// The text for people before it; nil without one.
    package let description: String?
    /// All named types: those of the SDL in their order, then those that the specification adds. A built-in scalar that
    /// nothing refers to is left out (GraphQL §3.5, "Built-in Scalars"), though variables may still be of it.
    package let types: [NamedType]
    /// All directives: those of the SDL in their order, then those that the specification adds.
    package let directives: [DirectiveDefinition]
    /// The root of queries.
    package let queryType: ObjectType
    /// The root of mutations; nil without any.
    package let mutationType: ObjectType?
    /// The root of subscriptions; nil without any.
    package let subscriptionType: ObjectType?

    /// What references stand for: all types and, after them, the scalars that nothing refers to.
    private let storage: [NamedType]
    private let typePlaces: [String: Int]
    private let directivePlaces: [String: Int]
    /// By place of the type: the places of its object types. Empty for other than composite types.
    private let possible: [Set<Int>]
    private let metaFields: MetaFields

    /// A schema of parts that are known to fit together.
    init(parts: SchemaParts) {
        self.description = parts.description
        self.storage = parts.types
        self.types = parts.types.filter { !parts.unusedTypes.contains($0.reference.index) }
        self.directives = parts.directives
        self.queryType = parts.queryType
        self.mutationType = parts.mutationType
        self.subscriptionType = parts.subscriptionType
        self.typePlaces = Dictionary(
            parts.types.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
        self.directivePlaces = Dictionary(
            parts.directives.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        self.possible = Schema.possibleTypes(of: parts.types)
        self.metaFields = parts.metaFields
    }

    /// The type of this name.
    package func type(named name: String) -> NamedType? {
        self.typePlaces[name].map { self.storage[$0] }
    }

    /// The type that a reference of this schema stands for.
    package func type(_ reference: NamedTypeReference) -> NamedType {
        self.storage[reference.index]
    }

    /// The named type inside all lists and non-nulls of a reference.
    package func namedType(of reference: TypeReference) -> NamedType {
        self.storage[reference.namedType.index]
    }

    /// The type with this `NamedTypeReference.index`.
    func type(at place: Int) -> NamedType {
        self.storage[place]
    }

    /// The directive of this name, without the `@`.
    package func directive(named name: String) -> DirectiveDefinition? {
        self.directivePlaces[name].map { self.directives[$0] }
    }

    /// The root type of a kind of operation (§3.3.1).
    package func rootType(for kind: OperationKind) -> ObjectType? {
        switch kind {
        case .query: return self.queryType
        case .mutation: return self.mutationType
        case .subscription: return self.subscriptionType
        }
    }

    /// The field of this name that a selection on the type may use, meta-fields included (§4.1, §4.2): `__typename` on
    /// every composite type, `__schema` and `__type` on the query root.
    package func field(_ name: String, on type: NamedType) -> FieldDefinition? {
        if name.utf8.starts(with: "__".utf8) {
            if let meta = self.metaField(name, on: type) { return meta }
        }
        return type.fieldSet?[name]
    }

    /// The object types that a value of this type may have, as `NamedTypeReference.index`.
    func possiblePlaces(of type: NamedType) -> Set<Int> {
        self.possible[type.reference.index]
    }

    private func metaField(_ name: String, on type: NamedType) -> FieldDefinition? {
        switch name {
        case "__typename": return type.isComposite ? self.metaFields.typename : nil
        case "__schema": return type.reference == self.queryType.reference ? self.metaFields.schema : nil
        case "__type": return type.reference == self.queryType.reference ? self.metaFields.type : nil
        default: return nil
        }
    }
}

/// The fields that every schema has (GraphQL §4.1, §4.2).
struct MetaFields: Sendable {
    let typename: FieldDefinition
    let schema: FieldDefinition
    let type: FieldDefinition
}

/// What a schema is made of.
struct SchemaParts {
    var description: String?
    var types: [NamedType]
    /// The places in `types` of built-in scalars that nothing refers to.
    var unusedTypes: Set<Int>
    var directives: [DirectiveDefinition]
    var queryType: ObjectType
    var mutationType: ObjectType?
    var subscriptionType: ObjectType?
    var metaFields: MetaFields
}
