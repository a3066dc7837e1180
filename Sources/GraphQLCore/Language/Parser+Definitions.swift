extension Parser {
    /// A definition of any kind (GraphQL §2.2).
    mutating func definition() throws(GraphQLError) -> DefinitionNode {
        if self.token.kind == .leftBrace {
            return .operation(try self.shorthandQuery())
        }
        let start = self.token.location
        let description = try self.description()
        if description != nil, self.token.kind == .leftBrace {
            throw self.error(
                "Unexpected description, descriptions are not supported on shorthand queries.", at: start)
        }
        guard self.token.kind == .name else { throw self.unexpected() }
        if let operation = OperationKind(rawValue: self.token.value) {
            return .operation(try self.operation(operation, description: description, at: start))
        }
        switch self.token.value {
        case "fragment":
            return .fragment(try self.fragmentDefinition(description: description, at: start))
        case "extend":
            if description != nil {
                throw self.error("Unexpected description, descriptions are not supported on extensions.", at: start)
            }
            _ = try self.advance()
            return try self.typeSystemDefinition(isExtension: true, description: nil, at: start)
        default:
            return try self.typeSystemDefinition(isExtension: false, description: description, at: start)
        }
    }

    /// A description (§2.2.2), if one stands here.
    mutating func description() throws(GraphQLError) -> StringNode? {
        guard self.token.kind == .string || self.token.kind == .blockString else { return nil }
        let token = try self.advance()
        return StringNode(value: token.value, isBlock: token.kind == .blockString, location: token.location)
    }

    private mutating func shorthandQuery() throws(GraphQLError) -> OperationDefinitionNode {
        let selectionSet = try self.selectionSet()
        return OperationDefinitionNode(
            kind: .query, description: nil, name: nil, variables: [], directives: [], selectionSet: selectionSet,
            location: selectionSet.location)
    }

    private mutating func operation(
        _ kind: OperationKind, description: StringNode?, at start: SourceLocation
    ) throws(GraphQLError) -> OperationDefinitionNode {
        _ = try self.advance()
        let name = self.token.kind == .name ? try self.name() : nil
        let variables = try self.optionalMany(.leftParenthesis, .rightParenthesis) {
            (parser) throws(GraphQLError) in try parser.variableDefinition()
        }
        let directives = try self.directives(isConstant: false)
        return OperationDefinitionNode(
            kind: kind, description: description, name: name, variables: variables, directives: directives,
            selectionSet: try self.selectionSet(), location: start)
    }

    /// A variable definition (§2.10).
    private mutating func variableDefinition() throws(GraphQLError) -> VariableDefinitionNode {
        let start = self.token.location
        let description = try self.description()
        let dollar = try self.expect(.dollar)
        let name = try self.name()
        _ = try self.expect(.colon)
        let type = try self.typeReference()
        let defaultValue = try self.take(.equals) ? try self.value(isConstant: true) : nil
        return VariableDefinitionNode(
            description: description, name: name, type: type, defaultValue: defaultValue,
            directives: try self.directives(isConstant: true), location: start, variableLocation: dollar.location)
    }

    private mutating func fragmentDefinition(
        description: StringNode?, at start: SourceLocation
    ) throws(GraphQLError) -> FragmentDefinitionNode {
        _ = try self.advance()
        let name = try self.fragmentName()
        try self.expectKeyword("on")
        let typeCondition = try self.name()
        let directives = try self.directives(isConstant: false)
        return FragmentDefinitionNode(
            description: description, name: name, typeCondition: typeCondition, directives: directives,
            selectionSet: try self.selectionSet(), location: start)
    }

    /// The name of a fragment, which cannot be `on` (§2.8).
    private mutating func fragmentName() throws(GraphQLError) -> NameNode {
        if self.token.isKeyword("on") { throw self.unexpected() }
        return try self.name()
    }

    // MARK: Selections

    /// A selection set (§2.4).
    mutating func selectionSet() throws(GraphQLError) -> SelectionSetNode {
        let start = self.token.location
        let selections = try self.nested { (parser) throws(GraphQLError) in
            try parser.many(.leftBrace, .rightBrace) { (parser) throws(GraphQLError) in
                try parser.token.kind == .spread ? parser.fragment() : .field(parser.field())
            }
        }
        return SelectionSetNode(selections: selections, location: start)
    }

    /// A field (§2.5).
    private mutating func field() throws(GraphQLError) -> FieldNode {
        let nameOrAlias = try self.name()
        let hasAlias = try self.take(.colon)
        let name = hasAlias ? try self.name() : nameOrAlias
        let arguments = try self.arguments(isConstant: false)
        let directives = try self.directives(isConstant: false)
        let selectionSet = self.token.kind == .leftBrace ? try self.selectionSet() : nil
        return FieldNode(
            alias: hasAlias ? nameOrAlias : nil, name: name, arguments: arguments, directives: directives,
            selectionSet: selectionSet)
    }

    /// A fragment spread or an inline fragment (§2.8).
    private mutating func fragment() throws(GraphQLError) -> SelectionNode {
        let start = try self.expect(.spread).location
        let hasTypeCondition = try self.takeKeyword("on")
        if !hasTypeCondition, self.token.kind == .name {
            let name = try self.fragmentName()
            return .fragmentSpread(
                FragmentSpreadNode(name: name, directives: try self.directives(isConstant: false), location: start))
        }
        let typeCondition = hasTypeCondition ? try self.name() : nil
        let directives = try self.directives(isConstant: false)
        return .inlineFragment(
            InlineFragmentNode(
                typeCondition: typeCondition, directives: directives, selectionSet: try self.selectionSet(),
                location: start))
    }

    // MARK: Arguments and directives

    /// The arguments of a field or directive (§2.6), if there are any.
    private mutating func arguments(isConstant: Bool) throws(GraphQLError) -> [ArgumentNode] {
        try self.optionalMany(.leftParenthesis, .rightParenthesis) { (parser) throws(GraphQLError) in
            let name = try parser.name()
            _ = try parser.expect(.colon)
            return ArgumentNode(name: name, value: try parser.value(isConstant: isConstant))
        }
    }

    /// Directives (§2.12), possibly none.
    mutating func directives(isConstant: Bool) throws(GraphQLError) -> [DirectiveNode] {
        var directives: [DirectiveNode] = []
        while self.token.kind == .at {
            let start = try self.advance().location
            let name = try self.name()
            directives.append(
                DirectiveNode(
                    name: name, arguments: try self.arguments(isConstant: isConstant), location: start))
        }
        return directives
    }
}
