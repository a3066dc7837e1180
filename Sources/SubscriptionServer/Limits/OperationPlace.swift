import Synchronization

/// What one operation holds below a limit, from when it is granted to the end of the operation, and its part in the
/// number of open operations.
final class OperationPlace: Sendable {
    private enum State {
        /// Not started yet.
        case new
        case open(Counter, LiveConnection?, LimitLease?)
        case ended
    }

    private let state = Mutex(State.new)
    private let endings = Mutex<[@Sendable () -> Void]>([])

    deinit {
        self.release()
    }

    /// The operation has started.
    /// - Parameters:
    ///   - counter: counts it until it ends.
    ///   - connection: counts it as well.
    func open(_ counter: Counter, on connection: LiveConnection? = nil) {
        self.state.withLock { state in
            guard case .new = state else { return }
            state = .open(counter, connection, nil)
            counter.add()
            connection?.operations.add()
        }
    }

    /// Has something done when the operation ends, at once when it has ended already.
    func atEnd(_ action: @escaping @Sendable () -> Void) {
        let hasEnded = self.state.withLock { state in
            if case .ended = state { return true }
            self.endings.withLock { $0.append(action) }
            return false
        }
        if hasEnded { action() }
    }

    /// The place was granted. When the operation has ended meanwhile, it is given back at once.
    func hold(_ lease: LimitLease) {
        let isHeld = self.state.withLock { state in
            guard case .open(let counter, let connection, _) = state else { return false }
            state = .open(counter, connection, lease)
            return true
        }
        if !isHeld {
            lease.release()
        }
    }

    /// Takes the lease away from the operation, which only a misbehaving server does.
    func take() -> LimitLease? {
        self.state.withLock { state in
            guard case .open(let counter, let connection, let lease) = state else { return nil }
            state = .open(counter, connection, nil)
            return lease
        }
    }

    /// The operation has ended. Any call but the first does nothing.
    func release() {
        let state = self.state.withLock { state in
            defer { state = .ended }
            return state
        }
        if case .open(let counter, let connection, let lease) = state {
            counter.add(-1)
            connection?.operations.add(-1)
            lease?.release()
        }
        let endings = self.endings.withLock { endings in
            defer { endings = [] }
            return endings
        }
        endings.forEach { $0() }
    }
}
