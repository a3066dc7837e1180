import Synchronization

/// One subscriber's hold on a channel.
///
/// It has to be cancelled; dropping the last reference does not do it.
package struct BusSubscription: Sendable {
    private let request: CancellationRequest

    /// A subscription that is released by `cancel`, which is called at most once.
    package init(_ cancel: @escaping @Sendable () -> Void) {
        self.request = CancellationRequest(cancel)
    }

    /// Gives the subscription up. Returns at once; the broker is told at once if nobody else holds the channel.
    ///
    /// Called from inside `receive`, no event follows. Called elsewhere, an event that is being delivered at this
    /// moment may still be delivered. Later calls do nothing.
    package func cancel() {
        self.request.fire()
    }
}

/// Lets go of the action with the first call: it may hold whoever holds this request.
private final class CancellationRequest: Sendable {
    /// A closure of its own would be wrapped in another one to be kept under a lock.
    private struct Action: Sendable {
        let run: @Sendable () -> Void
    }

    private let action: Mutex<Action?>

    init(_ action: @escaping @Sendable () -> Void) {
        self.action = Mutex(Action(run: action))
    }

    func fire() {
        let action = self.action.withLock { $0.take() }
        action?.run()
    }
}
