/// Compares resolvers with the schema that they are for, so that a mistake shows at start and not at a request.
enum ResolverCheck {
    /// One error for each resolver that is missing or has nothing to resolve, sorted by name.
    static func errors(of resolvers: Resolvers, for schema: Schema) -> [GraphQLError] {
        let messages =
            self.missing(resolvers, schema) + self.superfluousFields(resolvers, schema)
            + self.superfluousOthers(resolvers, schema)
        return messages.sorted().map { GraphQLError(message: $0) }
    }

    private static func missing(_ resolvers: Resolvers, _ schema: Schema) -> [String] {
        var messages: [String] = []
        for root in [schema.queryType, schema.mutationType].compactMap({ $0 }) {
            for field in root.fieldSet where resolvers.fields[FieldCoordinate(root.name, field.name)] == nil {
                messages.append("\(root.name).\(field.name) has no resolver.")
            }
        }
        if let root = schema.subscriptionType {
            for field in root.fieldSet where resolvers.subscriptions[field.name] == nil {
                messages.append("\(root.name).\(field.name) has no subscription.")
            }
        }
        return messages
    }

    private static func superfluousFields(_ resolvers: Resolvers, _ schema: Schema) -> [String] {
        resolvers.fields.keys.compactMap { coordinate in
            guard let type = schema.type(named: coordinate.type) else {
                return "\(coordinate) has a resolver, but there is no type \(coordinate.type)."
            }
            guard case .object(let object) = type else {
                return "\(coordinate) has a resolver, but \(coordinate.type) is not an object type."
            }
            return object.field(coordinate.field) == nil
                ? "\(coordinate) has a resolver, but the type has no such field." : nil
        }
    }

    private static func superfluousOthers(_ resolvers: Resolvers, _ schema: Schema) -> [String] {
        let subscriptions = resolvers.subscriptions.keys.compactMap { name -> String? in
            guard let root = schema.subscriptionType else {
                return "Subscription.\(name) has a subscription, but the schema has no subscription type."
            }
            return root.field(name) == nil
                ? "\(root.name).\(name) has a subscription, but the type has no such field." : nil
        }
        let scalars = resolvers.scalars.keys.compactMap { name -> String? in
            if case .scalar(let scalar) = schema.type(named: name), scalar.builtIn == nil { return nil }
            return "\(name) has a coding, but is not a custom scalar."
        }
        let typeResolvers = resolvers.typeResolvers.keys.compactMap { name -> String? in
            if let type = schema.type(named: name), type.isAbstract { return nil }
            return "\(name) has a type resolver, but is neither an interface nor a union."
        }
        return subscriptions + scalars + typeResolvers
    }
}
