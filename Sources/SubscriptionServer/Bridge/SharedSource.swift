import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols
import Synchronization

/// A source stream with everybody who subscribes to it: started once, each event executed and encoded once.
///
/// Life: made with the first subscriber in sight, started when that has joined, released when the last has left, or
/// ended by the source. Once ended it takes no subscriber any more. Owns the tasks that start it and that execute
/// events which have to be awaited.
final class SharedSource: Sendable {
    /// What must be equal for two subscribers to be served by one source. One object for the source and for the
    /// directory.
    final class Key: Hashable, Sendable {
        private let operation: PreparedOperation.SharingKey
        private let source: ByteString
        private let identity: ByteString

        init(operation: PreparedOperation.SharingKey, source: String, identity: String) {
            self.operation = operation
            self.source = ByteString(source)
            self.identity = ByteString(identity)
        }

        static func == (left: Key, right: Key) -> Bool {
            left === right
                || left.operation == right.operation && left.source == right.source && left.identity == right.identity
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(self.operation)
            hasher.combine(self.source)
            hasher.combine(self.identity)
        }
    }

    private enum Phase {
        case new
        case starting(Task<Void, Never>)
        case live(SourceCancellation)
        case ended
    }

    /// Waits for the execution of those before it.
    private enum Queued {
        case event(ResolvedValue, since: NIODeadline)
        case notice(JSONObject)
        case end((any Error)?)
    }

    private struct State {
        var phase = Phase.new
        /// Until it is started.
        var stream: SourceEventStream?
        var members = 0
        var groups: [SubscriberGroup] = []
        var queue: ArraySlice<Queued> = []
        /// Goes with the next result.
        var notice: JSONObject?
        /// Present while events are executed by it.
        var drain: Task<Void, Never>?
        /// All have left, and a misbehaving server waits for an event to notice.
        var isAbandoned = false
        /// Counts deliveries, for a misbehaving server.
        var deliveries = 0
    }

    private let engine: GraphQLEngine
    private let operation: PreparedOperation
    /// As whom the first subscriber came.
    private let context: any ExecutionContext
    private let key: Key?
    private let directory: SourceDirectory
    private let state: Mutex<State>

    init(
        engine: GraphQLEngine, operation: PreparedOperation, context: any ExecutionContext, stream: SourceEventStream,
        key: Key?, directory: SourceDirectory
    ) {
        self.engine = engine
        self.operation = operation
        self.context = context
        self.state = Mutex(State(stream: stream))
        self.key = key
        self.directory = directory
    }

    // MARK: Subscribers

    /// Adds a subscriber, and starts the source with the first. Only on the subscriber's event loop.
    /// - Returns: false when the source has ended.
    func join(_ output: OperationOutput) -> Bool {
        let group = self.state.withLock { state -> SubscriberGroup? in
            if case .ended = state.phase { return nil }
            state.members += 1
            state.isAbandoned = false
            if let group = state.groups.first(where: { $0.eventLoop === output.eventLoop }) {
                return group
            }
            let group = SubscriberGroup(
                eventLoop: output.eventLoop, limit: self.directory.queueLimit, metrics: self.directory.metrics,
                waitsForSlow: self.directory.misbehaviour == .slowConsumerBlocksOthers)
            state.groups.append(group)
            return group
        }
        guard let group else { return false }
        self.directory.metrics.subscriptions.add()
        // Deliveries run on this loop, so none can be between the lock and this line.
        group.add(output)
        self.startIfNew()
        return true
    }

    /// Removes a subscriber, and releases the source with the last. Only on the subscriber's event loop.
    func leave(_ output: OperationOutput) {
        let group = self.state.withLock { state in
            state.groups.first { $0.eventLoop === output.eventLoop }
        }
        guard let group, group.remove(output) else { return }
        let misbehaviour = self.directory.misbehaviour
        let (isCounted, mustRelease) = self.state.withLock { state -> (Bool, Bool) in
            // The source has ended since, and with it all its subscribers were counted off.
            if case .ended = state.phase { return (false, false) }
            state.members -= 1
            if misbehaviour == .firstLeaverStarvesOthers { return (true, true) }
            guard state.members == 0 else { return (true, false) }
            state.isAbandoned = misbehaviour == .releaseAtNextEvent
            return (true, !state.isAbandoned)
        }
        if isCounted {
            self.directory.metrics.subscriptions.add(-1)
        }
        if mustRelease {
            self.release()
        }
    }

