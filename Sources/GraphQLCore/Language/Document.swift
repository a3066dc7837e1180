/// A parsed document (GraphQL §2.2): operations and fragments, definitions of a type system, or both.
package struct Document: Sendable {
    /// The definitions in the order of the source; never empty when it comes from the parser.
    package let definitions: [DefinitionNode]

    /// A document of the given definitions.
    package init(definitions: [DefinitionNode]) {
        self.definitions = definitions
    }

    /// The operations, in the order of the source.
    package var operations: [OperationDefinitionNode] {
        self.definitions.compactMap { definition in
            guard case .operation(let operation) = definition else { return nil }
            return operation
        }
    }

    /// The fragment definitions, in the order of the source.
    package var fragments: [FragmentDefinitionNode] {
        self.definitions.compactMap { definition in
            guard case .fragment(let fragment) = definition else { return nil }
            return fragment
        }
    }
}

/// A definition of a document (GraphQL §2.2).
package enum DefinitionNode: Sendable {
    case operation(OperationDefinitionNode)
    case fragment(FragmentDefinitionNode)
    /// `schema` or `extend schema`.
    case schema(SchemaDefinitionNode)
    /// A type definition or a type extension.
    case type(TypeDefinitionNode)
    case directive(DirectiveDefinitionNode)

    /// Where the definition starts: its description, when it has one.
    package var location: SourceLocation {
        switch self {
        case .operation(let node): return node.location
        case .fragment(let node): return node.location
        case .schema(let node): return node.location
        case .type(let node): return node.location
        case .directive(let node): return node.location
        }
    }
}

/// A name and where it stands (GraphQL §2.1.9).
package struct NameNode: Sendable {
    /// Its value.
    package let value: String
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(_ value: String, location: SourceLocation) {
        self.value = value
        self.location = location
    }
}
