/// Runs operations against a schema (GraphQL §6). Safe to use from any thread.
///
/// Life of a request: `prepare`, then for a query or mutation `execute`; for a subscription `createSourceStream`, and
/// `executeEvent` for each event of the stream.
package final class GraphQLEngine: Sendable {
    /// The schema that is served.
    package let schema: Schema
    /// What documents may cost.
    package let limits: EngineLimits
    let options: EngineOptions
    let catalog: ExecutableCatalog
    let cache: OperationCache

    /// An engine for the schema.
    /// - Throws: `SchemaErrors` naming each `Type.field` of which the resolver is missing or superfluous.
    package init(
        schema: Schema, resolvers: Resolvers, limits: EngineLimits = .init(), options: EngineOptions = .init()
    ) throws(SchemaErrors) {
        self.schema = schema
        self.limits = limits
        self.options = options
        self.catalog = try ExecutableCatalog(schema: schema, resolvers: resolvers)
        self.cache = OperationCache(count: limits.cachedOperations, bytes: limits.cachedBytes)
    }
}
