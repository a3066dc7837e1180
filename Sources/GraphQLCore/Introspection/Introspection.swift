/// The resolvers of schema introspection (GraphQL §4.2). Fields without arguments are read from the values themselves.
enum Introspection {
    /// Resolvers for `__schema` and `__type`, and for the fields with arguments of the types below them.
    static func resolvers(for schema: Schema) -> [FieldCoordinate: Resolvers.Implementation] {
        let root = schema.queryType.name
        let resolvers: [(String, String, Resolvers.Field)] = [
            (root, "__schema", { _ in .object(SchemaObject(schema: schema)) }),
            (root, "__type", { input in self.type(named: input.arguments.string("name") ?? "", of: schema) }),
            ("__Type", "fields", { self.listed($0) { (type: TypeObject) in type.fields } }),
            ("__Type", "inputFields", { self.listed($0) { (type: TypeObject) in type.inputFields } }),
            ("__Type", "enumValues", { self.listed($0) { (type: TypeObject) in type.enumValues } }),
            ("__Field", "args", { self.listed($0) { (field: FieldObject) in field.arguments } }),
            ("__Directive", "args", { self.listed($0) { (directive: DirectiveObject) in directive.arguments } }),
        ]
        return Dictionary(
            resolvers.map { type, field, resolver in (FieldCoordinate(type, field), .immediate(resolver)) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func type(named name: String, of schema: Schema) -> ResolvedValue {
        guard let type = schema.type(named: name), type.name.hasSameBytes(as: name) else { return .null }
        return .object(TypeObject(schema: schema, reference: .named(type.reference)))
    }

    /// The elements of a list, the deprecated ones only when `includeDeprecated` is true.
    private static func listed<Owner>(
        _ input: ResolverInput, _ elements: (Owner) -> [any DeprecableObject]?
    ) -> ResolvedValue {
        guard case .object(let object) = input.source, let owner = object as? Owner, let list = elements(owner) else {
            return .null
        }
        let includesDeprecated = input.arguments.bool("includeDeprecated") ?? false
        return .list(
            list.filter { includesDeprecated || $0.deprecationReason == nil }.map { .object($0) })
    }
}

/// Something that may be `@deprecated`.
protocol DeprecableObject: ResolvedObject {
    var deprecationReason: String? { get }
}

extension DeprecableObject {
    /// The fields `isDeprecated` and `deprecationReason`.
    func deprecationField(_ name: String) -> ResolvedValue? {
        switch name {
        case "isDeprecated": .bool(self.deprecationReason != nil)
        case "deprecationReason": .optional(self.deprecationReason)
        default: nil
        }
    }
}
