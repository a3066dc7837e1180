import GraphQLCore
import Logging
import SubscriptionServer

/// Everything that the program logs beside its server, of the domains above all, in one place: message, level and
/// metadata. What connections and subscriptions live through is logged by the server.
enum ProgramEvent {
    /// A message on a channel could not be used.
    case messageSkipped(channel: String, reason: String)
    /// Simulated work, such as a job, does not go on.
    case workStopped(id: String, reason: String)
    case seedDataFailed(error: String)
    case simulating(seed: UInt64)
    case simulatedEventFailed(error: String)
    /// A resolver threw something that clients are not told.
    case resolverFailed(error: String, path: String, trace: TraceContext?)
    case settingsReloaded
    case settingsNotReloaded(error: String)
    case keysUnreadable(error: String)
    case revocationsUnreadable(error: String)

    /// The same text for every occurrence; what differs is in the metadata.
    var message: Logger.Message {
        switch self {
        case .messageSkipped: "Message skipped"
        case .workStopped: "Work stopped"
        case .seedDataFailed: "Seed data could not be loaded"
        case .simulating: "Simulating"
        case .simulatedEventFailed: "A simulated event failed"
        case .resolverFailed: "Resolver failed"
        case .settingsReloaded: "Settings reloaded"
        case .settingsNotReloaded: "Settings not reloaded"
        case .keysUnreadable: "Keys for tokens could not be read"
        case .revocationsUnreadable: "Revocations cannot be read"
        }
    }

    var level: Logger.Level {
        switch self {
        case .messageSkipped, .workStopped, .seedDataFailed, .simulatedEventFailed: .warning
        case .keysUnreadable, .revocationsUnreadable: .warning
        case .simulating: .info
        case .settingsReloaded: .notice
        case .resolverFailed, .settingsNotReloaded: .error
        }
    }

    var metadata: Logger.Metadata {
        switch self {
        case .messageSkipped(let channel, let reason): ["channel": "\(channel)", "reason": "\(reason)"]
        case .workStopped(let id, let reason): ["id": "\(id)", "reason": "\(reason)"]
        case .simulating(let seed): ["seed": "\(seed)"]
        case .resolverFailed(let error, let path, let trace):
            (["error": "\(error)", "path": "\(path)"] as Logger.Metadata).traced(by: trace)
        case .settingsReloaded: [:]
        case .seedDataFailed(let error), .simulatedEventFailed(let error), .settingsNotReloaded(let error),
            .keysUnreadable(let error), .revocationsUnreadable(let error):
            ["error": "\(error)"]
        }
    }
}

extension Logger {
    /// Logs what happened.
    func record(_ event: ProgramEvent) {
        self.log(level: event.level, event.message, metadata: event.metadata)
    }
}
