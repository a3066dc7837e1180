/// How the server ends a socket: the status and the reason of its close frame.
package struct Close: Sendable, Hashable {
    /// The status.
    package var code: CloseCode
    /// The reason, for the people who read it; clients must not parse it.
    package var reason: CloseReason

    package init(_ code: CloseCode, _ reason: CloseReason) {
        self.code = code
        self.reason = reason
    }
}

// Closes that every dialect knows.
extension Close {
    /// The server is going down.
    package static let goingAway = Close(.goingAway, "Going away")
    /// None of the offered subprotocols is spoken here.
    package static let subprotocolNotAcceptable = Close(.subprotocolNotAcceptable, "Subprotocol not acceptable")
    /// The server cannot serve the client now; it may come again.
    package static let tryAgainLater = Close(.tryAgainLater, "Try again later")
    /// The token with which the client came is not valid any more.
    package static let tokenExpired = Close(.forbidden, "Token expired")
    /// The token with which the client came, or its user, was revoked.
    package static let tokenRevoked = Close(.forbidden, "Token revoked")
}
