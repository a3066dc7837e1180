import NIOCore
import Synchronization

/// One HTTP request that is being answered. Owns its task.
final class HTTPExchange: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Asks the responder, and reports on the event loop, also after `cancel`.
    func start(
        _ responder: any HTTPResponder, _ call: HTTPCall, eventLoop: any EventLoop,
        report: @escaping @Sendable (HTTPReply) -> Void
    ) {
        let task = Task {
            let reply = await responder.respond(to: call)
            eventLoop.execute { report(reply) }
        }
        self.task.withLock { $0 = task }
    }

    /// The client has left.
    func cancel() {
        self.task.withLock { task in
            task?.cancel()
            task = nil
        }
    }
}
