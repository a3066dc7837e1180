package import GraphQLCore

/// A message that a client may send (graphql-ws, Client -> Server).
package enum LegacyClientMessage: Sendable, Hashable {
    /// Asks for the connection to be opened. The payload is nil when it was absent or null.
    case connectionInit(payload: JSONObject?)
    /// Starts an operation.
    case start(OperationID, SubscribePayload)
    /// Ends an operation.
    case stop(OperationID)
    /// Ends the connection.
    case connectionTerminate
}

/// A message that is not valid. The dialect keeps the connection open and says what is wrong.
package struct LegacyInvalidMessage: Error, Sendable, Hashable {
    /// Whom the answer concerns: the id that the message had, if it was one.
    package let id: OperationID?
    /// What is wrong, in a sentence for the client.
    package let reason: String

    package init(_ reason: String, id: OperationID? = nil) {
        self.id = id
        self.reason = reason
    }
}
