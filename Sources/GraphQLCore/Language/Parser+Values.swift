extension Parser {
    /// A value (GraphQL §2.9); a constant holds no variable.
    mutating func value(isConstant: Bool) throws(GraphQLError) -> ValueNode {
        let start = self.token.location
        switch self.token.kind {
        case .leftBracket:
            return ValueNode(.list(try self.list(isConstant: isConstant)), location: start)
        case .leftBrace:
            return ValueNode(.object(try self.object(isConstant: isConstant)), location: start)
        case .int:
            return ValueNode(.int(try self.advance().value), location: start)
        case .float:
            return ValueNode(.float(try self.advance().value), location: start)
        case .string:
            return ValueNode(.string(try self.advance().value, block: false), location: start)
        case .blockString:
            return ValueNode(.string(try self.advance().value, block: true), location: start)
        case .name:
            return ValueNode(Parser.namedValue(try self.advance().value), location: start)
        case .dollar:
            return ValueNode(.variable(try self.variable(isConstant: isConstant)), location: start)
        default:
            throw self.unexpected()
        }
    }

    /// A type reference (§2.11).
    mutating func typeReference() throws(GraphQLError) -> TypeNode {
        let type: TypeNode
        let start = self.token.location
        if try self.take(.leftBracket) {
            let inner = try self.nested { (parser) throws(GraphQLError) in try parser.typeReference() }
            _ = try self.expect(.rightBracket)
            type = .list(inner, location: start)
        } else {
            type = .named(try self.name())
        }
        return try self.take(.bang) ? .nonNull(type) : type
    }

    private static func namedValue(_ name: String) -> ValueNode.Kind {
        switch name {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "null": return .null
        default: return .enumeration(name)
        }
    }

    private mutating func variable(isConstant: Bool) throws(GraphQLError) -> NameNode {
        let dollar = try self.expect(.dollar)
        guard isConstant else { return try self.name() }
        guard self.token.kind == .name else { throw self.unexpected(dollar) }
        throw self.error("Unexpected variable \"$\(self.token.value)\" in constant value.", at: dollar.location)
    }

    private mutating func list(isConstant: Bool) throws(GraphQLError) -> [ValueNode] {
        try self.nested { (parser) throws(GraphQLError) in
            _ = try parser.advance()
            var values: [ValueNode] = []
            while try !parser.take(.rightBracket) {
                values.append(try parser.value(isConstant: isConstant))
            }
            return values
        }
    }

    private mutating func object(isConstant: Bool) throws(GraphQLError) -> [ObjectFieldNode] {
        try self.nested { (parser) throws(GraphQLError) in
            _ = try parser.advance()
            var fields: [ObjectFieldNode] = []
            while try !parser.take(.rightBrace) {
                let name = try parser.name()
                _ = try parser.expect(.colon)
                fields.append(ObjectFieldNode(name: name, value: try parser.value(isConstant: isConstant)))
            }
            return fields
        }
    }
}
