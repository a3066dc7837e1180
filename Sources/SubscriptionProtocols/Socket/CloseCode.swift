/// A status that this server puts into a WebSocket close frame (RFC 6455 §7.4, graphql-transport-ws).
///
/// Every code that the server ever sends is a case, so that no number stands at a call site.
package enum CloseCode: UInt16, Sendable, Hashable, CaseIterable {
    /// The purpose is fulfilled.
    case normal = 1000
    /// The server is going down.
    case goingAway = 1001
    /// The peer broke the framing rules of RFC 6455.
    case protocolError = 1002
    /// A binary message where only text is read.
    case unsupportedData = 1003
    /// A text message, or a close reason, is not UTF-8.
    case invalidData = 1007
    /// A message is longer than the server accepts.
    case messageTooBig = 1009
    /// Something unexpected happened below the GraphQL layer.
    case unexpectedCondition = 1011
    /// The server restarts; the client may come back soon.
    case serviceRestart = 1012
    /// The server cannot serve the client now; it may come back later.
    case tryAgainLater = 1013
    /// A message of unknown type, of a wrong shape, or no JSON (graphql-transport-ws, Invalid message).
    case invalidMessage = 4400
    /// `subscribe` before the connection was acknowledged (graphql-transport-ws, Subscribe).
    case unauthorized = 4401
    /// The server refuses `connection_init` (graphql-transport-ws, ConnectionInit).
    case forbidden = 4403
    /// What the path names does not exist, or not for this client.
    case notFound = 4404
    /// No subprotocol that the server speaks was offered.
    case subprotocolNotAcceptable = 4406
    /// No `connection_init` in time (graphql-transport-ws, ConnectionInit).
    case initialisationTimeout = 4408
    /// The operation id is in use on this socket (graphql-transport-ws, Subscribe).
    case subscriberExists = 4409
    /// A second `connection_init` (graphql-transport-ws, ConnectionInit), or a limit of the server.
    case tooManyRequests = 4429
    /// Something unexpected happened in the GraphQL layer.
    case internalError = 4500
}

extension CloseCode {
    /// Whether a status may stand in a close frame at all (RFC 6455 §7.4.1 and §7.4.2, with the codes that the IANA
    /// registry added: 1012, 1013, 1014). 1004, 1005, 1006 and 1015 may not, nor what lies outside 1000...4999, nor
    /// the unassigned codes of 1016...2999.
    package static func isAllowedOnTheWire(_ status: UInt16) -> Bool {
        switch status {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
