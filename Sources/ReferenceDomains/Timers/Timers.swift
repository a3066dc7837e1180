/// Calls that are made later. Nothing waits and no task is held meanwhile.
package protocol Timers: Sendable {
    /// The time since some moment in the past.
    var now: Duration { get }

    /// Calls `fire` once after the delay, unless the returned timer is cancelled before. Calls are made one at a time.
    func schedule(after delay: Duration, _ fire: @escaping @Sendable () -> Void) -> PendingTimer
}

/// A call that will be made.
package struct PendingTimer: Sendable {
    private let action: @Sendable () -> Void

    package init(_ cancel: @escaping @Sendable () -> Void) {
        self.action = cancel
    }

    /// The call is not made any more, unless it is being made at this moment. May be repeated.
    package func cancel() {
        self.action()
    }
}