    /// Whether the source stream exists.
    var isLive: Bool {
        self.state.withLock { state in
            if case .live = state.phase { true } else { false }
        }
    }

    // MARK: The source

    private func startIfNew() {
        self.state.withLock { state in
            guard case .new = state.phase else { return }
            self.directory.opened()
            state.phase = .starting(Task { await self.start() })
        }
    }

    private func start() async {
        // Whoever keeps the sink keeps the source; with its cancellation it is let go.
        let stream = self.state.withLock { $0.stream.take() }
        do {
            guard let cancellation = try await stream?.start(SourceEventSink(to: self)) else { return }
            let isWanted = self.state.withLock { state in
                guard case .starting = state.phase else { return false }
                state.phase = .live(cancellation)
                return true
            }
            // Everybody left meanwhile, or the source has ended already.
            if !isWanted, self.directory.misbehaviour != .sourceKeptWhilePreparing {
                cancellation.cancel()
            }
        } catch {
            self.end(self.failure(for: error, .request(.source)))
        }
    }

    /// Nobody subscribes any more.
    private func release() {
        let (phase, drain) = self.close()
        switch phase {
        case .starting(let task): task.cancel()
        case .live(let cancellation): cancellation.cancel()
        case .new, .ended: break
        }
        drain?.cancel()
    }

    /// The source is of no more use: tells everybody.
    private func end(_ delivery: SubscriberGroup.Delivery, replacing: Bool = false) {
        let groups = self.state.withLock { $0.groups }
        let (phase, drain) = self.close()
        if case .ended = phase { return }
        drain?.cancel()
        for group in groups {
            if replacing || !group.enqueue(delivery) {
                group.replaceAll(with: delivery)
            }
        }
        if case .live(let cancellation) = phase {
            cancellation.cancel()
        }
    }

    /// Ends the phase. Returns what it was.
    private func close() -> (Phase, Task<Void, Never>?) {
        let (phase, drain, members) = self.state.withLock { state in
            defer {
                state.phase = .ended
                state.members = 0
                state.groups = []
                state.queue = []
                state.drain = nil
            }
            return (state.phase, state.drain, state.members)
        }
        self.directory.metrics.subscriptions.add(-members)
        if case .ended = phase { return (phase, drain) }
        self.directory.remove(self, at: self.key)
        if case .new = phase { return (phase, drain) }
        self.directory.closed()
        return (phase, drain)
    }

    // MARK: Events, from any thread

    /// As whom events are executed; made for each, so that nothing is kept for those that never come.
    private var executor: any ExecutionContext { self.key == nil ? self.context : self.context.shared }

    private func received(_ event: ResolvedValue) {
        let (isAbandoned, hasEnded) = self.state.withLock { state -> (Bool, Bool) in
            if case .ended = state.phase { return (state.isAbandoned, true) }
            return (state.isAbandoned, false)
        }
        // Events may be on their way while the source is cancelled.
        guard !hasEnded else { return }
        if isAbandoned {
            self.release()
            return
        }
        let now = NIODeadline.now()
        self.directory.metrics.eventsReceived.add()
        if let result = self.engine.executeEventSynchronously(self.operation, event: event, context: self.executor) {
            self.executed(result, since: now)
        } else {
            self.enqueue(.event(event, since: now))
        }
    }

    private func received(notice: JSONObject) {
        let isExecuting = self.state.withLock { $0.drain != nil }
        if isExecuting {
            self.enqueue(.notice(notice))
        } else {
            self.keep(notice)
        }
    }

    private func keep(_ notice: JSONObject) {
        self.state.withLock { state in
            var all = state.notice ?? [:]
            for (name, value) in notice { all[name] = value }
            state.notice = all
        }
    }

