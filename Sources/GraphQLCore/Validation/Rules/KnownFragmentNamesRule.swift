/// GraphQL §5.5.2.1: spreads name fragments that the document defines.
enum KnownFragmentNamesRule: ValidationRule {
    static let name = "KnownFragmentNamesRule"

    static func check(_ context: ValidationContext) {
        for spread in context.spreads where context.fragmentPlaces[spread.node.name.value] == nil {
            let name = spread.node.name
            context.report(self, "Unknown fragment \"\(name.value)\".", name.location)
        }
    }
}
