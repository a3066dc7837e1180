/// What resolvers know of the client that asks: identity, permissions, and whatever an application adds.
package protocol ExecutionContext: Sendable {
    /// Clients with equal identities see the same data: the result of an event may be executed once and sent to all.
    ///
    /// Must be different for any two contexts that a resolver could treat differently.
    var sharingIdentity: String { get }
}
