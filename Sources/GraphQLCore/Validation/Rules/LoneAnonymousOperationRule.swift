/// GraphQL §5.2.3.1: an anonymous operation is the only operation of its document.
enum LoneAnonymousOperationRule: ValidationRule {
    static let name = "LoneAnonymousOperationRule"

    static func check(_ context: ValidationContext) {
        guard context.operations.count > 1 else { return }
        for operation in context.operations where operation.node.name == nil {
            context.report(
                self, "This anonymous operation must be the only defined operation.", operation.node.location)
        }
    }
}
