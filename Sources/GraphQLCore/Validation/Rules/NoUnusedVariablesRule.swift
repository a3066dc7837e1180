/// GraphQL §5.8.4: an operation uses all variables that it defines.
enum NoUnusedVariablesRule: ValidationRule {
    static let name = "NoUnusedVariablesRule"

    static func check(_ context: ValidationContext) {
        for operation in context.operations where !operation.node.variables.isEmpty {
            var used: Set<String> = []
            context.forEachVariable(of: operation) { used.insert($0.name.value) }
            let label = operation.node.name.map { " in operation \"\($0.value)\"" } ?? ""
            for variable in operation.node.variables where !used.contains(variable.name.value) {
                context.report(
                    self, "Variable \"$\(variable.name.value)\" is never used\(label).", variable.location)
            }
        }
    }
}
