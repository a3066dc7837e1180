/// GraphQL §5.8.3: the variables that an operation uses, also through fragments, are defined by it.
enum NoUndefinedVariablesRule: ValidationRule {
    static let name = "NoUndefinedVariablesRule"

    static func check(_ context: ValidationContext) {
        for operation in context.operations {
            let defined = Set(operation.node.variables.map(\.name.value))
            context.forEachVariable(of: operation) { use in
                guard !defined.contains(use.name.value) else { return }
                let label = operation.node.name.map { " by operation \"\($0.value)\"" } ?? ""
                context.report(
                    self, "Variable \"$\(use.name.value)\" is not defined\(label).",
                    [use.location, operation.node.location])
            }
        }
    }
}

extension ValidationContext {
    /// Visits the uses of variables of an operation, also those in the fragments that it reaches.
    func forEachVariable(of operation: OperationUse, _ visit: (VariableUse) -> Void) {
        operation.body.variables.forEach(visit)
        for place in self.reachableFragments(from: operation.body.spreads) {
            if self.isFull { return }
            self.fragments[place].body.variables.forEach(visit)
        }
    }
}
