import ArgumentParser
import NIOCore
import SubscriptionServer

/// What becomes of events for a client that does not take them.
struct BackPressureOptions: ParsableArguments {
    enum Overflow: String, ExpressibleByArgument, CaseIterable {
        case dropOldest = "drop-oldest"
        case dropNewest = "drop-newest"
        case end
    }

    /// The names of the options with values, for the environment.
    static let names = ["overflow", "queued-events", "queued-bytes", "slow-consumer-deadline"]
    /// The names of the options without.
    static let flags = ["overflow-notice"]

    @Option(
        help: """
            What happens to an event that finds the queue of its operation full: the oldest or the newest event is \
            dropped, or the operation ends with an error, code SLOW_CONSUMER.
            """)
    var overflow = Overflow.end

    @Option(
        help: ArgumentHelp(
            "Events of one operation that wait for a client that does not read. (default: 256)", valueName: "number"),
        transform: LimitOptions.number)
    var queuedEvents = BackPressurePolicy().queuedEvents

    @Option(
        help: ArgumentHelp("Bytes of the same. (default: 1MiB)", valueName: "size"), transform: ByteSize.parse)
    var queuedBytes = BackPressurePolicy().queuedBytes

    @Option(
        help: ArgumentHelp(
            "How long a client may take nothing while something waits for it; then it is cut. (default: 30s)",
            valueName: "duration"), transform: DurationText.parse)
    var slowConsumerDeadline: TimeAmount = BackPressurePolicy().deadline

    @Flag(help: "Tell clients in extensions.gap.dropped how many events were dropped before one.")
    var overflowNotice = false

    /// What the server is told.
    var policy: BackPressurePolicy {
        var policy = BackPressurePolicy()
        policy.overflow =
            switch self.overflow {
            case .dropOldest: .dropOldest
            case .dropNewest: .dropNewest
            case .end: .end
            }
        policy.queuedEvents = self.queuedEvents
        policy.queuedBytes = self.queuedBytes
        policy.deadline = self.slowConsumerDeadline
        policy.tellsGaps = self.overflowNotice
        return policy
    }
}
