/// GraphQL §5.8.2: variables are of scalars, enums and input objects.
enum VariablesAreInputTypesRule: ValidationRule {
    static let name = "VariablesAreInputTypesRule"

    static func check(_ context: ValidationContext) {
        for variable in context.operations.flatMap(\.node.variables) {
            guard context.schema.type(named: variable.type.namedType.value)?.isInput == false else { continue }
            context.report(
                self, "Variable \"$\(variable.name.value)\" cannot be non-input type \"\(variable.type)\".",
                variable.type.location)
        }
    }
}
