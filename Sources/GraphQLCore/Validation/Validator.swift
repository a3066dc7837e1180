/// The errors of a document that is to be executed on a schema (GraphQL §5); empty when it is valid.
///
/// When `limits` stop the search, the last error says so.
package func validate(
    _ document: Document, schema: Schema, limits: ValidationLimits = .init()
) -> [GraphQLError] {
    Validator.violations(of: document, schema: schema, limits: limits).map(\.error)
}

/// Runs the rules of GraphQL §5 over a document.
package enum Validator {
    /// The rules, in an order that puts causes before their consequences.
    static let rules: [any ValidationRule.Type] = [
        ExecutableDefinitionsRule.self,
        KnownOperationTypesRule.self,
        UniqueOperationNamesRule.self,
        LoneAnonymousOperationRule.self,
        SingleFieldSubscriptionsRule.self,
        KnownTypeNamesRule.self,
        FragmentsOnCompositeTypesRule.self,
        VariablesAreInputTypesRule.self,
        ScalarLeafsRule.self,
        FieldsOnCorrectTypeRule.self,
        UniqueFragmentNamesRule.self,
        KnownFragmentNamesRule.self,
        NoUnusedFragmentsRule.self,
        PossibleFragmentSpreadsRule.self,
        NoFragmentCyclesRule.self,
        UniqueVariableNamesRule.self,
        NoUndefinedVariablesRule.self,
        NoUnusedVariablesRule.self,
        KnownDirectivesRule.self,
        UniqueDirectivesPerLocationRule.self,
        KnownArgumentNamesRule.self,
        UniqueArgumentNamesRule.self,
        ValuesOfCorrectTypeRule.self,
        ProvidedRequiredArgumentsRule.self,
        VariablesInAllowedPositionRule.self,
        OverlappingFieldsCanBeMergedRule.self,
        UniqueInputFieldNamesRule.self,
    ]

    /// The violations of a document, each with the rule that it breaks; empty when the document is valid.
    package static func violations(
        of document: Document, schema: Schema, limits: ValidationLimits = .init()
    ) -> [Violation] {
        let context = DocumentWalk.context(document, schema: schema, mostViolations: limits.violations)
        for rule in self.rules where !context.isFull { rule.check(context) }
        if !context.isFull { OperationLimits.check(context, limits) }
        guard context.isFull else { return context.violations }
        let note = GraphQLError(message: "Too many validation errors, error limit reached. Validation aborted.")
        return context.violations + [Violation(rule: "", error: note)]
    }
}
