import GraphQLCore
import ReferenceDomains
import SubscriptionServer
import Synchronization

/// A source of events that is being opened, held, or not wanted any more.
final class HeldSource: Sendable {
    private enum State {
        case opening
        case held(SourceCancellation)
        case released
    }

    private let state = Mutex(State.opening)

    /// Begins to open the source; what it sends goes to the socket.
    func open(
        by open: @escaping OperationsSocket.Open, for identity: Identity, on socket: RouteSocket
    ) -> Task<Void, Never> {
        Task {
            do {
                self.hold(try await open({ signal in OperationsSocket.send(signal, on: socket) }, identity))
            } catch {
                // Whatever is no answer for clients is told as trouble that passes.
                let told =
                    error as? GraphQLError
                    ?? GraphQLError(message: "Events are not available.", extensions: ["code": "EVENTS_UNAVAILABLE"])
                OperationsSocket.send(.ended(told), on: socket)
            }
        }
    }

    /// The source is open. It is released at once when it is not wanted any more.
    func hold(_ source: SourceCancellation) {
        let isWanted = self.state.withLock { state in
            guard case .opening = state else { return false }
            state = .held(source)
            return true
        }
        if !isWanted { source.cancel() }
    }

    func release() {
        let state = self.state.withLock { state in
            defer { state = .released }
            return state
        }
        if case .held(let source) = state { source.cancel() }
    }
}
