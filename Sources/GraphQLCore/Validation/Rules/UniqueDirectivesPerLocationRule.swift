/// GraphQL §5.7.3: a directive that is not repeatable stands at most once in a place.
enum UniqueDirectivesPerLocationRule: ValidationRule {
    static let name = "UniqueDirectivesPerLocationRule"

    static func check(_ context: ValidationContext) {
        for list in context.directiveLists where list.directives.count > 1 {
            var seen: [String: DirectiveNode] = [:]
            for directive in list.directives {
                let name = directive.name.value
                guard context.schema.directive(named: name)?.isRepeatable == false else { continue }
                if let first = seen[name] {
                    context.report(
                        self, "The directive \"@\(name)\" can only be used once at this location.",
                        [first.location, directive.location])
                } else {
                    seen[name] = directive
                }
            }
        }
    }
}
