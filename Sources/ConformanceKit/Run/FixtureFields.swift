/// The fields that scenarios use where a server has them. Names such as `count` and `hello` are common, so a field counts
/// only if it takes and gives what the scenarios expect.
enum FixtureFields {
    enum Root: Sendable {
        case query, mutation, subscription
    }

    private struct Signature {
        var root: Root
        /// The type without modifiers.
        var type: String
        /// Arguments that the scenarios give, with their types without modifiers.
        var arguments: [String: String] = [:]
    }

    private static let signatures: [String: Signature] = [
        "hello": Signature(root: .query, type: "String"),
        "slow": Signature(root: .query, type: "String", arguments: ["ms": "Int"]),
        "echo": Signature(root: .query, type: "String", arguments: ["s": "String"]),
        "echoOrNull": Signature(root: .query, type: "String", arguments: ["s": "String"]),
        "boom": Signature(root: .query, type: "String"),
        "required": Signature(root: .query, type: "String"),
        "active": Signature(root: .query, type: "Int", arguments: ["key": "String"]),
        "counter": Signature(root: .query, type: "Int"),
        "increment": Signature(root: .mutation, type: "Int"),
        "publish": Signature(root: .mutation, type: "Int", arguments: ["name": "String", "value": "String"]),
        "count": Signature(root: .subscription, type: "Int", arguments: ["to": "Int", "ms": "Int"]),
        "silent": Signature(root: .subscription, type: "String", arguments: ["key": "String"]),
        "empty": Signature(root: .subscription, type: "String"),
        "topic": Signature(root: .subscription, type: "String", arguments: ["name": "String"]),
        "throwsAtStart": Signature(root: .subscription, type: "String"),
        "throwsLater": Signature(root: .subscription, type: "Int"),
        "fieldError": Signature(root: .subscription, type: "Int"),
        "slowStart": Signature(root: .subscription, type: "Int", arguments: ["ms": "Int", "key": "String"]),
    ]

    /// Whether the schema has the field as the scenarios use it; a field that is not in the list counts by its name.
    static func has(_ name: String, in schema: SchemaSketch) -> Bool {
        guard let wanted = self.signatures[name] else {
            return (schema.query + schema.mutation + schema.subscription).contains { $0.name == name }
        }
        let fields =
            switch wanted.root {
            case .query: schema.query
            case .mutation: schema.mutation
            case .subscription: schema.subscription
            }
        guard let field = fields.first(where: { $0.name == name }), field.type.name == wanted.type, !field.type.isList
        else { return false }
        let given = Dictionary(field.arguments.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        guard
            wanted.arguments.allSatisfy({ given[$0.key]?.type.name == $0.value && given[$0.key]?.type.isList == false })
        else { return false }
        return !field.arguments.contains {
            $0.type.isRequired && !$0.hasDefault && wanted.arguments[$0.name] == nil
        }
    }
}
