import NIOCore

/// Makes connections. Each reports on the event loop that it was asked on.
protocol Transport: Sendable {
    /// - Parameters:
    ///   - lastEventID: The id of the last event that was received; nil for none.
    ///   - report: Told what happens until `lost` or `completed`, which come at most once and last; never told anything
    ///     before this function has returned.
    func connect(
        on eventLoop: any EventLoop, lastEventID: String?, report: @escaping (TransportEvent) -> Void
    ) -> any TransportLink
}

/// A connection, used on its event loop only.
protocol TransportLink: AnyObject {
    /// Sends a text message; without effect where there is no way to, or no connection.
    func send(_ text: String)
    /// Ends the connection, after what was sent. Nothing is reported any more.
    func close()
}

/// What happens on a connection.
enum TransportEvent: Sendable {
    case opened
    case message(DialectMessage)
    /// Bytes that carry no message, but show that the server is alive.
    case heard
    /// The server proposes a first delay before connecting again.
    case retry(Duration)
    /// The server says that there is nothing to come back for (status 204).
    case completed
    case lost(Loss)
}
