import Synchronization

extension Timers {
    /// Returns after the delay.
    ///
    /// - Throws: `CancellationError` at once when the task is cancelled.
    func wait(for delay: Duration) async throws {
        let pause = Pause()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard pause.begin(continuation) else { return }
                pause.timer(self.schedule(after: delay) { pause.end(.success(())) })
            }
        } onCancel: {
            pause.end(.failure(CancellationError()))
        }
    }
}

/// A task that waits: whichever comes first, timer or cancellation, ends it.
private final class Pause: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Void, any Error>, PendingTimer?)
        case over(Result<Void, any Error>)
    }

    private let state = Mutex(State.idle)

    /// Whether there is something to wait for.
    func begin(_ continuation: CheckedContinuation<Void, any Error>) -> Bool {
        let outcome: Result<Void, any Error>? = self.state.withLock { state in
            guard case .over(let outcome) = state else {
                state = .waiting(continuation, nil)
                return nil
            }
            return outcome
        }
        guard let outcome else { return true }
        continuation.resume(with: outcome)
        return false
    }

    func timer(_ timer: PendingTimer) {
        let isLate = self.state.withLock { state in
            guard case .waiting(let continuation, _) = state else { return true }
            state = .waiting(continuation, timer)
            return false
        }
        if isLate { timer.cancel() }
    }

    func end(_ outcome: Result<Void, any Error>) {
        let (continuation, timer) = self.state.withLock {
            state -> (CheckedContinuation<Void, any Error>?, PendingTimer?) in
            switch state {
            case .idle:
                state = .over(outcome)
                return (nil, nil)
            case .waiting(let continuation, let timer):
                state = .over(outcome)
                return (continuation, timer)
            case .over:
                return (nil, nil)
            }
        }
        timer?.cancel()
        continuation?.resume(with: outcome)
    }
}
