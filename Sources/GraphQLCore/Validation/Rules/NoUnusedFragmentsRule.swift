/// GraphQL §5.5.1.4: each fragment is spread in an operation, or in a fragment that is.
enum NoUnusedFragmentsRule: ValidationRule {
    static let name = "NoUnusedFragmentsRule"

    static func check(_ context: ValidationContext) {
        let spreads = context.operations.flatMap(\.body.spreads)
        let used = Set(context.reachableFragments(from: spreads).map { context.fragments[$0].node.name.value })
        for fragment in context.fragments where !used.contains(fragment.node.name.value) {
            context.report(self, "Fragment \"\(fragment.node.name.value)\" is never used.", fragment.node.location)
        }
    }
}
