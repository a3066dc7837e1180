/// The code behind a schema: a resolver for each field that is not simply a named part of its object.
///
/// Every field of the `Query` and `Mutation` roots needs a resolver, every field of the `Subscription` root a
/// subscription. Other fields default to looking up their name in the object (see `ResolvedValue.field`). Whether all
/// fits the schema is checked when an engine is made.
///
/// A resolver that throws fails its field: a `GraphQLError` goes to the client with its message and extensions, any
/// other error as "Internal server error", while the error itself goes to `EngineOptions.onInternalError`.
package struct Resolvers: Sendable {
    /// Computes a field at once.
    package typealias Field = @Sendable (ResolverInput) throws -> ResolvedValue
    /// Computes a field asynchronously; fields beside each other run concurrently, except the roots of a mutation.
    package typealias AsyncField = @Sendable (ResolverInput) async throws -> ResolvedValue
    /// Makes the source stream of a subscription's root field (GraphQL §6.2.3.1).
    package typealias Subscription = @Sendable (ResolverInput) async throws -> SourceEventStream
    /// Finds the name of the object type of a value of an interface or union; nil when there is none.
    package typealias TypeResolver = @Sendable (ResolvedValue, any ExecutionContext) throws -> String?

    enum Implementation: Sendable {
        case immediate(Field)
        case asynchronous(AsyncField)
    }

    private(set) var fields: [FieldCoordinate: Implementation] = [:]
    private(set) var subscriptions: [String: Subscription] = [:]
    private(set) var scalars: [String: ScalarCoding] = [:]
    private(set) var typeResolvers: [String: TypeResolver] = [:]

    /// No resolvers.
    package init() {}

    /// Sets the resolver of a field of an object type.
    ///
    /// For a root field of a subscription it maps each event, its `source`, to the value of the field; without one the
    /// event itself is that value.
    package mutating func field(_ type: String, _ field: String, _ resolver: @escaping Field) {
        self.fields[FieldCoordinate(type, field)] = .immediate(resolver)
    }

    /// Sets an asynchronous resolver of a field of an object type; see `field(_:_:_:)`.
    package mutating func asyncField(_ type: String, _ field: String, _ resolver: @escaping AsyncField) {
        self.fields[FieldCoordinate(type, field)] = .asynchronous(resolver)
    }

    /// Sets the source of a field of the subscription root.
    package mutating func subscription(_ field: String, _ resolver: @escaping Subscription) {
        self.subscriptions[field] = resolver
    }

    /// Sets the coding of a custom scalar. One without passes any JSON through.
    package mutating func scalar(_ name: String, _ coding: ScalarCoding) {
        self.scalars[name] = coding
    }

    /// Sets how values of an interface or union find their object type. Without one, the value says so itself (see
    /// `ResolvedValue.typeName`).
    package mutating func typeResolver(_ type: String, _ resolver: @escaping TypeResolver) {
        self.typeResolvers[type] = resolver
    }

    /// Takes over all of the others; theirs win where both have one.
    package mutating func merge(_ others: Resolvers) {
        self.fields.merge(others.fields) { _, theirs in theirs }
        self.subscriptions.merge(others.subscriptions) { _, theirs in theirs }
        self.scalars.merge(others.scalars) { _, theirs in theirs }
        self.typeResolvers.merge(others.typeResolvers) { _, theirs in theirs }
    }
}

/// A field of a type, `Type.field` (schema coordinate, GraphQL §3.14).
struct FieldCoordinate: Sendable, Hashable, CustomStringConvertible {
    let type: String
    let field: String

    init(_ type: String, _ field: String) {
        self.type = type
        self.field = field
    }

    var description: String { "\(self.type).\(self.field)" }
}
