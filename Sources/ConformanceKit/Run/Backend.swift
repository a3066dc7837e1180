/// By what means a run harms what it judges.
package enum Backend: String, Sendable, CaseIterable {
    /// Processes that the run started itself: signals, and a proxy of its own.
    case process
    /// Containers, by the engine's API.
    case docker
    /// Nothing that needs a privilege: commands to Redis, and a proxy of the run's own before clients.
    case external

    /// The one that fits how the server comes to run.
    package init(for start: Profile.Start) {
        switch start {
        case .command: self = .process
        case .compose, .containers: self = .docker
        case .external: self = .external
        }
    }
}
