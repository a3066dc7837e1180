/// GraphQL §5.6.3: a field of an input object literal is given at most once.
enum UniqueInputFieldNamesRule: ValidationRule {
    static let name = "UniqueInputFieldNamesRule"

    static func check(_ context: ValidationContext) {
        for use in context.values { self.check(use.value, context) }
    }

    private static func check(_ value: ValueNode, _ context: ValidationContext) {
        switch value.kind {
        case .list(let items):
            for item in items { self.check(item, context) }
        case .object(let fields):
            var seen: [String: NameNode] = [:]
            for field in fields {
                if let first = seen[field.name.value] {
                    context.report(
                        self, "There can be only one input field named \"\(field.name.value)\".",
                        [first.location, field.name.location])
                } else {
                    seen[field.name.value] = field.name
                }
                self.check(field.value, context)
            }
        case .variable, .int, .float, .string, .boolean, .null, .enumeration:
            break
        }
    }
}
