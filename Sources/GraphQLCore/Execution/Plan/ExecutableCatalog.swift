/// A schema together with the code behind it, known to fit.
final class ExecutableCatalog: Sendable {
    let schema: Schema
    let inputs: InputCoercion
    private let fields: [FieldCoordinate: Resolvers.Implementation]
    private let subscriptions: [String: Resolvers.Subscription]
    private let typeResolvers: [String: Resolvers.TypeResolver]
    private let scalars: [String: ScalarCoding]
    private let hasAsynchronousResolvers: Bool

    /// - Throws: `SchemaErrors` with one error for each resolver that is missing or has nothing to resolve.
    init(schema: Schema, resolvers: Resolvers) throws(SchemaErrors) {
        let errors = ResolverCheck.errors(of: resolvers, for: schema)
        guard errors.isEmpty else { throw SchemaErrors(errors) }
        self.schema = schema
        self.fields = resolvers.fields.merging(Introspection.resolvers(for: schema)) { theirs, _ in theirs }
        self.subscriptions = resolvers.subscriptions
        self.typeResolvers = resolvers.typeResolvers
        self.scalars = resolvers.scalars
        self.inputs = InputCoercion(schema: schema, scalars: resolvers.scalars)
        self.hasAsynchronousResolvers = resolvers.fields.values.contains { implementation in
            if case .asynchronous = implementation { true } else { false }
        }
    }

    func source(of field: String, on object: ObjectType) -> FieldPlan.Source {
        if field == "__typename" {
            return .typeName
        }
        switch self.fields[FieldCoordinate(object.name, field)] {
        case .immediate(let resolver): return .immediate(resolver)
        case .asynchronous(let resolver): return .asynchronous(resolver)
        case nil: return .lookup
        }
    }

    /// Whether that field has to be awaited on some object type that a value of `parent` may have.
    func hasAsynchronousResolver(_ field: String, on parent: NamedType) -> Bool {
        guard self.hasAsynchronousResolvers else { return false }
        return self.schema.possibleTypes(of: parent).contains { object in
            if case .asynchronous = self.fields[FieldCoordinate(object.name, field)] { true } else { false }
        }
    }

    func subscription(_ field: String) -> Resolvers.Subscription? {
        self.subscriptions[field]
    }

    func typeResolver(of type: NamedType) -> Resolvers.TypeResolver? {
        self.typeResolvers[type.name]
    }

    func coding(of scalar: ScalarType) -> ScalarCoding {
        self.scalars[scalar.name] ?? .json
    }
}
