package import GraphQLCore

/// A message that a client may send (graphql-transport-ws, Message types).
package enum ClientMessage: Sendable, Hashable {
    /// Asks for the connection to be opened. The payload is nil when it was absent or null.
    case connectionInit(payload: JSONObject?)
    /// Asks for a pong, at any time. The payload is nil when it was absent or null.
    case ping(payload: JSONObject?)
    /// Answers a ping, or just shows a sign of life.
    case pong
    /// Starts an operation.
    case subscribe(OperationID, SubscribePayload)
    /// Ends an operation.
    case complete(OperationID)
}

/// Why a message is invalid, for the log; on the wire all reasons are one (close 4400).
package enum InvalidMessage: Error, Sendable, Equatable {
    /// The message came in a binary frame.
    case binary
    /// The text is not one JSON value, or exceeds a limit of the reader.
    case json(JSONError)
    /// The JSON value is not an object.
    case notAnObject
    /// `type` is missing or no string.
    case typeMissing
    /// No client message has that type.
    case typeUnknown(String)
    /// The type is one that only servers send.
    case typeOfServer(String)
    /// `id` is missing, no string or empty.
    case id
    /// `payload` is missing where it is required, or of a wrong type.
    case payload
    /// A member of the payload is missing or of a wrong type.
    case payloadMember(String)
}
