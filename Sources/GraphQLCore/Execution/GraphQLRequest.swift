/// A request as it came from a client (GraphQL over HTTP, "Request parameters").
package struct GraphQLRequest: Sendable, Hashable {
    /// The document.
    package var query: String
    /// Which operation of the document to run; nil or, as widely sent, empty when it has only one.
    package var operationName: String?
    /// The variables by name.
    package var variables: JSONObject?
    /// For whatever protocols between client and server; not looked at here.
    package var extensions: JSONObject?

    /// A request of the given parts.
    package init(
        query: String, operationName: String? = nil, variables: JSONObject? = nil, extensions: JSONObject? = nil
    ) {
        self.query = query
        self.operationName = operationName
        self.variables = variables
        self.extensions = extensions
    }
}
