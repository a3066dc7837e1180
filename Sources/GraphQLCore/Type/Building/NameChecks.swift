/// Checks what must hold before types can be looked up: names exist, are unique and allowed, and there is a query root
/// (GraphQL §3.3).
struct NameChecks {
    private let draft: SchemaDraft
    private var errors: [GraphQLError] = []
    private let typeNames: [String]

    /// The problems with names in a draft.
    static func errors(of draft: SchemaDraft) -> [GraphQLError] {
        var checks = NameChecks(draft: draft)
        checks.checkRoots()
        for type in draft.types where !type.isBuiltIn { checks.check(type) }
        for directive in draft.directives.prefix(draft.ownDirectiveCount) {
            checks.checkName(directive.name)
            checks.checkUnique(directive.arguments.map(\.name), "Argument", { "@\(directive.name.value)(\($0):)" })
            for argument in directive.arguments { checks.check(argument) }
        }
        return draft.errors + checks.errors
    }

    private init(draft: SchemaDraft) {
        self.draft = draft
        self.typeNames = draft.types.map(\.name)
    }

    private mutating func report(_ message: String, _ locations: SourceLocation...) {
        self.errors.append(GraphQLError(message: message, locations: locations))
    }

    private mutating func checkRoots() {
        var seen: [OperationKind: OperationTypeDefinitionNode] = [:]
        for node in self.draft.schemaNodes.flatMap(\.operationTypes) {
            if let first = seen[node.operation] {
                self.report(
                    "There can be only one \(node.operation.rawValue) type in schema.", first.location, node.location)
            }
            seen[node.operation] = seen[node.operation] ?? node
            self.checkKnown(node.type)
        }
        var names: [String: OperationKind] = [:]
        for operation in OperationKind.allCases {
            guard let root = self.draft.rootName(operation) else {
                if operation == .query {
                    let locations = self.draft.schemaDefinition.map { [$0.location] } ?? []
                    self.errors.append(
                        GraphQLError(message: "Query root type must be provided.", locations: locations))
                }
                continue
            }
            guard let type = self.draft.type(root.value) else { continue }
            if type.kind != .object {
                let condition = operation == .query ? "" : " if provided"
                self.report(
                    "\(operation.rawValue.capitalizedASCII) root type must be Object type\(condition), "
                        + "it cannot be \(root.value).", root.location)
            }
            // §3.3.1: one type cannot be the root of two operations.
            if let other = names[root.value] {
                self.report(
                    "All root types must be different, \"\(root.value)\" type is used as \(other.rawValue) and "
                        + "\(operation.rawValue) root type.", root.location)
            }
            names[root.value] = operation
        }
    }

    private mutating func check(_ type: DraftType) {
        self.checkName(type.definition.name)
        for name in type.interfaces + type.memberTypes { self.checkKnown(name) }
        self.checkUnique(type.fields.map(\.name), "Field", { "\(type.name).\($0)" })
        for field in type.fields {
            self.checkName(field.name)
            self.checkUnique(field.arguments.map(\.name), "Argument", { "\(type.name).\(field.name.value)(\($0):)" })
            for argument in field.arguments { self.check(argument) }
            self.checkKnown(field.type.namedType)
        }
        self.checkUnique(type.values.map(\.name), "Enum value", { "\(type.name).\($0)" })
        for value in type.values { self.checkName(value.name) }
        self.checkUnique(type.inputFields.map(\.name), "Field", { "\(type.name).\($0)" })
        for field in type.inputFields { self.check(field) }
    }

    private mutating func check(_ value: InputValueDefinitionNode) {
        self.checkName(value.name)
        self.checkKnown(value.type.namedType)
    }

    /// Names that start with two underscores belong to introspection (§4).
    private mutating func checkName(_ name: NameNode) {
        guard name.value.utf8.starts(with: "__".utf8) else { return }
        self.report(
            "Name \"\(name.value)\" must not begin with \"__\", which is reserved by GraphQL introspection.",
            name.location)
    }

    private mutating func checkKnown(_ name: NameNode) {
        guard self.draft.places[name.value] == nil else { return }
        self.report(
            "Unknown type \"\(name.value)\"." + Suggestions.hint(for: name.value, among: self.typeNames),
            name.location)
    }

    private mutating func checkUnique(_ names: [NameNode], _ what: String, _ label: (String) -> String) {
        var seen: [String: NameNode] = [:]
        for name in names {
            if let first = seen[name.value] {
                self.report(
                    "\(what) \"\(label(name.value))\" can only be defined once.", first.location, name.location)
            } else {
                seen[name.value] = name
            }
        }
    }
}

extension String {
    /// The string with its first letter in upper case, where that is an ASCII letter.
    fileprivate var capitalizedASCII: String {
        guard let first = self.first else { return self }
        return first.uppercased() + self.dropFirst()
    }
}
