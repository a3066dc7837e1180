/// Why a connection ended, or was never made.
public enum Loss: Error, Sendable, Hashable, CustomStringConvertible {
    /// The network failed: refused, reset, ended without a word, name not found.
    case network(String)
    /// The server closed the WebSocket.
    case closed(code: Int, reason: String)
    /// The server answered the request with this status.
    /// - Parameter retryAfter: What it asked to wait.
    case status(Int, retryAfter: Duration?)
    /// Nothing was heard for longer than a heartbeat allows.
    case stale
    /// The server said something that cannot be understood.
    case misunderstood(String)

    /// Whether another attempt may end differently.
    ///
    /// A server that refuses a token, a subprotocol or a request refuses it again; one that is restarted, overloaded or
    /// away does not.
    public var isWorthRetrying: Bool {
        switch self {
        case .network, .stale: true
        case .misunderstood: false
        case .status(let status, _): status == 408 || status == 425 || status == 429 || status >= 500
        case .closed(let code, _):
            switch code {
            case 1002, 1003, 1007, 1008, 1009, 1010: false
            case 4408, 4429: true
            case 4000...4499: false
            default: true
            }
        }
    }

    /// What the server asked to wait; nil when it asked for nothing.
    var requestedDelay: Duration? {
        if case .status(_, let retryAfter) = self { retryAfter } else { nil }
    }

    /// In words for people.
    public var description: String {
        switch self {
        case .network(let reason): reason
        case .closed(let code, let reason):
            reason.isEmpty ? "closed by the server with \(code)" : "closed by the server with \(code) \(reason)"
        case .status(let status, _): "the server answered with status \(status)"
        case .stale: "nothing was heard from the server for too long"
        case .misunderstood(let what): what
        }
    }
}
