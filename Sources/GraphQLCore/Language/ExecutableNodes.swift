/// The kind of an operation (GraphQL §2.3).
package enum OperationKind: String, Sendable, Hashable, CaseIterable {
    case query, mutation, subscription
}

/// An operation (GraphQL §2.3). Nodes with an identity are immutable classes, so that passes can key tables by them.
package final class OperationDefinitionNode: Sendable {
    /// Which kind it is.
    package let kind: OperationKind
    /// The text for people before it; nil without one.
    package let description: StringNode?
    /// Nil for an anonymous operation.
    package let name: NameNode?
    /// The variables it declares, in order.
    package let variables: [VariableDefinitionNode]
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// What it selects.
    package let selectionSet: SelectionSetNode
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(
        kind: OperationKind, description: StringNode?, name: NameNode?, variables: [VariableDefinitionNode],
        directives: [DirectiveNode], selectionSet: SelectionSetNode, location: SourceLocation
    ) {
        self.kind = kind
        self.description = description
        self.name = name
        self.variables = variables
        self.directives = directives
        self.selectionSet = selectionSet
        self.location = location
    }
}

/// A variable that an operation takes (GraphQL §2.10).
package struct VariableDefinitionNode: Sendable {
    /// The text for people before it; nil without one.
    package let description: StringNode?
    /// The name, without the `$`. Its location is that of the name; `location` is that of the definition.
    package let name: NameNode
    /// Its type.
    package let type: TypeNode
    /// The value it has when none is given; nil without one.
    package let defaultValue: ValueNode?
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// Where the definition starts.
    package let location: SourceLocation
    /// Where the `$` stands.
    package let variableLocation: SourceLocation

    package init(
        description: StringNode?, name: NameNode, type: TypeNode, defaultValue: ValueNode?,
        directives: [DirectiveNode], location: SourceLocation, variableLocation: SourceLocation
    ) {
        self.description = description
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.directives = directives
        self.location = location
        self.variableLocation = variableLocation
    }
}

/// A fragment definition (GraphQL §2.8).
package final class FragmentDefinitionNode: Sendable {
    /// The text for people before it; nil without one.
    package let description: StringNode?
    /// Its name.
    package let name: NameNode
    /// The type whose fields it selects.
    package let typeCondition: NameNode
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// What it selects.
    package let selectionSet: SelectionSetNode
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(
        description: StringNode?, name: NameNode, typeCondition: NameNode, directives: [DirectiveNode],
        selectionSet: SelectionSetNode, location: SourceLocation
    ) {
        self.description = description
        self.name = name
        self.typeCondition = typeCondition
        self.directives = directives
        self.selectionSet = selectionSet
        self.location = location
    }
}

/// A selection set (GraphQL §2.4); never empty when it comes from the parser.
package struct SelectionSetNode: Sendable {
    /// Fields, spreads and inline fragments, in order.
    package let selections: [SelectionNode]
    /// Where the `{` stands.
    package let location: SourceLocation

    package init(selections: [SelectionNode], location: SourceLocation) {
        self.selections = selections
        self.location = location
    }
}

/// One selection (GraphQL §2.4).
package enum SelectionNode: Sendable {
    case field(FieldNode)
    case fragmentSpread(FragmentSpreadNode)
    case inlineFragment(InlineFragmentNode)

    /// Where the selection starts.
    package var location: SourceLocation {
        switch self {
        case .field(let node): return node.location
        case .fragmentSpread(let node): return node.location
        case .inlineFragment(let node): return node.location
        }
    }

    /// The directives of the selection.
    package var directives: [DirectiveNode] {
        switch self {
        case .field(let node): return node.directives
        case .fragmentSpread(let node): return node.directives
        case .inlineFragment(let node): return node.directives
        }
    }
}

/// A field (GraphQL §2.5).
package final class FieldNode: Sendable {
    /// The name in the response; nil when it is that of the field.
    package let alias: NameNode?
    /// Its name.
    package let name: NameNode
    /// Its arguments, in order.
    package let arguments: [ArgumentNode]
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// What it selects.
    package let selectionSet: SelectionSetNode?

    package init(
        alias: NameNode?, name: NameNode, arguments: [ArgumentNode], directives: [DirectiveNode],
        selectionSet: SelectionSetNode?
    ) {
        self.alias = alias
        self.name = name
        self.arguments = arguments
        self.directives = directives
        self.selectionSet = selectionSet
    }

    /// The name in the response: the alias, or else the name (§2.7).
    package var responseName: String { self.alias?.value ?? self.name.value }

    /// Where the field starts: its alias, when it has one.
    package var location: SourceLocation { self.alias?.location ?? self.name.location }
}

/// A fragment spread, `...name` (GraphQL §2.8).
package final class FragmentSpreadNode: Sendable {
    /// Its name.
    package let name: NameNode
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// Where the `...` stands.
    package let location: SourceLocation

    package init(name: NameNode, directives: [DirectiveNode], location: SourceLocation) {
        self.name = name
        self.directives = directives
        self.location = location
    }
}

/// An inline fragment (GraphQL §2.8.2).
package final class InlineFragmentNode: Sendable {
    /// Nil when the fragment applies to the enclosing type.
    package let typeCondition: NameNode?
    /// Its directives, in order.
    package let directives: [DirectiveNode]
    /// What it selects.
    package let selectionSet: SelectionSetNode
    /// Where the `...` stands.
    package let location: SourceLocation

    package init(
        typeCondition: NameNode?, directives: [DirectiveNode], selectionSet: SelectionSetNode,
        location: SourceLocation
    ) {
        self.typeCondition = typeCondition
        self.directives = directives
        self.selectionSet = selectionSet
        self.location = location
    }
}

/// An argument of a field or a directive (GraphQL §2.6).
package struct ArgumentNode: Sendable {
    /// Its name.
    package let name: NameNode
    /// Its value.
    package let value: ValueNode

    package init(name: NameNode, value: ValueNode) {
        self.name = name
        self.value = value
    }

    /// Where the argument starts.
    package var location: SourceLocation { self.name.location }
}

/// An applied directive (GraphQL §2.12).
package struct DirectiveNode: Sendable {
    /// The name, without the `@`.
    package let name: NameNode
    /// Its arguments, in order.
    package let arguments: [ArgumentNode]
    /// Where the `@` stands.
    package let location: SourceLocation

    package init(name: NameNode, arguments: [ArgumentNode], location: SourceLocation) {
        self.name = name
        self.arguments = arguments
        self.location = location
    }

    /// The argument of this name, when it is given.
    package func argument(_ name: String) -> ValueNode? {
        self.arguments.first { $0.name.value == name }?.value
    }
}
