/// What can go wrong between us and a message bus.
///
/// The message is for operators: it names no password and no payload, but it may name hosts and channels, so it is not
/// for clients.
package struct BusError: Error, Sendable, Equatable {
    /// The kind of failure, for code to decide by.
    package enum Code: String, Sendable {
        /// The text cannot be a channel name.
        case invalidChannelName
        /// There is no link to the broker now. Trying again later can succeed.
        case unavailable
        /// The broker did not answer in time. A message may or may not have been delivered.
        case timedOut
        /// A bound was reached: too much waits already. Nothing was sent.
        case overloaded
        /// The broker answered with an error.
        case refused
        /// The bus was shut down. Trying again cannot succeed.
        case closed
    }

    /// The kind of failure.
    package let code: Code
    /// One sentence without a full stop.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension BusError: CustomStringConvertible {
    package var description: String { "\(self.code.rawValue): \(self.message)" }
}
