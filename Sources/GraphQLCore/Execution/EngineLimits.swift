/// What one document may cost. All limits are inclusive and meant for hostile input: no sensible document meets them.
///
/// How long lists in results get is the resolvers' affair.
package struct EngineLimits: Sendable, Hashable {
    /// Bytes of the document in UTF-8.
    package var documentBytes: Int
    /// Lexical tokens of the document.
    package var tokens: Int
    /// Fields within each other, introspection included. Selection sets, which inline fragments deepen too, and lists
    /// and objects among the arguments may nest twice as deep.
    package var depth: Int
    /// Aliased fields, those in fragments counted at each use.
    package var aliases: Int
    /// Fields of the root, those in fragments counted at each use.
    package var rootFields: Int
    /// Fields in all, those in fragments counted at each use.
    package var cost: Int
    /// Errors that are reported for one request.
    package var errors: Int
    /// Compiled operations that are kept for further use; the least recently used goes first.
    package var cachedOperations: Int
    /// Bytes that kept operations may take: those of their documents and about 1 KiB for each field, fragments counted
    /// at each use.
    package var cachedBytes: Int

    /// - Parameters:
    ///   - documentBytes: 100 KiB unless told.
    ///   - tokens: 15,000 unless told.
    ///   - depth: 32 unless told. Each level takes stack of the calling thread: stay below 200.
    ///   - aliases: 1,000 unless told.
    ///   - rootFields: 200 unless told.
    ///   - cost: 10,000 unless told.
    ///   - errors: 50 unless told.
    ///   - cachedOperations: 1,024 unless told; 0 keeps none.
    ///   - cachedBytes: 64 MiB unless told.
    package init(
        documentBytes: Int = 100 << 10, tokens: Int = 15_000, depth: Int = 32, aliases: Int = 1_000,
        rootFields: Int = 200, cost: Int = 10_000, errors: Int = 50, cachedOperations: Int = 1_024,
        cachedBytes: Int = 64 << 20
    ) {
        self.documentBytes = documentBytes
        self.tokens = tokens
        self.depth = depth
        self.aliases = aliases
        self.rootFields = rootFields
        self.cost = cost
        self.errors = errors
        self.cachedOperations = cachedOperations
        self.cachedBytes = cachedBytes
    }
}

/// How an engine behaves beyond its schema.
package struct EngineOptions: Sendable {
    /// Is told of an error; see `onInternalError`.
    package typealias InternalErrorHook = @Sendable (any Error, [PathElement], any ExecutionContext) -> Void

    /// Whether `__schema` and `__type` may be asked for (GraphQL §4); where not, validation refuses them.
    package var allowsIntrospection: Bool
    /// Whether documents are validated before they are executed (GraphQL §5). False only in a server that is to be
    /// caught at it: what validation refuses has no meaning.
    package var validatesDocuments = true
    /// How limits of documents are applied wrongly, in a server that is to be caught at it.
    package var limitFault: LimitFault?
    /// Told of each error that clients only see as "Internal server error", with the path of its field, from any
    /// thread, and the context in which it was resolved. Must not block.
    package var onInternalError: InternalErrorHook

    /// Options; introspection is allowed and internal errors go nowhere unless told.
    package init(
        allowsIntrospection: Bool = true,
        onInternalError: @escaping InternalErrorHook = { _, _, _ in }
    ) {
        self.allowsIntrospection = allowsIntrospection
        self.onInternalError = onInternalError
    }
}
