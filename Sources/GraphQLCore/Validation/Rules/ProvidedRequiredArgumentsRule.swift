/// GraphQL §5.4.3: arguments that are non-null and have no default are given.
enum ProvidedRequiredArgumentsRule: ValidationRule {
    static let name = "ProvidedRequiredArgumentsRule"

    static func check(_ context: ValidationContext) {
        for field in context.fields {
            guard let definition = field.definition else { continue }
            for argument in self.missing(field.node.arguments, definition.arguments) {
                context.report(
                    self,
                    "Field \"\(field.node.name.value)\" argument \"\(argument.name)\" of type \"\(argument.type)\" "
                        + "is required, but it was not provided.",
                    field.node.location)
            }
        }
        for directive in context.directives {
            guard let definition = directive.definition else { continue }
            for argument in self.missing(directive.node.arguments, definition.arguments) {
                context.report(
                    self,
                    "Directive \"@\(definition.name)\" argument \"\(argument.name)\" of type \"\(argument.type)\" "
                        + "is required, but it was not provided.",
                    directive.node.location)
            }
        }
    }

    private static func missing(_ arguments: [ArgumentNode], _ definitions: InputValueSet) -> [InputValueDefinition] {
        definitions.filter { definition in
            definition.isRequired && !arguments.contains { $0.name.value == definition.name }
        }
    }
}
