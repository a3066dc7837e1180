import GraphQLCore

extension GraphQLError {
    /// What the client gave cannot be used; the message says why.
    static func badInput(_ message: String) -> GraphQLError {
        GraphQLError(message: message, extensions: ["code": "BAD_USER_INPUT"])
    }

    /// Something has changed, or is there already.
    static func conflict(_ message: String) -> GraphQLError {
        GraphQLError(message: message, extensions: ["code": "CONFLICT"])
    }

    /// The client may see it, but not do this to it.
    static func forbidden(_ message: String) -> GraphQLError {
        GraphQLError(message: message, extensions: ["code": "FORBIDDEN"])
    }
}