    private func receivedEnd(_ error: (any Error)?) {
        let isExecuting = self.state.withLock { $0.drain != nil }
        if isExecuting {
            self.enqueue(.end(error))
        } else {
            self.end(error.map { self.failure(for: $0, .source) } ?? .complete)
        }
    }

    private func enqueue(_ item: Queued) {
        let isAccepted = self.state.withLock { state in
            if case .ended = state.phase { return true }
            guard state.queue.count < self.directory.queueLimit else { return false }
            state.queue.append(item)
            if state.drain == nil {
                state.drain = Task { await self.executeQueue() }
            }
            return true
        }
        if !isAccepted {
            self.fallBehind()
        }
    }

    private func executeQueue() async {
        while let item = self.nextQueued() {
            switch item {
            case .event(let event, let since):
                let result = await self.engine.executeEvent(self.operation, event: event, context: self.executor)
                guard !result.wasCancelled else { return }
                self.executed(result, since: since)
            case .notice(let notice):
                self.keep(notice)
            case .end(let error):
                self.end(error.map { self.failure(for: $0, .source) } ?? .complete)
            }
        }
    }

    /// What is to be executed next; nil when nothing waits, or the source has ended.
    private func nextQueued() -> Queued? {
        self.state.withLock { state in
            if let item = state.queue.popFirst() { return item }
            state.drain = nil
            return nil
        }
    }

    private func executed(_ result: ExecutionResult, since: NIODeadline) {
        self.directory.metrics.eventsExecuted.add()
        let notice = self.state.withLock { $0.notice.take() }
        self.publish(.result(OperationPayload.next(result, extensions: notice)), since: since)
    }

    private func publish(_ delivery: SubscriberGroup.Delivery, since: NIODeadline) {
        let (groups, number, members) = self.state.withLock { state in
            state.deliveries += 1
            return (state.groups, state.deliveries, state.members)
        }
        let misbehaviour = self.directory.misbehaviour
        if misbehaviour == .eventsLost, number % 10 == 0 { return }
        for group in groups {
            if misbehaviour == .lastEventLost {
                // The end of the source is not held back.
                group.eventLoop.scheduleTask(in: .milliseconds(20)) { _ = group.enqueue(delivery, since: since) }
                continue
            }
            if misbehaviour == .eventsTwice, members > 1 {
                _ = group.enqueue(delivery, since: since)
            }
            if misbehaviour == .eventsReordered, number % 2 == 1 {
                group.eventLoop.scheduleTask(in: .milliseconds(20)) { _ = group.enqueue(delivery, since: since) }
            } else if !group.enqueue(delivery, since: since) {
                self.fallBehind()
                return
            }
        }
    }

    /// More events come than can be executed or delivered. They are not dropped one by one: the subscription fails.
    private func fallBehind() {
        let error = GraphQLError(
            message: "The subscription fell behind its events.", extensions: ["code": "OVERLOADED", "retryAfter": 1])
        self.end(.failure(errors: OperationPayload.errors([error]), .source), replacing: true)
    }

    private func failure(for error: any Error, _ failure: OperationFailure) -> SubscriberGroup.Delivery {
        if !(error is GraphQLError), !(error is RequestError) {
            self.directory.logger.record(.sourceFailed(error: "\(error)"))
        }
        return .failure(errors: OperationPayload.errors(ClientErrors.errors(for: error)), failure)
    }
}

extension SharedSource: SourceEventTarget {
    func sent(_ event: ResolvedValue) { self.received(event) }
    func noticed(_ extensions: JSONObject) { self.received(notice: extensions) }
    func ended(_ error: (any Error)?) { self.receivedEnd(error) }
}

/// What clients are told about errors.
enum ClientErrors {
    /// The errors themselves when they are meant for clients, else one that says nothing.
    static func errors(for error: any Error) -> [GraphQLError] {
        switch error {
        case let error as GraphQLError: [error]
        case let error as RequestError: error.errors
        default: [GraphQLError(message: "Internal server error")]
        }
    }
}
