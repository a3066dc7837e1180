/// GraphQL §5.1.1: a document to execute holds operations and fragments only.
enum ExecutableDefinitionsRule: ValidationRule {
    static let name = "ExecutableDefinitionsRule"

    static func check(_ context: ValidationContext) {
        for definition in context.otherDefinitions {
            let label: String
            switch definition {
            case .type(let node): label = "\"\(node.name.value)\""
            case .directive(let node): label = "\"\(node.name.value)\""
            case .schema, .operation, .fragment: label = "schema"
            }
            context.report(self, "The \(label) definition is not executable.", definition.location)
        }
    }
}
