/// GraphQL §5.3.2: fields with one response name, in one response object, have one meaning and one shape.
///
/// Whether a document keeps the rule is found in time that grows with the document and not with the pairs of its
/// fields. Only when it does not, pairs are compared, within a bound, to name the fields at fault as the reference
/// implementation does.
enum OverlappingFieldsCanBeMergedRule: ValidationRule {
    static let name = "OverlappingFieldsCanBeMergedRule"

    static func check(_ context: ValidationContext) {
        var merging = FieldMerging(context: context)
        switch merging.check() {
        case .mergeable:
            return
        case .tooComplex(let location):
            context.report(self, "The document is too complex to check whether its fields can be merged.", location)
        case .conflict(let first, let second, let reason):
            var conflicts = FieldConflicts(context: context)
            let messages = conflicts.find()
            for (message, locations) in messages { context.report(self, message, locations) }
            guard messages.isEmpty else { return }
            let fields = [context.fields[first].node, context.fields[second].node]
            context.report(
                self, FieldConflicts.message(fields[0].responseName, reason), fields.map(\.location))
        }
    }
}
