/// What resolvers know of the client that asks: identity, permissions, and whatever an application adds.
package protocol ExecutionContext: Sendable {
    /// Clients with equal identities see the same data: the result of an event may be executed once and sent to all.
    ///
    /// Must be different for any two contexts whose `shared` a resolver could treat differently.
    var sharingIdentity: String { get }

    /// As whom the events of a source stream are executed that several clients share: what is the same for all with
    /// this identity, so that nothing of one can reach another.
    var shared: any ExecutionContext { get }
}

extension ExecutionContext {
    package var shared: any ExecutionContext { self }
}
