/// Whether a bus can be used now.
package enum BusStatus: Sendable, Equatable {
    /// Publishing works, and every subscription is confirmed.
    case connected
    /// The link is not there, or not all of it. `attempt` counts the tries since it was last there, from 1; it is 0
    /// as long as the first one has not been made.
    case reconnecting(attempt: Int)
    /// The bus was shut down.
    case closed
}
