package import GraphQLCore

/// What resolvers ask before they do anything: as whom the operation runs, and whether that one may.
///
/// Errors carry `extensions.code`: `UNAUTHENTICATED` for clients that would have to come with a token, `FORBIDDEN` for
/// those whose token does not suffice, `NOT_FOUND` for what does not exist or is another tenant's.
package enum Access {
    /// As whom the operation runs.
    ///
    /// - Throws: `GraphQLError` with `UNAUTHENTICATED` when the context is no identity.
    package static func identity(_ input: ResolverInput) throws(GraphQLError) -> Identity {
        guard let identity = input.context as? Identity else { throw self.unauthenticated }
        return identity
    }

    /// Goes on only for holders of a permission.
    ///
    /// - Throws: `GraphQLError` with `FORBIDDEN`, or `UNAUTHENTICATED` for a client without a token.
    @discardableResult
    package static func require(permission: String, _ input: ResolverInput) throws(GraphQLError) -> Identity {
        let identity = try self.identity(input)
        guard !identity.holds(permission: permission) else { return identity }
        throw self.refusal(of: identity, ClientMessages.needs(permission: permission))
    }

    /// Goes on only for those who have a role.
    ///
    /// - Throws: `GraphQLError` with `FORBIDDEN`, or `UNAUTHENTICATED` for a client without a token.
    @discardableResult
    package static func require(role: String, _ input: ResolverInput) throws(GraphQLError) -> Identity {
        try self.require(anyOf: [role], input)
    }

    /// Goes on only for those who have at least one of the roles.
    ///
    /// - Throws: `GraphQLError` with `FORBIDDEN`, or `UNAUTHENTICATED` for a client without a token.
    @discardableResult
    package static func require(anyOf roles: [String], _ input: ResolverInput) throws(GraphQLError) -> Identity {
        let identity = try self.identity(input)
        guard !roles.contains(where: identity.has(role:)) else { return identity }
        throw self.refusal(of: identity, ClientMessages.needs(roles: roles))
    }

    /// Something that the client named is not there, or not for it: the two must not be told apart.
    package static func notFound(_ what: String) -> GraphQLError {
        GraphQLError(message: ClientMessages.absent(what), extensions: ["code": "NOT_FOUND"])
    }

    /// The client did not say who it is, and would have to.
    package static var unauthenticated: GraphQLError {
        GraphQLError(message: ClientMessages.needsToken, extensions: ["code": "UNAUTHENTICATED"])
    }

    private static func refusal(of identity: Identity, _ message: String) -> GraphQLError {
        guard identity.user != nil else { return self.unauthenticated }
        return GraphQLError(message: message, extensions: ["code": "FORBIDDEN"])
    }
}
