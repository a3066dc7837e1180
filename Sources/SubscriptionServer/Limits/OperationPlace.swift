import Synchronization

/// What one operation holds below a limit, from when it is granted to the end of the operation, and its part in the
/// number of open operations.
final class OperationPlace: Sendable {
    private enum State {
        /// Not started yet.
        case new
        case open(Counter, LimitLease?)
        case ended
    }

    private let state = Mutex(State.new)

    deinit {
        self.release()
    }

    /// The operation has started.
    /// - Parameter counter: counts it until it ends.
    func open(_ counter: Counter) {
        self.state.withLock { state in
            guard case .new = state else { return }
            state = .open(counter, nil)
            counter.add()
        }
    }

    /// The place was granted. When the operation has ended meanwhile, it is given back at once.
    func hold(_ lease: LimitLease) {
        let isHeld = self.state.withLock { state in
            guard case .open(let counter, _) = state else { return false }
            state = .open(counter, lease)
            return true
        }
        if !isHeld {
            lease.release()
        }
    }

    /// The operation has ended. Any call but the first does nothing.
    func release() {
        let state = self.state.withLock { state in
            defer { state = .ended }
            return state
        }
        if case .open(let counter, let lease) = state {
            counter.add(-1)
            lease?.release()
        }
    }
}
