// The closes of the legacy dialect `graphql-ws`. Its text names no codes; where both dialects have the same situation,
// both have the same code.
extension Close {
    /// The client asked for the end with `connection_terminate`.
    package static let terminated = Close(.normal, "Terminated")
    /// More came behind `connection_init` than can wait for the decision about it.
    package static let tooMuchBeforeAcknowledgement = Close(
        .messageTooBig, "Too much before the acknowledgement")
    /// A binary message; the dialect has only text.
    package static let binaryMessage = Close(.unsupportedData, "Only text messages are read")
}
