/// What resolvers know of the client that asks: identity, permissions, and whatever an application adds.
package protocol ExecutionContext: Sendable {
    /// Clients with equal identities see the same data: the result of an event may be executed once and sent to all.
    ///
    /// Must be different for any two contexts whose `shared` a resolver could treat differently. A trace is no part of
    /// it: events are executed without one.
    var sharingIdentity: String { get }

    /// As whom the events of a source stream are executed that several clients share: what is the same for all with
    /// this identity, so that nothing of one can reach another.
    var shared: any ExecutionContext { get }

    /// The same for one request that belongs to a trace, so that resolvers can pass the trace on with what they publish.
    func traced(by trace: TraceContext) -> Self
}

extension ExecutionContext {
    /// The context as it is: for those with whom nothing is personal.
    package var shared: any ExecutionContext { self }
    /// The context as it is: for those who publish nothing.
    package func traced(by trace: TraceContext) -> Self { self }
}
