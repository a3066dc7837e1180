/// A named type of a schema: its name, and its place in the schema, which makes looking it up an array access.
///
/// Types refer to each other by place and not by object, so that a schema is immutable and free of cycles.
package struct NamedTypeReference: Sendable, Hashable {
    /// Its name.
    package let name: String
    /// The place of the type in its schema; distinct for distinct types.
    package let index: Int

    init(name: String, index: Int) {
        self.name = name
        self.index = index
    }

    package static func == (left: NamedTypeReference, right: NamedTypeReference) -> Bool {
        left.index == right.index
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.index)
    }
}

/// The type of a field, argument or variable (GraphQL §3.4.1): a named type, possibly inside lists and non-nulls.
///
/// References are equal when they have the same shape and belong to the same schema.
package indirect enum TypeReference: Sendable, Hashable {
    case named(NamedTypeReference)
    case list(TypeReference)
    /// Never directly around another `nonNull`.
    case nonNull(TypeReference)

    /// The named type inside all lists and non-nulls.
    package var namedType: NamedTypeReference {
        switch self {
        case .named(let name): return name
        case .list(let inner), .nonNull(let inner): return inner.namedType
        }
    }

    /// Whether null is not among the values.
    package var isNonNull: Bool {
        guard case .nonNull = self else { return false }
        return true
    }

    /// The type without an outer non-null.
    package var nullable: TypeReference {
        guard case .nonNull(let inner) = self else { return self }
        return inner
    }
}

extension TypeReference: CustomStringConvertible {
    /// The reference in GraphQL syntax, such as `[String!]!`.
    package var description: String {
        switch self {
        case .named(let reference): return reference.name
        case .list(let inner): return "[\(inner)]"
        case .nonNull(let inner): return "\(inner)!"
        }
    }
}
