/// GraphQL §5.3.3: leaves take no selection set, and everything else needs one.
enum ScalarLeafsRule: ValidationRule {
    static let name = "ScalarLeafsRule"

    static func check(_ context: ValidationContext) {
        for field in context.fields {
            guard let type = field.definition?.type else { continue }
            let name = field.node.name.value
            let isLeaf = context.schema.namedType(of: type).isLeaf
            if let set = field.node.selectionSet {
                guard isLeaf else { continue }
                context.report(
                    self, "Field \"\(name)\" must not have a selection since type \"\(type)\" has no subfields.",
                    set.location)
            } else if !isLeaf {
                context.report(
                    self,
                    "Field \"\(name)\" of type \"\(type)\" must have a selection of subfields. "
                        + "Did you mean \"\(name) { ... }\"?",
                    field.node.location)
            }
        }
    }
}
