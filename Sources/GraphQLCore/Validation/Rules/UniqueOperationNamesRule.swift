/// GraphQL §5.2.2.1: each named operation has a name of its own.
enum UniqueOperationNamesRule: ValidationRule {
    static let name = "UniqueOperationNamesRule"

    static func check(_ context: ValidationContext) {
        var seen: [String: NameNode] = [:]
        for name in context.operations.compactMap(\.node.name) {
            if let first = seen[name.value] {
                context.report(
                    self, "There can be only one operation named \"\(name.value)\".", [first.location, name.location])
            } else {
                seen[name.value] = name
            }
        }
    }
}
