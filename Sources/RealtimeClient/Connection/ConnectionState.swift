/// How a client stands to its server.
public enum ConnectionState: Sendable, Hashable {
    /// The first attempt is under way.
    case connecting
    /// Events come.
    case connected
    /// The connection was lost, or could not be made.
    /// - Parameters:
    ///   - attempt: The attempt that follows, from 1.
    ///   - delay: How long it waits before it.
    ///   - loss: Why.
    case reconnecting(attempt: Int, delay: Duration, loss: Loss)
    /// It ended because it was told to, or because the server had no more to say.
    case disconnected
    /// It ended for a reason that trying again would not change, or because every attempt failed.
    case error(String)

    /// One word for people: `connecting`, `connected`, `reconnecting`, `disconnected`, `error`.
    public var name: String {
        switch self {
        case .connecting: "connecting"
        case .connected: "connected"
        case .reconnecting: "reconnecting"
        case .disconnected: "disconnected"
        case .error: "error"
        }
    }

    /// Whether nothing more will happen.
    public var isFinal: Bool {
        switch self {
        case .disconnected, .error: true
        case .connecting, .connected, .reconnecting: false
        }
    }
}
