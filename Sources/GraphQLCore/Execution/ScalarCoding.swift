/// How values of one custom scalar go out and come in (GraphQL §3.5).
///
/// Either closure may throw: a `GraphQLError` gives the message that the client reads, any other error counts as
/// internal.
package struct ScalarCoding: Sendable {
    /// Result coercion: from what a resolver returned, never null, to JSON. `null` as a result is an error.
    package let serialize: @Sendable (ResolvedValue) throws -> JSONValue
    /// Input coercion: from JSON or a literal, never null, to what resolvers are given. A literal arrives as the JSON
    /// that looks like it, an enum name as a string.
    package let parse: @Sendable (JSONValue) throws -> JSONValue

    /// A coding of the two closures.
    package init(
        serialize: @escaping @Sendable (ResolvedValue) throws -> JSONValue,
        parse: @escaping @Sendable (JSONValue) throws -> JSONValue
    ) {
        self.serialize = serialize
        self.parse = parse
    }
}
