/// The rules of one stream of the distinct connections mode of GraphQL over SSE: one operation, whose results, and one
/// `complete` behind them, are all that the stream consists of.
///
/// A value without clock, channel or task; `Handle` is what the driver needs to stop the operation.
package struct DistinctStream<Handle> {
    private enum State {
        /// The operation runs; the handle is nil until it was attached.
        case running(Handle?)
        /// `complete` was sent, or the client has left.
        case ended
    }

    private var state = State.running(nil)

    package init() {}

    /// Whether a `next` may be sent.
    package var isOpen: Bool {
        if case .running = self.state { true } else { false }
    }

    /// The operation runs and is stopped with the handle. False when it has ended meanwhile: then stop it now.
    package mutating func attach(_ handle: Handle) -> Bool {
        guard self.isOpen else { return false }
        self.state = .running(handle)
        return true
    }

    /// The operation has ended by itself. True exactly once: then send `complete` and end the stream.
    package mutating func finish() -> Bool {
        guard self.isOpen else { return false }
        self.state = .ended
        return true
    }

    /// The client has left, or the server ends the stream. Returns what stops the operation, if it runs.
    package mutating func stop() -> Handle? {
        guard case .running(let handle) = self.state else { return nil }
        self.state = .ended
        return handle
    }
}
