import Logging
import NIOCore
import Synchronization

/// The decision about one `connection_init` or one upgrade, under way. Owns its task.
final class ConnectionDecision: Sendable {
    /// How the gate decided.
    enum Outcome: Sendable {
        /// With the client's place among the connections of its tenant and user.
        case admitted(ConnectionAdmission, LimitLease)
        case limited(LimitRefusal)
        case refused(ConnectionRefusal)
        case failed(any Error)
    }

    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Asks the gate, then the limits, and reports on the event loop.
    /// - Parameters:
    ///   - ask: how to ask the gate.
    ///   - report: called once, also after `cancel`.
    func start(
        limiter: LimitKeeper, eventLoop: any EventLoop,
        asking ask: @escaping @Sendable () async throws -> ConnectionAdmission,
        report: @escaping @Sendable (Outcome) -> Void
    ) {
        let task = Task {
            let outcome: Outcome
            do {
                let admission = try await ask()
                switch await limiter.join(admission.principal) {
                case .success(let place): outcome = .admitted(admission, place)
                case .failure(let refusal): outcome = .limited(refusal)
                }
            } catch let refusal as ConnectionRefusal {
                outcome = .refused(refusal)
            } catch {
                outcome = .failed(error)
            }
            eventLoop.execute { report(outcome) }
        }
        self.task.withLock { $0 = task }
    }

    /// Nobody wants to know any more.
    func cancel() {
        self.task.withLock { task in
            task?.cancel()
            task = nil
        }
    }
}

extension Logger {
    /// Logs a decision, unless it let the client in.
    func record(_ outcome: ConnectionDecision.Outcome) {
        switch outcome {
        case .admitted, .limited: break
        case .refused(let refusal): self.record(.connectionRefused(reason: refusal.reason))
        case .failed(let error): self.record(.connectionDecisionFailed(error: "\(error)"))
        }
    }
}
