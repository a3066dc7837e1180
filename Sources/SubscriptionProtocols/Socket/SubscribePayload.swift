package import GraphQLCore

/// What a client asks to execute, the same in every dialect. Members that were null are nil.
package struct SubscribePayload: Sendable, Hashable {
    /// The GraphQL document.
    package var query: String
    /// Which operation of the document; an empty string is a name like any other.
    package var operationName: String?
    /// The values of the variables.
    package var variables: JSONObject?
    /// Anything that the client wants to say beside it.
    package var extensions: JSONObject?

    package init(
        query: String, operationName: String? = nil, variables: JSONObject? = nil, extensions: JSONObject? = nil
    ) {
        self.query = query
        self.operationName = operationName
        self.variables = variables
        self.extensions = extensions
    }
}

extension SubscribePayload {
    /// Why a payload is none.
    package enum Fault: Error, Hashable {
        /// It is missing, or no object.
        case notAnObject
        /// That member is missing or of a wrong type.
        case member(String)
    }

    /// Reads the member `payload` of a message.
    package init(_ value: JSONValue?) throws(Fault) {
        guard case .object(let payload)? = value else { throw .notAnObject }
        guard case .string(let query)? = payload["query"] else { throw .member("query") }
        self.query = query
        switch payload["operationName"] {
        case nil, .null?: self.operationName = nil
        case .string(let name)?: self.operationName = name
        default: throw .member("operationName")
        }
        self.variables = try Self.optionalObject("variables", of: payload)
        self.extensions = try Self.optionalObject("extensions", of: payload)
    }

    private static func optionalObject(
        _ name: String, of payload: JSONObject
    ) throws(Fault) -> JSONObject? {
        switch payload[name] {
        case nil, .null?: nil
        case .object(let object)?: object
        default: throw .member(name)
        }
    }
}
