/// GraphQL §5.5.2.3: a fragment stands only where some object type fits both it and its surroundings.
enum PossibleFragmentSpreadsRule: ValidationRule {
    static let name = "PossibleFragmentSpreadsRule"

    static func check(_ context: ValidationContext) {
        for fragment in context.inlineFragments {
            guard let type = fragment.type, let parent = fragment.parent, !context.schema.overlap(type, parent)
            else { continue }
            context.report(
                self,
                "Fragment cannot be spread here as objects of type \"\(parent.name)\" "
                    + "can never be of type \"\(type.name)\".",
                fragment.node.location)
        }
        for spread in context.spreads {
            let name = spread.node.name.value
            guard let type = context.fragment(name)?.type, let parent = spread.parent,
                !context.schema.overlap(type, parent)
            else { continue }
            context.report(
                self,
                "Fragment \"\(name)\" cannot be spread here as objects of type \"\(parent.name)\" "
                    + "can never be of type \"\(type.name)\".",
                spread.node.location)
        }
    }
}
