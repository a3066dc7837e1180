/// GraphQL §5.5.1.3: fragments apply to objects, interfaces and unions.
enum FragmentsOnCompositeTypesRule: ValidationRule {
    static let name = "FragmentsOnCompositeTypesRule"

    static func check(_ context: ValidationContext) {
        for fragment in context.inlineFragments {
            guard let condition = fragment.node.typeCondition, self.isOther(condition, context) else { continue }
            context.report(
                self, "Fragment cannot condition on non composite type \"\(condition.value)\".", condition.location)
        }
        for fragment in context.fragments where self.isOther(fragment.node.typeCondition, context) {
            let condition = fragment.node.typeCondition
            context.report(
                self,
                "Fragment \"\(fragment.node.name.value)\" cannot condition on non composite type "
                    + "\"\(condition.value)\".",
                condition.location)
        }
    }

    private static func isOther(_ condition: NameNode, _ context: ValidationContext) -> Bool {
        context.schema.type(named: condition.value)?.isComposite == false
    }
}
