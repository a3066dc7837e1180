/// What an operation or a fragment selects, gathered.
struct BodyUse {
    /// The place of its selection set in `ValidationContext.selectionSets`.
    var selectionSet = 0
    /// All its spreads, at any depth of selection sets, in the order of the source.
    var spreads: [FragmentSpreadNode] = []
    /// All its uses of variables.
    var variables: [VariableUse] = []
}

/// An operation, with its root type where the schema has one.
struct OperationUse {
    let node: OperationDefinitionNode
    let rootType: NamedType?
    var body = BodyUse()
}

/// A fragment, with the composite type that it applies to where the schema has one of that name.
struct FragmentUse {
    let node: FragmentDefinitionNode
    let type: NamedType?
    var body = BodyUse()
}

/// A variable in a value, with what is expected in its place.
struct VariableUse {
    /// The name; `location` is that of the `$`.
    let name: NameNode
    let location: SourceLocation
    /// The type that the place asks for; nil where it is unknown or anything goes.
    let type: TypeReference?
    /// Whether the argument or input field has a default.
    let hasDefault: Bool
    /// The `@oneOf` input object whose field the variable sets, if it does.
    let oneOf: InputObjectType?
}

/// A field, with the types around it where they are known.
struct FieldUse {
    let node: FieldNode
    /// The enclosing composite type.
    let parent: NamedType?
    /// Nil when the parent is unknown or has no such field.
    let definition: FieldDefinition?
    /// Stands for the response name: equal for equal names.
    let responseName: Int
    /// The place of the selection set in `ValidationContext.selectionSets`, if the field has one.
    var selectionSet: Int?
}

/// A selection set with the inline fragments in it taken apart: what merges into one response object.
struct SelectionSetUse {
    let node: SelectionSetNode
    /// The enclosing composite type, where it is known.
    let parent: NamedType?
    /// Places in `ValidationContext.fields`, in the order of the source.
    var fields: [Int] = []
    /// The names of the fragments spread here.
    var spreads: [String] = []
}

/// A fragment spread and the composite type that it stands in, where that is known.
struct SpreadUse {
    let node: FragmentSpreadNode
    let parent: NamedType?
}

/// An inline fragment, the type that it stands in and the type of its condition, where they are known.
struct InlineFragmentUse {
    let node: InlineFragmentNode
    let parent: NamedType?
    let type: NamedType?
}

/// An applied directive, and where it stands.
struct DirectiveUse {
    let node: DirectiveNode
    let location: DirectiveLocation
    let definition: DirectiveDefinition?
}

/// The directives of one place.
struct DirectiveListUse {
    let directives: [DirectiveNode]
}

/// A value that is not part of another, with the type expected of it; nil where it is unknown.
struct ValueUse {
    let value: ValueNode
    let type: TypeReference?
}
