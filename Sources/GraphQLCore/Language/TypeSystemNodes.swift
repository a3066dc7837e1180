/// `schema { … }` or `extend schema` (GraphQL §3.3).
package final class SchemaDefinitionNode: Sendable {
    /// Whether it extends what is defined elsewhere.
    package let isExtension: Bool
    /// Nil for an extension.
    package let description: StringNode?
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// May be empty for an extension only.
    package let operationTypes: [OperationTypeDefinitionNode]
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(
        isExtension: Bool, description: StringNode?, directives: [DirectiveNode],
        operationTypes: [OperationTypeDefinitionNode], location: SourceLocation
    ) {
        self.isExtension = isExtension
        self.description = description
        self.directives = directives
        self.operationTypes = operationTypes
        self.location = location
    }
}

/// A root operation type, `query: Query` (GraphQL §3.3.1).
package struct OperationTypeDefinitionNode: Sendable {
    /// The kind of operation that the type is the root of.
    package let operation: OperationKind
    /// Its type.
    package let type: NameNode
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(operation: OperationKind, type: NameNode, location: SourceLocation) {
        self.operation = operation
        self.type = type
        self.location = location
    }
}

/// The kinds of named types (GraphQL §3.4).
package enum TypeKind: String, Sendable, Hashable, CaseIterable {
    case scalar, object, interface, union, enumeration, inputObject

    /// The keyword that starts a definition of this kind.
    package var keyword: String {
        switch self {
        case .scalar: return "scalar"
        case .object: return "type"
        case .interface: return "interface"
        case .union: return "union"
        case .enumeration: return "enum"
        case .inputObject: return "input"
        }
    }
}

/// A definition or an extension of a named type (GraphQL §3.4 to §3.10).
package final class TypeDefinitionNode: Sendable {
    /// Which kind it is.
    package let kind: TypeKind
    /// Whether it extends what is defined elsewhere.
    package let isExtension: Bool
    /// Nil for an extension.
    package let description: StringNode?
    /// Its name.
    package let name: NameNode
    /// Of objects and interfaces.
    package let interfaces: [NameNode]
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// What the definition holds, as its kind asks; possibly nothing.
    package let members: Members
    /// Where it begins in the source.
    package let location: SourceLocation

    /// The members of a type definition.
    package enum Members: Sendable {
        /// Of scalars.
        case none
        /// Of objects and interfaces.
        case fields([FieldDefinitionNode])
        /// Of unions.
        case types([NameNode])
        /// Of enums.
        case values([EnumValueDefinitionNode])
        /// Of input objects.
        case inputFields([InputValueDefinitionNode])
    }

    package init(
        kind: TypeKind, isExtension: Bool, description: StringNode?, name: NameNode, interfaces: [NameNode],
        directives: [DirectiveNode], members: Members, location: SourceLocation
    ) {
        self.kind = kind
        self.isExtension = isExtension
        self.description = description
        self.name = name
        self.interfaces = interfaces
        self.directives = directives
        self.members = members
        self.location = location
    }

    /// The fields of an object or interface; empty for other kinds.
    package var fields: [FieldDefinitionNode] {
        guard case .fields(let fields) = self.members else { return [] }
        return fields
    }

    /// The member types of a union; empty for other kinds.
    package var memberTypes: [NameNode] {
        guard case .types(let types) = self.members else { return [] }
        return types
    }

    /// The values of an enum; empty for other kinds.
    package var values: [EnumValueDefinitionNode] {
        guard case .values(let values) = self.members else { return [] }
        return values
    }

    /// The fields of an input object; empty for other kinds.
    package var inputFields: [InputValueDefinitionNode] {
        guard case .inputFields(let fields) = self.members else { return [] }
        return fields
    }
}

/// A field of an object or interface (GraphQL §3.6).
package struct FieldDefinitionNode: Sendable {
    /// The text for people before it; nil without one.
    package let description: StringNode?
    /// Its name.
    package let name: NameNode
    /// Its arguments, in order.
    package let arguments: [InputValueDefinitionNode]
    /// Its type.
    package let type: TypeNode
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(
        description: StringNode?, name: NameNode, arguments: [InputValueDefinitionNode], type: TypeNode,
        directives: [DirectiveNode], location: SourceLocation
    ) {
        self.description = description
        self.name = name
        self.arguments = arguments
        self.type = type
        self.directives = directives
        self.location = location
    }
}

/// An argument of a field or directive, or a field of an input object (GraphQL §3.6.1, §3.10).
package struct InputValueDefinitionNode: Sendable {
    /// The text for people before it; nil without one.
    package let description: StringNode?
    /// Its name.
    package let name: NameNode
    /// Its type.
    package let type: TypeNode
    /// The value it has when none is given; nil without one.
    package let defaultValue: ValueNode?
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(
        description: StringNode?, name: NameNode, type: TypeNode, defaultValue: ValueNode?,
        directives: [DirectiveNode], location: SourceLocation
    ) {
        self.description = description
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.directives = directives
        self.location = location
    }
}

/// A value of an enum (GraphQL §3.9).
package struct EnumValueDefinitionNode: Sendable {
    /// The text for people before it; nil without one.
    package let description: StringNode?
    /// Its name.
    package let name: NameNode
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(
        description: StringNode?, name: NameNode, directives: [DirectiveNode], location: SourceLocation
    ) {
        self.description = description
        self.name = name
        self.directives = directives
        self.location = location
    }
}

/// A directive definition (GraphQL §3.13).
package final class DirectiveDefinitionNode: Sendable {
    /// The text for people before it; nil without one.
    package let description: StringNode?
    /// The name, without the `@`.
    package let name: NameNode
    /// Its arguments, in order.
    package let arguments: [InputValueDefinitionNode]
    /// Whether it may stand more than once at one place.
    package let isRepeatable: Bool
    /// Never empty when it comes from the parser; may hold a location twice.
    package let locations: [DirectiveLocation]
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(
        description: StringNode?, name: NameNode, arguments: [InputValueDefinitionNode], isRepeatable: Bool,
        locations: [DirectiveLocation], location: SourceLocation
    ) {
        self.description = description
        self.name = name
        self.arguments = arguments
        self.isRepeatable = isRepeatable
        self.locations = locations
        self.location = location
    }
}

/// Where a directive may be applied (GraphQL §3.13).
package enum DirectiveLocation: String, Sendable, Hashable, CaseIterable {
    case query = "QUERY"
    case mutation = "MUTATION"
    case subscription = "SUBSCRIPTION"
    case field = "FIELD"
    case fragmentDefinition = "FRAGMENT_DEFINITION"
    case fragmentSpread = "FRAGMENT_SPREAD"
    case inlineFragment = "INLINE_FRAGMENT"
    case variableDefinition = "VARIABLE_DEFINITION"
    case schema = "SCHEMA"
    case scalar = "SCALAR"
    case object = "OBJECT"
    case fieldDefinition = "FIELD_DEFINITION"
    case argumentDefinition = "ARGUMENT_DEFINITION"
    case interface = "INTERFACE"
    case union = "UNION"
    case enumeration = "ENUM"
    case enumValue = "ENUM_VALUE"
    case inputObject = "INPUT_OBJECT"
    case inputFieldDefinition = "INPUT_FIELD_DEFINITION"
}
