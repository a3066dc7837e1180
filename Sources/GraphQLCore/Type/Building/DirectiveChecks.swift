/// Checks the directives and default values of a draft (GraphQL §3.13), by the rules that hold for documents too.
struct DirectiveChecks {
    private let draft: SchemaDraft
    private let context: ValidationContext
    /// Constants hold no variables, so that nothing is ever put here.
    private var variables: [VariableUse] = []

    /// The problems with directives and default values in a draft whose names are known to be good.
    static func errors(of draft: SchemaDraft, schema: Schema) -> [GraphQLError] {
        var checks = DirectiveChecks(draft: draft, context: ValidationContext(schema: schema))
        checks.walk()
        KnownDirectivesRule.check(checks.context)
        UniqueDirectivesPerLocationRule.check(checks.context)
        KnownArgumentNamesRule.check(checks.context)
        UniqueArgumentNamesRule.check(checks.context)
        ProvidedRequiredArgumentsRule.check(checks.context)
        ValuesOfCorrectTypeRule.check(checks.context)
        UniqueInputFieldNamesRule.check(checks.context)
        return checks.context.violations.map(\.error)
    }

    private init(draft: SchemaDraft, context: ValidationContext) {
        self.draft = draft
        self.context = context
    }

    private mutating func walk() {
        self.add(self.draft.schemaNodes.flatMap(\.directives), .schema)
        for type in self.draft.types where !type.isBuiltIn {
            // A type and its extensions are one place (§3.4.3 and its like).
            self.add(type.directives, type.kind.directiveLocation)
            for field in type.fields {
                self.add(field.directives, .fieldDefinition)
                self.add(field.arguments, .argumentDefinition)
            }
            for value in type.values { self.add(value.directives, .enumValue) }
            self.add(type.inputFields, .inputFieldDefinition)
        }
        for directive in self.draft.directives.prefix(self.draft.ownDirectiveCount) {
            self.add(directive.arguments, .argumentDefinition)
        }
    }

    private mutating func add(_ directives: [DirectiveNode], _ location: DirectiveLocation) {
        self.context.add(directives, at: location, variables: &self.variables)
    }

    private mutating func add(_ values: [InputValueDefinitionNode], _ location: DirectiveLocation) {
        for value in values {
            self.add(value.directives, location)
            if let defaultValue = value.defaultValue {
                self.context.values.append(
                    ValueUse(value: defaultValue, type: self.context.schema.inputType(of: value.type)))
            }
        }
    }
}

extension TypeKind {
    /// Where a directive on a definition of this kind stands.
    fileprivate var directiveLocation: DirectiveLocation {
        switch self {
        case .scalar: return .scalar
        case .object: return .object
        case .interface: return .interface
        case .union: return .union
        case .enumeration: return .enumeration
        case .inputObject: return .inputObject
        }
    }
}
