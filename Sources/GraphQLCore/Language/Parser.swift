/// Turns text into a syntax tree (GraphQL §2, §3, Appendix "Grammar Summary").
///
/// Messages follow those of the reference implementation: `Syntax Error: Expected Name, found "}".`
package struct Parser {
    private var lexer: Lexer
    private let limits: DocumentLimits
    private var tokenCount = 0
    private var depth = 0
    /// The token to look at next.
    private(set) var token: Token

    /// The document of the text: executable definitions, type system definitions, or both.
    package static func parseDocument(
        _ text: String, limits: DocumentLimits = .init()
    ) throws(GraphQLError) -> Document {
        var parser = try Parser(text, limits: limits)
        var definitions: [DefinitionNode] = []
        repeat {
            definitions.append(try parser.definition())
        } while parser.token.kind != .endOfFile
        return Document(definitions: definitions)
    }

    /// The document of the text, which may define a type system only.
    package static func parseTypeSystem(
        _ text: String, limits: DocumentLimits = .typeSystem
    ) throws(GraphQLError) -> Document {
        let document = try Parser.parseDocument(text, limits: limits)
        for definition in document.definitions {
            switch definition {
            case .operation(let node):
                let name = node.name.map { "Operation \"\($0.value)\"" } ?? "An anonymous operation"
                throw GraphQLError(message: "\(name) does not define a part of a type system.", location: node.location)
            case .fragment(let node):
                throw GraphQLError(
                    message: "Fragment \"\(node.name.value)\" does not define a part of a type system.",
                    location: node.location)
            case .schema, .type, .directive:
                continue
            }
        }
        return document
    }

    /// The value of the text (§2.9); variables are refused in a constant.
    package static func parseValue(
        _ text: String, isConstant: Bool = false, limits: DocumentLimits = .init()
    ) throws(GraphQLError) -> ValueNode {
        var parser = try Parser(text, limits: limits)
        let value = try parser.value(isConstant: isConstant)
        _ = try parser.expect(.endOfFile)
        return value
    }

    /// The type reference of the text (§2.11).
    package static func parseType(
        _ text: String, limits: DocumentLimits = .init()
    ) throws(GraphQLError) -> TypeNode {
        var parser = try Parser(text, limits: limits)
        let type = try parser.typeReference()
        _ = try parser.expect(.endOfFile)
        return type
    }

    private init(_ text: String, limits: DocumentLimits) throws(GraphQLError) {
        self.lexer = Lexer(text)
        self.limits = limits
        self.token = Token(kind: .endOfFile, value: "", location: SourceLocation(line: 1, column: 1))
        _ = try self.advance()
    }

    // MARK: Tokens

    /// Takes the token and reads the one after it.
    mutating func advance() throws(GraphQLError) -> Token {
        let taken = self.token
        self.token = try self.lexer.next()
        if self.token.kind != .endOfFile {
            self.tokenCount += 1
            if self.tokenCount > self.limits.tokens {
                throw self.error("Document contains more than \(self.limits.tokens) tokens. Parsing aborted.")
            }
        }
        return taken
    }

    /// Takes a token of this kind, or fails.
    mutating func expect(_ kind: Token.Kind) throws(GraphQLError) -> Token {
        guard self.token.kind == kind else {
            throw self.error("Expected \(kind.text), found \(self.token.text).")
        }
        // The lexer stays at the end, so that advancing past it is harmless.
        return try self.advance()
    }

    /// Takes the token if it is of this kind.
    mutating func take(_ kind: Token.Kind) throws(GraphQLError) -> Bool {
        guard self.token.kind == kind else { return false }
        _ = try self.advance()
        return true
    }

    /// Takes this keyword, or fails.
    mutating func expectKeyword(_ keyword: String) throws(GraphQLError) {
        guard self.token.isKeyword(keyword) else {
            throw self.error("Expected \"\(keyword)\", found \(self.token.text).")
        }
        _ = try self.advance()
    }

    /// Takes the token if it is this keyword.
    mutating func takeKeyword(_ keyword: String) throws(GraphQLError) -> Bool {
        guard self.token.isKeyword(keyword) else { return false }
        _ = try self.advance()
        return true
    }

    /// Takes a name (§2.1.9).
    mutating func name() throws(GraphQLError) -> NameNode {
        let token = try self.expect(.name)
        return NameNode(token.value, location: token.location)
    }

    // MARK: Lists

    /// Items between two tokens, at least one.
    mutating func many<Item>(
        _ open: Token.Kind, _ close: Token.Kind, _ item: (inout Parser) throws(GraphQLError) -> Item
    ) throws(GraphQLError) -> [Item] {
        _ = try self.expect(open)
        var items: [Item] = []
        repeat {
            items.append(try item(&self))
        } while try !self.take(close)
        return items
    }

    /// Items between two tokens, at least one; none when the first token is absent.
    mutating func optionalMany<Item>(
        _ open: Token.Kind, _ close: Token.Kind, _ item: (inout Parser) throws(GraphQLError) -> Item
    ) throws(GraphQLError) -> [Item] {
        guard self.token.kind == open else { return [] }
        return try self.many(open, close, item)
    }

    /// Items with a token between each two, and possibly one before the first.
    mutating func delimited<Item>(
        by delimiter: Token.Kind, _ item: (inout Parser) throws(GraphQLError) -> Item
    ) throws(GraphQLError) -> [Item] {
        _ = try self.take(delimiter)
        var items: [Item] = []
        repeat {
            items.append(try item(&self))
        } while try self.take(delimiter)
        return items
    }

    // MARK: Limits and errors

    /// Runs the body one level deeper.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(GraphQLError) -> Result
    ) throws(GraphQLError) -> Result {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= self.limits.depth else {
            throw self.error("Document is nested deeper than \(self.limits.depth) levels. Parsing aborted.")
        }
        return try body(&self)
    }

    /// A syntax error at the current token.
    func error(_ message: String) -> GraphQLError {
        self.error(message, at: self.token.location)
    }

    /// A syntax error at a location.
    func error(_ message: String, at location: SourceLocation) -> GraphQLError {
        GraphQLError(message: "Syntax Error: " + message, location: location)
    }

    /// The error for a token that fits nowhere; the current one unless another is given.
    func unexpected(_ token: Token? = nil) -> GraphQLError {
        let token = token ?? self.token
        return self.error("Unexpected \(token.text).", at: token.location)
    }
}
