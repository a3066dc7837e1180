package import NIOCore
import Synchronization

/// A rate and a burst as a schedule (the generic cell rate algorithm, ITU-T I.371): a message is due one interval after
/// the one before, and may come early by what the burst allows. All that is kept is when the next is due, so a bucket
/// that nobody has used for a while equals a new one.
package struct RateSchedule: Sendable, Equatable {
    /// Nanoseconds between two messages at the full rate, rounded up.
    let interval: Int64
    /// Nanoseconds by which a message may be early.
    let tolerance: Int64

    package init(_ rate: LimitPolicy.Rate) {
        let perSecond = Int64(max(rate.perSecond, 1))
        self.interval = (1_000_000_000 + perSecond - 1) / perSecond
        self.tolerance = self.interval * Int64(max(rate.burst, 1) - 1)
    }

    private init(interval: Int64, burst: Int) {
        self.interval = interval
        self.tolerance = interval * Int64(max(burst, 1) - 1)
    }

    /// Messages that may come at once.
    var burst: Int { Int(self.tolerance / self.interval) + 1 }

    /// The same rate with another burst.
    func with(burst: Int) -> RateSchedule {
        RateSchedule(interval: self.interval, burst: burst)
    }

    /// How a message fares.
    package enum Answer: Sendable, Equatable {
        /// It may pass; the next is due then.
        case pass(due: Int64)
        /// It is too early by so many nanoseconds, more than zero.
        case refuse(nanoseconds: Int64)
    }

    /// - Parameters:
    ///   - due: when the message is due, in nanoseconds of any clock that does not go back.
    ///   - now: when it comes, by the same clock.
    package func message(due: Int64, now: Int64) -> Answer {
        let early = due - now - self.tolerance
        return early > 0 ? .refuse(nanoseconds: early) : .pass(due: max(due, now) + self.interval)
    }
}

/// The message rate of one connection; a value of the one who owns the connection.
package struct TokenBucket: Sendable {
    fileprivate var due = Int64.min / 2

    package init() {}

    /// One message.
    /// - Returns: nil when it may pass, else after how many nanoseconds it could.
    package mutating func take(_ schedule: RateSchedule, now: NIODeadline) -> Int64? {
        switch schedule.message(due: self.due, now: Int64(now.uptimeNanoseconds)) {
        case .pass(let due):
            self.due = due
            return nil
        case .refuse(let nanoseconds): return nanoseconds
        }
    }
}

extension TokenBucket {
    /// Lets the next message be due later. Only a misbehaving server does that.
    mutating func push(_ schedule: RateSchedule) {
        self.due += schedule.interval
    }
}

/// A message rate that many connections have in common. They never wait for each other.
package final class SharedTokenBucket: Sendable {
    private let due = Atomic<Int64>(Int64.min / 2)

    package init() {}

    /// One message, from any thread.
    /// - Returns: nil when it may pass, else after how many nanoseconds it could.
    package func take(_ schedule: RateSchedule, now: NIODeadline) -> Int64? {
        var due = self.due.load(ordering: .relaxed)
        while true {
            switch schedule.message(due: due, now: Int64(now.uptimeNanoseconds)) {
            case .refuse(let nanoseconds): return nanoseconds
            case .pass(let next):
                let (exchanged, current) = self.due.weakCompareExchange(
                    expected: due, desired: next, ordering: .relaxed)
                if exchanged { return nil }
                due = current
            }
        }
    }

    /// Whether the bucket is as good as new.
    package func isFull(now: NIODeadline) -> Bool {
        self.due.load(ordering: .relaxed) <= Int64(now.uptimeNanoseconds)
    }
}
