/// GraphQL §5.3.1: selected fields exist on the enclosing type.
enum FieldsOnCorrectTypeRule: ValidationRule {
    static let name = "FieldsOnCorrectTypeRule"

    static func check(_ context: ValidationContext) {
        for field in context.fields where field.definition == nil {
            guard let parent = field.parent else { continue }
            if context.isFull { return }
            let name = field.node.name.value
            var hint = Suggestions.hint(
                self.types(with: name, under: parent, context.schema), kind: "to use an inline fragment on")
            if hint.isEmpty, let fields = parent.fieldSet {
                hint = Suggestions.hint(for: name, among: fields.map(\.name))
            }
            context.report(
                self, "Cannot query field \"\(name)\" on type \"\(parent.name)\"." + hint, field.node.location)
        }
    }

    /// The types that a value of an abstract type may have and that do have the field; those that more of them share
    /// come first, and interfaces before what implements them.
    private static func types(with field: String, under parent: NamedType, _ schema: Schema) -> [String] {
        guard parent.isAbstract else { return [] }
        var counts: [(type: NamedType, count: Int)] = []
        func add(_ type: NamedType) {
            if let place = counts.firstIndex(where: { $0.type == type }) {
                counts[place].count += 1
            } else {
                counts.append((type, 1))
            }
        }
        for object in schema.possibleTypes(of: parent) where object.field(field) != nil {
            add(.object(object))
            for interface in object.interfaces.map(schema.type) where interface.fieldSet?[field] != nil {
                add(interface)
            }
        }
        return counts.sorted { left, right in
            if left.count != right.count { return left.count > right.count }
            if left.type.isAbstract, schema.isSubtype(right.type, of: left.type) { return true }
            if right.type.isAbstract, schema.isSubtype(left.type, of: right.type) { return false }
            return Suggestions.naturalOrder(left.type.name, right.type.name)
        }.map(\.type.name)
    }
}
