import Dispatch
import Synchronization

/// Timers of the system, on one queue of their own.
package struct DispatchTimers: Timers {
    private let queue = DispatchQueue(label: "timers")
    private let origin = ContinuousClock.now

    package init() {}

    package var now: Duration { ContinuousClock.now - self.origin }

    package func schedule(after delay: Duration, _ fire: @escaping @Sendable () -> Void) -> PendingTimer {
        let call = Call(fire)
        let (seconds, attoseconds) = delay.components
        let nanoseconds = Double(seconds) * 1e9 + Double(attoseconds) / 1e9
        self.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(max(0, nanoseconds)))) { call.make() }
        return PendingTimer { call.drop() }
    }

    /// Lets go of the closure, and all that it holds, as soon as it is made or dropped.
    private final class Call: Sendable {
        private let closure: Mutex<(@Sendable () -> Void)?>

        init(_ closure: @escaping @Sendable () -> Void) {
            self.closure = Mutex(closure)
        }

        func make() { self.take()?() }

        func drop() { _ = self.take() }

        private func take() -> (@Sendable () -> Void)? {
            self.closure.withLock { closure in
                defer { closure = nil }
                return closure
            }
        }
    }
}
