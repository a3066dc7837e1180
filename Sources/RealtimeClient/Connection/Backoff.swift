/// How long to wait before each attempt to connect again.
public struct Backoff: Sendable, Hashable {
    /// Before the first attempt.
    public var first: Duration
    /// By what each delay is multiplied to get the next, at least 1.
    public var factor: Double
    /// No delay is longer.
    public var longest: Duration
    /// How many attempts are made after a loss before giving up; nil for no end.
    public var attempts: Int?

    /// 1, 2, 4, 8, 16, 30, 30, 30, 30, 30 seconds, and then the end.
    public init(
        first: Duration = .seconds(1), factor: Double = 2, longest: Duration = .seconds(30), attempts: Int? = 10
    ) {
        self.first = first
        self.factor = factor
        self.longest = longest
        self.attempts = attempts
    }

    /// The wait before an attempt, counted from 1; nil when no more are made.
    public func delay(before attempt: Int) -> Duration? {
        if let attempts, attempt > attempts { return nil }
        var delay = self.first
        for _ in 1..<max(attempt, 1) {
            delay = delay * max(self.factor, 1)
            if delay >= self.longest { break }
        }
        return min(delay, self.longest)
    }
}
