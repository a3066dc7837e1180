/// What becomes of subscribers while the broker is away.
package struct AwayPolicy: Sendable, Equatable {
    /// What becomes of subscriptions that are there when the broker goes.
    package enum Streams: String, Sendable, CaseIterable {
        /// They stay and go on when it is back; messages in between are lost.
        case keep
        /// They end with `unavailable` at once.
        case end
    }

    /// What becomes of those who subscribe while it is away.
    package enum Newcomers: String, Sendable, CaseIterable {
        /// They fail with `unavailable` at once.
        case error
        /// They wait until it is back, for a bounded time and in a bounded number.
        case queue
        /// As `error`; and whoever owns connections takes no new ones meanwhile.
        case refuse
    }

    package var streams = Streams.keep
    package var newcomers = Newcomers.error
    /// How long a newcomer waits; then it fails with `unavailable`.
    package var longestWait: Duration = .seconds(30)
    /// How many newcomers may wait, inclusive; one more fails with `overloaded`.
    package var maximumWaiting = 10_000
    /// Whether subscribers are told of `interrupted` and `resumed`. Without, they see a stream without a seam.
    package var announcesGaps = false

    package init() {}
}
