/// GraphQL §5.7.1 and §5.7.2: directives are defined by the schema, and stand where their definitions allow.
enum KnownDirectivesRule: ValidationRule {
    static let name = "KnownDirectivesRule"

    static func check(_ context: ValidationContext) {
        for directive in context.directives {
            let name = directive.node.name.value
            guard let definition = directive.definition else {
                context.report(self, "Unknown directive \"@\(name)\".", directive.node.location)
                continue
            }
            if !definition.locations.contains(directive.location) {
                context.report(
                    self, "Directive \"@\(name)\" may not be used on \(directive.location.rawValue).",
                    directive.node.location)
            }
        }
    }
}
