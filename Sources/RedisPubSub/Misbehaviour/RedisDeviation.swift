/// One way in which the bus misbehaves on purpose, so that a conformance suite can be shown to notice. Nothing but test
/// mode makes one.
package enum RedisDeviation: Sendable, Hashable, CaseIterable {
    /// After a reconnect no channel is subscribed again.
    case noResubscribe
    /// After a reconnect all channels but the first are subscribed again.
    case resubscribesSome
    /// After a reconnect every message is delivered twice.
    case eventsTwice
    /// A publication that fails is reported as done.
    case publishPretends
    /// Publications are not waited for: they are reported as done when they are written.
    case publishUnconfirmed
    /// A publication that failed is kept and made when Redis is back.
    case publishesReplayed
    /// Nobody asks whether a silent Redis is still there, and commands have no deadline.
    case hangUnnoticed
    /// There is no pause between tries.
    case noPause
    /// The pauses between tries are of half a minute.
    case longPause
    /// Whoever subscribes while Redis is away is told that it worked.
    case newcomersVanish
    /// UNSUBSCRIBE is never sent.
    case unsubscribeForgotten
    /// Nothing is delivered but what this bus published.
    case ownEventsOnly
    /// The process ends when Redis goes.
    case crash
}
