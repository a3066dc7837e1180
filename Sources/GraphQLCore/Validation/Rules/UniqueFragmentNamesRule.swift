/// GraphQL §5.5.1.1: each fragment has a name of its own.
enum UniqueFragmentNamesRule: ValidationRule {
    static let name = "UniqueFragmentNamesRule"

    static func check(_ context: ValidationContext) {
        var seen: [String: NameNode] = [:]
        for name in context.fragments.map(\.node.name) {
            if let first = seen[name.value] {
                context.report(
                    self, "There can be only one fragment named \"\(name.value)\".", [first.location, name.location])
            } else {
                seen[name.value] = name
            }
        }
    }
}
