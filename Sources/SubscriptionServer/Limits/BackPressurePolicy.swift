package import NIOCore

/// What becomes of events for a client that does not take them as fast as they come. They wait in a queue of their
/// operation, by reference: the bytes of one event are the same for all its subscribers.
package struct BackPressurePolicy: Sendable, Equatable {
    /// What happens to an event that finds the queue of its operation full.
    package enum Overflow: String, Sendable, CaseIterable {
        /// The event that waits longest is dropped for it.
        case dropOldest = "drop-oldest"
        /// It is dropped itself.
        case dropNewest = "drop-newest"
        /// The operation ends with an error, code `SLOW_CONSUMER`, behind the events that wait.
        case end
    }

    /// Events of one operation that wait, inclusive.
    package var queuedEvents = 256
    /// Bytes of one operation's events that wait, inclusive; one event waits whatever its size.
    package var queuedBytes = 1 << 20
    /// What happens beyond.
    package var overflow = Overflow.end
    /// How long a client may take nothing while something waits; then its connection is cut.
    package var deadline = TimeAmount.seconds(30)
    /// Whether the event behind dropped ones says in `extensions.gap.dropped` how many are missing.
    package var tellsGaps = false

    package init() {}

    /// Bytes written and not taken by the peer's system, over which events begin to wait, and half of which have to be
    /// left for writing to go on.
    static let writeMark = 64 << 10

    /// Refuses what cannot be used.
    package func validate() throws(ServerConfiguration.Invalid) {
        guard self.queuedEvents >= 1, self.queuedBytes >= 1 else {
            throw .init(setting: "backPressure", reason: "must let at least one event wait")
        }
        guard self.deadline > .zero else {
            throw .init(setting: "backPressure.deadline", reason: "must be more than zero")
        }
    }
}
