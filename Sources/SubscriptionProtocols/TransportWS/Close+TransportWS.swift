// The closes of graphql-transport-ws, with the reasons of its text; where the text leaves the reason open, with those
// of the reference implementation.
extension Close {
    /// A message of unknown type, of a wrong shape, or no JSON.
    package static let invalidMessage = Close(.invalidMessage, "Invalid message received")
    /// `subscribe` before the acknowledgement.
    package static let unauthorized = Close(.unauthorized, "Unauthorized")
    /// A refused `connection_init`.
    package static let forbidden = Close(.forbidden, "Forbidden")
    /// No `connection_init` in time. The dialect spells it the British way.
    package static let initialisationTimeout = Close(
        .initialisationTimeout, "Connection initialisation timeout")
    /// A second `connection_init`.
    package static let tooManyInitialisations = Close(
        .tooManyRequests, "Too many initialisation requests")
    /// An unexpected failure; nothing of it is shown to the client.
    package static let internalError = Close(.internalError, "Internal server error")

    /// `subscribe` with an id that is in use. A long id makes the reason end early.
    package static func subscriberExists(_ id: OperationID) -> Close {
        Close(.subscriberExists, CloseReason("Subscriber for \(id.text) already exists"))
    }
}
