/// GraphQL §5.6.1, §5.6.2 and §5.6.4: literals fit the type of their place.
enum ValuesOfCorrectTypeRule: ValidationRule {
    static let name = "ValuesOfCorrectTypeRule"

    static func check(_ context: ValidationContext) {
        var literals = LiteralCheck(schema: context.schema)
        for use in context.values {
            guard let type = use.type else { continue }
            literals.check(use.value, type)
            if literals.errors.count >= context.mostViolations { break }
        }
        for error in literals.errors { context.report(self, error.message, error.locations) }
    }
}
