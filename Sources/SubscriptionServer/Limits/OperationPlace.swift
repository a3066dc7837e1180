import Synchronization

/// What one operation holds below a limit, from when it was granted to the end of the operation, whichever is later.
final class OperationPlace: Sendable {
    private enum State {
        case waiting
        case held(LimitLease)
        case ended
    }

    private let state = Mutex(State.waiting)

    /// The place was granted. When the operation has ended meanwhile, it is given back at once.
    func hold(_ lease: LimitLease) {
        let isHeld = self.state.withLock { state in
            guard case .waiting = state else { return false }
            state = .held(lease)
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
        if case .held(let lease) = state {
            lease.release()
        }
    }
}
