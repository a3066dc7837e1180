import GraphQLCore
import NIOCore
import Synchronization

/// The decision about one `connection_init`, under way. Owns its task.
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
    /// - Parameter report: called once, also when the decision was cancelled before.
    func start(
        _ gate: any ConnectionGate, limiter: LimitKeeper, initPayload: JSONObject?, handshake: HandshakeFacts,
        eventLoop: any EventLoop, report: @escaping @Sendable (Outcome) -> Void
    ) {
        let task = Task {
            let outcome: Outcome
            do {
                let admission = try await gate.admit(initPayload: initPayload, handshake: handshake)
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
