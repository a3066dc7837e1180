/// GraphQL §5.2.1.1: the schema has a root type for the kind of each operation.
enum KnownOperationTypesRule: ValidationRule {
    static let name = "KnownOperationTypesRule"

    static func check(_ context: ValidationContext) {
        for operation in context.operations where operation.rootType == nil {
            context.report(
                self, "The \(operation.node.kind.rawValue) operation is not supported by the schema.",
                operation.node.location)
        }
    }
}
