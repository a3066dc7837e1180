import Synchronization

/// The events behind a subscription (GraphQL §6.2.3.1), before they are executed.
///
/// Works by callbacks and holds no task: a stream that is silent costs nothing but what its source keeps.
package struct SourceEventStream: Sendable {
    /// Streams with equal keys deliver equal events, so that one may be started for many subscribers; nil for a
    /// stream that is never shared. Keys are equal when their bytes are.
    package let sharingKey: String?
    private let startSource: @Sendable (SourceEventSink) async throws -> SourceCancellation

    /// A stream that begins when it is started.
    /// - Parameters:
    ///   - sharingKey: see the property.
    ///   - start: opens the source and returns once it is live, that is once no event can be missed any more; throws
    ///     when it cannot be opened. Events may be sent before it returns.
    package init(
        sharingKey: String? = nil, start: @escaping @Sendable (SourceEventSink) async throws -> SourceCancellation
    ) {
        self.sharingKey = sharingKey
        self.startSource = start
    }

    /// Opens the source; each call opens another one.
    /// - Returns: what ends it. Must be called unless the sink was told of the end.
    /// - Throws: what the source threw: it could not be opened.
    package func start(_ sink: SourceEventSink) async throws -> SourceCancellation {
        try await self.startSource(sink)
    }
}

/// Takes what a source delivers: from any thread, but in order, one call at a time. Nothing of it may block.
package protocol SourceEventTarget: AnyObject, Sendable {
    /// An event.
    func sent(_ event: ResolvedValue)
    /// A notice for the next event; see `SourceEventSink.notice`.
    func noticed(_ extensions: JSONObject)
    /// The end: nil when the stream is complete, else why it broke off.
    func ended(_ error: (any Error)?)
}

/// Where a source delivers its events: from any thread, but in order, one call at a time.
///
/// After `finish` or `fail`, and after its cancellation, a source should send nothing; what it sends is ignored by
/// the receiver.
package struct SourceEventSink: Sendable {
    private let target: any SourceEventTarget

    /// A sink that keeps its target for as long as the source keeps the sink.
    package init(to target: any SourceEventTarget) {
        self.target = target
    }

    /// A sink of two callbacks, neither of which may block.
    /// - Parameters:
    ///   - onEvent: takes an event.
    ///   - onEnd: takes the end: nil when the stream is complete, else why it broke off.
    ///   - onNotice: takes a notice for the next event; see `notice`.
    package init(
        onEvent: @escaping @Sendable (ResolvedValue) -> Void, onEnd: @escaping @Sendable ((any Error)?) -> Void,
        onNotice: @escaping @Sendable (JSONObject) -> Void = { _ in }
    ) {
        self.target = Callbacks(onEvent: onEvent, onEnd: onEnd, onNotice: onNotice)
    }

    private final class Callbacks: SourceEventTarget {
        private let onEvent: @Sendable (ResolvedValue) -> Void
        private let onEnd: @Sendable ((any Error)?) -> Void
        private let onNotice: @Sendable (JSONObject) -> Void

        init(
            onEvent: @escaping @Sendable (ResolvedValue) -> Void, onEnd: @escaping @Sendable ((any Error)?) -> Void,
            onNotice: @escaping @Sendable (JSONObject) -> Void
        ) {
            self.onEvent = onEvent
            self.onEnd = onEnd
            self.onNotice = onNotice
        }

        func sent(_ event: ResolvedValue) { self.onEvent(event) }
        func noticed(_ extensions: JSONObject) { self.onNotice(extensions) }
        func ended(_ error: (any Error)?) { self.onEnd(error) }
    }

    /// Delivers an event: the value of the subscription's root field. `.failure` makes the field fail in this event
    /// and leaves the stream open.
    package func send(_ event: ResolvedValue) {
        self.target.sent(event)
    }

    /// Adds members to the `extensions` of the next event's result; of several with one name the last counts. A notice
    /// that no event follows is never seen.
    package func notice(_ extensions: JSONObject) {
        self.target.noticed(extensions)
    }

    /// Says that no more events come (§6.2.3.2, "completes normally").
    package func finish() {
        self.target.ended(nil)
    }

    /// Says that the source broke off. A `GraphQLError` is meant for the client, any other error is internal.
    package func fail(_ error: any Error) {
        self.target.ended(error)
    }
}

/// Ends a source, once.
package struct SourceCancellation: Sendable {
    /// A closure of its own would be wrapped in another one to be kept under a lock.
    private struct Action: Sendable {
        let run: @Sendable () -> Void
    }

    private final class Once: Sendable {
        let action: Mutex<Action?>

        init(_ action: Action) {
            self.action = Mutex(action)
        }
    }

    private let once: Once

    /// A cancellation that releases the source at once, also when it is silent. It must not block.
    package init(_ cancel: @escaping @Sendable () -> Void) {
        self.once = Once(Action(run: cancel))
    }

    /// Ends the source; from the second call on nothing happens.
    package func cancel() {
        let action = self.once.action.withLock { $0.take() }
        action?.run()
    }
}
