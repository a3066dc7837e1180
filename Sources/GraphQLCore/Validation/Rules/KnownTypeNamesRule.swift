/// GraphQL §5.5.1.2 and §5.8.2: fragments and variables name types that the schema has.
enum KnownTypeNamesRule: ValidationRule {
    static let name = "KnownTypeNamesRule"

    static func check(_ context: ValidationContext) {
        var names: [String]?
        for name in context.typeNames where context.schema.type(named: name.value) == nil {
            if context.isFull { return }
            let candidates = names ?? context.schema.types.map(\.name)
            names = candidates
            context.report(
                self, "Unknown type \"\(name.value)\"." + Suggestions.hint(for: name.value, among: candidates),
                name.location)
        }
    }
}
