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
}
