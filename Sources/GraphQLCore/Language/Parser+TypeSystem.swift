extension Parser {
    /// A definition or extension of a part of a type system (GraphQL §3); `extend` and the description are taken.
    mutating func typeSystemDefinition(
        isExtension: Bool, description: StringNode?, at start: SourceLocation
    ) throws(GraphQLError) -> DefinitionNode {
        guard self.token.kind == .name else { throw self.unexpected() }
        switch self.token.value {
        case "schema":
            return .schema(try self.schemaDefinition(isExtension: isExtension, description: description, at: start))
        case "directive" where !isExtension:
            return .directive(try self.directiveDefinition(description: description, at: start))
        default:
            guard let kind = TypeKind.allCases.first(where: { $0.keyword == self.token.value }) else {
                throw self.unexpected()
            }
            _ = try self.advance()
            return .type(
                try self.typeDefinition(kind, isExtension: isExtension, description: description, at: start))
        }
    }

    private mutating func schemaDefinition(
        isExtension: Bool, description: StringNode?, at start: SourceLocation
    ) throws(GraphQLError) -> SchemaDefinitionNode {
        _ = try self.advance()
        let directives = try self.directives(isConstant: true)
        let operationTypes: [OperationTypeDefinitionNode]
        if isExtension, self.token.kind != .leftBrace {
            operationTypes = []
        } else {
            operationTypes = try self.many(.leftBrace, .rightBrace) { (parser) throws(GraphQLError) in
                try parser.operationTypeDefinition()
            }
        }
        if directives.isEmpty, operationTypes.isEmpty { throw self.unexpected() }
        return SchemaDefinitionNode(
            isExtension: isExtension, description: description, directives: directives,
            operationTypes: operationTypes, location: start)
    }

    private mutating func operationTypeDefinition() throws(GraphQLError) -> OperationTypeDefinitionNode {
        let token = try self.expect(.name)
        guard let operation = OperationKind(rawValue: token.value) else { throw self.unexpected(token) }
        _ = try self.expect(.colon)
        return OperationTypeDefinitionNode(operation: operation, type: try self.name(), location: token.location)
    }

    private mutating func typeDefinition(
        _ kind: TypeKind, isExtension: Bool, description: StringNode?, at start: SourceLocation
    ) throws(GraphQLError) -> TypeDefinitionNode {
        let name = try self.name()
        var interfaces: [NameNode] = []
        if kind == .object || kind == .interface, try self.takeKeyword("implements") {
            interfaces = try self.delimited(by: .ampersand) { (parser) throws(GraphQLError) in try parser.name() }
        }
        let directives = try self.directives(isConstant: true)
        let (members, hasMembers) = try self.members(of: kind)
        // An extension that adds nothing is a mistake (§3.4.3 and its like).
        if isExtension, interfaces.isEmpty, directives.isEmpty, !hasMembers { throw self.unexpected() }
        return TypeDefinitionNode(
            kind: kind, isExtension: isExtension, description: description, name: name, interfaces: interfaces,
            directives: directives, members: members, location: start)
    }

    private mutating func members(
        of kind: TypeKind
    ) throws(GraphQLError) -> (members: TypeDefinitionNode.Members, isAny: Bool) {
        switch kind {
        case .scalar:
            return (.none, false)
        case .object, .interface:
            let fields = try self.optionalMany(.leftBrace, .rightBrace) { (parser) throws(GraphQLError) in
                try parser.fieldDefinition()
            }
            return (.fields(fields), !fields.isEmpty)
        case .union:
            guard try self.take(.equals) else { return (.types([]), false) }
            let types = try self.delimited(by: .pipe) { (parser) throws(GraphQLError) in try parser.name() }
            return (.types(types), true)
        case .enumeration:
            let values = try self.optionalMany(.leftBrace, .rightBrace) { (parser) throws(GraphQLError) in
                try parser.enumValueDefinition()
            }
            return (.values(values), !values.isEmpty)
        case .inputObject:
            let fields = try self.optionalMany(.leftBrace, .rightBrace) { (parser) throws(GraphQLError) in
                try parser.inputValueDefinition()
            }
            return (.inputFields(fields), !fields.isEmpty)
        }
    }

    private mutating func fieldDefinition() throws(GraphQLError) -> FieldDefinitionNode {
        let start = self.token.location
        let description = try self.description()
        let name = try self.name()
        let arguments = try self.argumentDefinitions()
        _ = try self.expect(.colon)
        let type = try self.typeReference()
        return FieldDefinitionNode(
            description: description, name: name, arguments: arguments, type: type,
            directives: try self.directives(isConstant: true), location: start)
    }

    private mutating func argumentDefinitions() throws(GraphQLError) -> [InputValueDefinitionNode] {
        try self.optionalMany(.leftParenthesis, .rightParenthesis) { (parser) throws(GraphQLError) in
            try parser.inputValueDefinition()
        }
    }

    private mutating func inputValueDefinition() throws(GraphQLError) -> InputValueDefinitionNode {
        let start = self.token.location
        let description = try self.description()
        let name = try self.name()
        _ = try self.expect(.colon)
        let type = try self.typeReference()
        let defaultValue = try self.take(.equals) ? try self.value(isConstant: true) : nil
        return InputValueDefinitionNode(
            description: description, name: name, type: type, defaultValue: defaultValue,
            directives: try self.directives(isConstant: true), location: start)
    }

    private mutating func enumValueDefinition() throws(GraphQLError) -> EnumValueDefinitionNode {
        let start = self.token.location
        let description = try self.description()
        if self.token.kind == .name, ["true", "false", "null"].contains(self.token.value) {
            throw self.error("\(self.token.text) is reserved and cannot be used for an enum value.")
        }
        let name = try self.name()
        return EnumValueDefinitionNode(
            description: description, name: name, directives: try self.directives(isConstant: true),
            location: start)
    }

    private mutating func directiveDefinition(
        description: StringNode?, at start: SourceLocation
    ) throws(GraphQLError) -> DirectiveDefinitionNode {
        _ = try self.advance()
        _ = try self.expect(.at)
        let name = try self.name()
        let arguments = try self.argumentDefinitions()
        let isRepeatable = try self.takeKeyword("repeatable")
        try self.expectKeyword("on")
        let locations = try self.delimited(by: .pipe) { (parser) throws(GraphQLError) in
            let token = try parser.expect(.name)
            guard let location = DirectiveLocation(rawValue: token.value) else { throw parser.unexpected(token) }
            return location
        }
        return DirectiveDefinitionNode(
            description: description, name: name, arguments: arguments, isRepeatable: isRepeatable,
            locations: locations, location: start)
    }
}
