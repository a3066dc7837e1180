/// Compares what fields call: their names and arguments.
struct FieldSignatures {
    private let context: ValidationContext
    /// By field: its arguments in canonical form, once they were asked for.
    private var arguments: [Int: String] = [:]

    init(context: ValidationContext) {
        self.context = context
    }

    /// Why two fields do not call the same; nil when they do.
    mutating func difference(_ first: Int, _ second: Int) -> String? {
        let left = self.context.fields[first].node
        let right = self.context.fields[second].node
        if left.name.value != right.name.value {
            return "\"\(left.name.value)\" and \"\(right.name.value)\" are different fields"
        }
        if left.arguments.isEmpty, right.arguments.isEmpty { return nil }
        return self.canonicalArguments(first).hasSameBytes(as: self.canonicalArguments(second))
            ? nil : "they have differing arguments"
    }

    private mutating func canonicalArguments(_ field: Int) -> String {
        if let text = self.arguments[field] { return text }
        let text = self.context.fields[field].node.arguments
            .sorted { $0.name.value < $1.name.value }
            .map { $0.name.value + ":" + Printer.print($0.value.sortedFields) }
            .joined(separator: ",")
        self.arguments[field] = text
        return text
    }
}

extension ValueNode {
    /// The value with the fields of its objects sorted by name, since their order means nothing (GraphQL §2.9.8).
    fileprivate var sortedFields: ValueNode {
        switch self.kind {
        case .list(let items):
            return ValueNode(.list(items.map(\.sortedFields)), location: self.location)
        case .object(let fields):
            let sorted =
                fields
                .map { ObjectFieldNode(name: $0.name, value: $0.value.sortedFields) }
                .sorted { Suggestions.naturalOrder($0.name.value, $1.name.value) }
            return ValueNode(.object(sorted), location: self.location)
        case .variable, .int, .float, .string, .boolean, .null, .enumeration:
            return self
        }
    }
}
