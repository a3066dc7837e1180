/// The pause between tries: doubling from `shortest` to `longest`, each cut by chance to between a half and the whole,
/// so that many processes that lost the same Redis do not come back together.
package struct Backoff: Sendable, Equatable {
    /// The pause before the second try, before it is cut.
    package var shortest: Duration = .milliseconds(50)
    /// No pause is longer.
    package var longest: Duration = .seconds(1)

    package init() {}

    /// The pause after a failed try.
    ///
    /// - Parameters:
    ///   - attempt: Which try failed, from 1.
    ///   - random: From 0 to 1.
    package func pause(afterAttempt attempt: Int, random: Double) -> Duration {
        var pause = self.shortest
        for _ in 1..<max(1, attempt) where pause < self.longest {
            pause = pause * 2
        }
        return min(pause, self.longest) * (0.5 + 0.5 * min(max(random, 0), 1))
    }
}
