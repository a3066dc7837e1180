import Synchronization

/// The slowest delivery of an event that was seen in a run; silence counts only after twice that time.
package final class DeliveryTracker: Sendable {
    private let slowest = Mutex<UInt64>(0)
    /// Longer ones are failures of their own and must not make every later silence long; in nanoseconds.
    private static let cap: UInt64 = 1_000_000_000

    package init() {}

    /// Takes note of a delivery that took so many nanoseconds.
    package func note(_ nanoseconds: UInt64) {
        self.slowest.withLock { $0 = max($0, min(nanoseconds, Self.cap)) }
    }

    /// How long silence has to last: twice the slowest delivery, but at least `minimum`; in nanoseconds.
    package func settleTime(minimum: UInt64) -> UInt64 {
        max(minimum, 2 * self.slowest.withLock { $0 })
    }
}
