import Logging

/// Everything that the server logs, in one place: message, level and metadata.
enum ServerEvent {
    case listening(host: String, port: Int)
    case shutdownBegan(connections: Int)
    case shutdownEnded(cut: Int)
    /// The target without its secrets.
    case socketOpened(peer: String?, target: String)
    case socketRefused(status: Int, reason: String)
    case socketClosed(code: Int?, reason: String, byServer: Bool)
    case socketCut(reason: String)
    case connectionRefused(reason: String)
    case connectionDecisionFailed(error: String)
    case messageInvalid(reason: String)
    case requestFailed(error: String)
    case sourceFailed(error: String)
    case misbehaving(name: String)
    case limitReached(limit: String)
    case limitStoreUnavailable(reason: String)
    case tokensRevoked(count: Int, connections: Int)
    case originRefused
    case connectionEstablished(LiveConnection)
    case connectionEnded(LiveConnection)
    case subscriptionStarted(OperationFacts)
    case subscriptionStopped(OperationFacts)
    case operationExecuted(ExecutionFacts)

    /// The same text for every occurrence; what differs is in the metadata.
    var message: Logger.Message {
        switch self {
        case .listening: "Listening"
        case .shutdownBegan: "Shutting down"
        case .shutdownEnded: "Shut down"
        case .socketOpened: "Socket opened"
        case .socketRefused: "Socket refused"
        case .socketClosed: "Socket closed"
        case .socketCut: "Socket cut"
        case .connectionRefused: "Connection refused by the gate"
        case .connectionDecisionFailed: "Deciding about a connection failed"
        case .messageInvalid: "Invalid message"
        case .requestFailed: "Request failed"
        case .sourceFailed: "Source stream failed"
        case .misbehaving: "Misbehaving on purpose"
        case .limitReached: "Limit reached"
        case .limitStoreUnavailable: "Limits cannot be checked"
        case .tokensRevoked: "Revoked"
        case .originRefused: "Page from elsewhere refused"
        case .connectionEstablished: "Connection established"
        case .connectionEnded: "Connection ended"
        case .subscriptionStarted: "Subscription started"
        case .subscriptionStopped: "Subscription stopped"
        case .operationExecuted: "Operation executed"
        }
    }

    var level: Logger.Level {
        switch self {
        case .listening, .shutdownBegan, .shutdownEnded: .info
        case .socketOpened, .socketRefused, .socketClosed, .connectionRefused, .messageInvalid: .debug
        case .socketCut: .info
        case .connectionDecisionFailed, .requestFailed, .sourceFailed: .error
        case .misbehaving: .warning
        case .limitReached: .debug
        case .limitStoreUnavailable: .warning
        case .tokensRevoked: .info
        case .originRefused: .debug
        case .connectionEstablished, .connectionEnded: .info
        case .subscriptionStarted, .subscriptionStopped, .operationExecuted: .debug
        }
    }

    var metadata: Logger.Metadata {
        switch self {
        case .listening(let host, let port): ["host": "\(host)", "port": "\(port)"]
        case .shutdownBegan(let connections): ["connections": "\(connections)"]
        case .shutdownEnded(let cut): ["cut": "\(cut)"]
        case .socketOpened(let peer, let target): ["peer": "\(peer ?? "unknown")", "target": "\(target)"]
        case .socketRefused(let status, let reason): ["status": "\(status)", "reason": "\(reason)"]
        case .socketClosed(let code, let reason, let byServer):
            ["code": "\(code.map(String.init) ?? "none")", "reason": "\(reason)", "by": byServer ? "server" : "client"]
        case .socketCut(let reason), .connectionRefused(let reason), .messageInvalid(let reason):
            ["reason": "\(reason)"]
        case .connectionDecisionFailed(let error), .requestFailed(let error), .sourceFailed(let error):
            ["error": "\(error)"]
        case .misbehaving(let name): ["name": "\(name)"]
        case .limitReached(let limit): ["limit": "\(limit)"]
        case .limitStoreUnavailable(let reason): ["reason": "\(reason)"]
        case .tokensRevoked(let count, let connections): ["count": "\(count)", "connections": "\(connections)"]
        case .originRefused: [:]
        case .connectionEstablished(let connection), .connectionEnded(let connection): connection.metadata
        case .subscriptionStarted(let facts), .subscriptionStopped(let facts): facts.metadata
        case .operationExecuted(let facts): facts.metadata
        }
    }
}

extension Logger {
    /// Logs what happened.
    func record(_ event: ServerEvent) {
        guard event.level >= self.logLevel else { return }
        self.log(level: event.level, event.message, metadata: event.metadata)
    }
}
