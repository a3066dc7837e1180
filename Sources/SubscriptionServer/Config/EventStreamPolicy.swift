package import NIOCore

/// How GraphQL over SSE is offered.
package struct EventStreamPolicy: Sendable {
    /// The path of both modes. Streams of the distinct connections mode are given at the path of operations as well, to
    /// clients that ask for `text/event-stream`.
    package var path = "/graphql/stream"
    /// From the reservation to the opening of its stream; then the token is spent. More than zero.
    package var reservationTimeout: TimeAmount = .seconds(30)
    /// Reservations at a time, opened or not; inclusive (503 for one more).
    package var reservations = 10_000

    package init() {}

    /// Refuses what cannot be used.
    func validate() throws(ServerConfiguration.Invalid) {
        guard self.path.hasPrefix("/") else {
            throw ServerConfiguration.Invalid(setting: "eventStreams.path", reason: "must begin with a slash")
        }
        guard self.reservationTimeout > .zero else {
            throw ServerConfiguration.Invalid(
                setting: "eventStreams.reservationTimeout", reason: "must be more than zero")
        }
        guard self.reservations >= 1 else {
            throw ServerConfiguration.Invalid(setting: "eventStreams.reservations", reason: "must be at least 1")
        }
    }
}
