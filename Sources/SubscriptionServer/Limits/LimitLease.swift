import Synchronization

/// A place that was taken below a limit. It is given back exactly once: by the first `release`, or when the last
/// reference goes.
package final class LimitLease: Sendable {
    /// No place at all.
    package static let none = LimitLease(nil)

    private let giveBack: Mutex<(@Sendable () -> Void)?>

    /// - Parameter giveBack: called at most once, from any thread; must not block.
    package init(_ giveBack: (@Sendable () -> Void)?) {
        self.giveBack = Mutex(giveBack)
    }

    deinit {
        self.release()
    }

    /// Gives the place back; at once for this process. Any call but the first does nothing.
    package func release() {
        let giveBack = self.giveBack.withLock { giveBack in
            defer { giveBack = nil }
            return giveBack
        }
        giveBack?()
    }
}
