/// Checks the types of a draft against each other (GraphQL §3.6 to §3.10, §3.13, "Type Validation").
struct TypeChecks {
    let draft: SchemaDraft
    let schema: Schema
    private(set) var errors: [GraphQLError] = []

    /// The problems with the types of a draft whose names are known to be good.
    static func errors(of draft: SchemaDraft, schema: Schema) -> [GraphQLError] {
        var checks = TypeChecks(draft: draft, schema: schema)
        for directive in draft.directives.prefix(draft.ownDirectiveCount) {
            for argument in directive.arguments {
                checks.checkInput(argument, "@\(directive.name.value)(\(argument.name.value):)", "argument")
            }
        }
        for type in draft.types where !type.isBuiltIn { checks.check(type) }
        return checks.errors + InputCycleChecks.errors(of: draft, schema: schema)
            + DirectiveCycleChecks.errors(of: draft)
    }

    private init(draft: SchemaDraft, schema: Schema) {
        self.draft = draft
        self.schema = schema
    }

    mutating func report(_ message: String, _ locations: [SourceLocation]) {
        self.errors.append(GraphQLError(message: message, locations: locations))
    }

    private mutating func check(_ type: DraftType) {
        switch type.kind {
        case .scalar: break
        case .object, .interface:
            self.checkFields(type)
            self.checkInterfaces(type)
        case .union: self.checkMembers(type)
        case .enumeration:
            if type.values.isEmpty {
                self.report("Enum type \(type.name) must define one or more values.", type.locations)
            }
        case .inputObject: self.checkInputFields(type)
        }
    }

    private mutating func checkFields(_ type: DraftType) {
        let fields = type.fields
        if fields.isEmpty { self.report("Type \(type.name) must define one or more fields.", type.locations) }
        for field in fields {
            let label = "\(type.name).\(field.name.value)"
            if self.draft.type(field.type.namedType.value)?.kind == .inputObject {
                self.report("The type of \(label) must be Output Type but got: \(field.type).", [field.type.location])
            }
            for argument in field.arguments {
                self.checkInput(argument, "\(label)(\(argument.name.value):)", "argument")
            }
        }
    }

    private mutating func checkInput(_ value: InputValueDefinitionNode, _ label: String, _ noun: String) {
        switch self.draft.type(value.type.namedType.value)?.kind {
        case .object, .interface, .union:
            self.report("The type of \(label) must be Input Type but got: \(value.type).", [value.type.location])
        case .scalar, .enumeration, .inputObject, nil:
            break
        }
        // §3.13.3: what must be given cannot be deprecated.
        if case .nonNull = value.type, value.defaultValue == nil,
            let deprecated = value.directives.first(where: { $0.name.value == "deprecated" })
        {
            self.report(
                "Required \(noun) \(label) cannot be deprecated.", [deprecated.location, value.type.location])
        }
    }

    private mutating func checkMembers(_ type: DraftType) {
        let members = type.memberTypes
        if members.isEmpty {
            self.report("Union type \(type.name) must define one or more member types.", type.locations)
        }
        var seen: [String: NameNode] = [:]
        for member in members {
            if self.draft.type(member.value)?.kind != .object {
                self.report(
                    "Union type \(type.name) can only include Object types, it cannot include \(member.value).",
                    [member.location])
            } else if let first = seen[member.value] {
                self.report(
                    "Union type \(type.name) can only include type \(member.value) once.",
                    [first.location, member.location])
            } else {
                seen[member.value] = member
            }
        }
    }

    private mutating func checkInputFields(_ type: DraftType) {
        let fields = type.inputFields
        if fields.isEmpty {
            self.report("Input Object type \(type.name) must define one or more fields.", type.locations)
        }
        let isOneOf = type.directives.contains { $0.name.value == "oneOf" }
        for field in fields {
            let label = "\(type.name).\(field.name.value)"
            self.checkInput(field, label, "input field")
            guard isOneOf else { continue }
            if case .nonNull = field.type {
                self.report("OneOf input field \(label) must be nullable.", [field.type.location])
            }
            if field.defaultValue != nil {
                self.report("OneOf input field \(label) cannot have a default value.", [field.location])
            }
        }
    }
}

extension DraftType {
    /// Where the definition and the extensions start.
    var locations: [SourceLocation] { self.nodes.map(\.location) }
}
