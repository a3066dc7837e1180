/// GraphQL §5.4.1: arguments are defined by their field or directive.
enum KnownArgumentNamesRule: ValidationRule {
    static let name = "KnownArgumentNamesRule"

    static func check(_ context: ValidationContext) {
        for field in context.fields where !field.node.arguments.isEmpty {
            guard let definition = field.definition, let parent = field.parent else { continue }
            self.check(
                field.node.arguments, definition.arguments, { "field \"\(parent.name).\(definition.name)\"" }, context)
        }
        for directive in context.directives where !directive.node.arguments.isEmpty {
            guard let definition = directive.definition else { continue }
            self.check(
                directive.node.arguments, definition.arguments, { "directive \"@\(definition.name)\"" }, context)
        }
    }

    private static func check(
        _ arguments: [ArgumentNode], _ definitions: InputValueSet, _ owner: () -> String, _ context: ValidationContext
    ) {
        for argument in arguments where definitions[argument.name.value] == nil {
            if context.isFull { return }
            let name = argument.name.value
            context.report(
                self,
                "Unknown argument \"\(name)\" on \(owner())."
                    + Suggestions.hint(for: name, among: definitions.map(\.name)),
                argument.location)
        }
    }
}
