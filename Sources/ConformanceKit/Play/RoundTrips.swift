import Synchronization

/// How long a way to the server and back takes at least, as seen in a run: no case is to run out of its budget because
/// the server is far away.
package final class RoundTrips: Sendable {
    private let shortest = Mutex<UInt64>(.max)
    /// Longer ones are slowness, not distance; in nanoseconds.
    private static let cap: UInt64 = 1_000_000_000

    package init() {}

    /// Takes note of an answer that came after so many nanoseconds.
    package func note(_ nanoseconds: UInt64) {
        self.shortest.withLock { $0 = min($0, nanoseconds, Self.cap) }
    }

    /// What a case that waited for so many answers, one after the other, owes to the distance; in nanoseconds.
    package func allowance(for rounds: Int) -> UInt64 {
        let shortest = self.shortest.withLock { $0 }
        return shortest == .max ? 0 : shortest * UInt64(max(0, rounds))
    }
}
