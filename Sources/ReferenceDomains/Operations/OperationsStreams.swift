package import GraphQLCore
import PubSub
import Synchronization

/// The streams of all tenants, opened when somebody listens.
package final class OperationsStreams: Sendable {
    private struct Key: Hashable {
        let tenant: String
        let stream: OperationsStream
    }

    private struct Entry {
        let hub: StreamHub
        let opening: Task<Void, any Error>
        var listeners = 0
    }

    private let environment: DomainEnvironment
    private let hubs = Mutex<[Key: Entry]>([:])

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
    }

    /// How many streams are open.
    package var openStreams: Int { self.hubs.withLock { $0.count } }

    /// Listens to a stream of the tenant.
    ///
    /// - Parameters:
    ///   - lastEventID: The id of the last event that the client has; nil to begin with what comes.
    ///   - recent: How many of the events that are kept a client wants first that has none yet.
    ///   - first: What the client is told before all else; asked for once the stream is live, so that no event is between.
    ///   - receive: Called in order, also before this returns; must not block.
    /// - Returns: What ends it; nothing is received once it was called.
    /// - Throws: `GraphQLError` when the stream cannot be listened to.
    package func listen(
        to stream: OperationsStream, tenant: String, lastEventID: String? = nil, recent: Int = 0,
        first: @Sendable () async throws -> [StreamSignal] = { [] },
        _ receive: @escaping @Sendable (StreamSignal) -> Void
    ) async throws -> SourceCancellation {
        let hub = try await self.hub(stream, tenant)
        let listener = StreamListener(receive)
        let (key, position) = hub.add(listener.receive)
        let cancellation = SourceCancellation { [self] in
            listener.end()
            _ = hub.remove(key)
            self.leave(stream, tenant)
        }
        do {
            let first = try await first()
            if lastEventID == nil, recent > 0, let position {
                let events = try await hub.recent(recent, upTo: position)
                listener.goOn(behind: first + [.older(events.count)] + events.map { .event($0) })
            } else {
                try await self.catchUp(listener, lastEventID, hub, upTo: position, behind: first)
            }
        } catch {
            cancellation.cancel()
            throw error
        }
        return cancellation
    }

    private func catchUp(
        _ listener: StreamListener, _ lastEventID: String?, _ hub: StreamHub, upTo position: StreamID?,
        behind first: [StreamSignal]
    ) async throws {
        let isIgnored = self.environment.channels.faults.contains(.operationsResumeIgnored)
        guard let lastEventID, !isIgnored else { return listener.goOn(behind: first) }
        guard let place = StreamID(lastEventID), let position, place <= position else {
            return listener.goOn(behind: first + [.missed(reason: "The id of the last event is none of this stream.")])
        }
        guard let events = try await hub.replay(after: place, upTo: position) else {
            return listener.goOn(behind: first + [.missed(reason: "Some of the events since are not kept any more.")])
        }
        listener.goOn(behind: first + events.map { .event($0) })
    }

    private func hub(_ stream: OperationsStream, _ tenant: String) async throws -> StreamHub {
        let key = Key(tenant: tenant, stream: stream)
        let environment = self.environment
        let channels = try environment.channels.of(tenant: tenant)
        let fresh = try StreamHub(stream, of: channels, in: environment)
        let entry = self.hubs.withLock { hubs in
            var entry = hubs[key] ?? Entry(hub: fresh, opening: Task { try await fresh.open() })
            entry.listeners += 1
            hubs[key] = entry
            return entry
        }
        do {
            try await entry.opening.value
        } catch {
            self.leave(stream, tenant)
            throw error
        }
        return entry.hub
    }

    private func leave(_ stream: OperationsStream, _ tenant: String) {
        let key = Key(tenant: tenant, stream: stream)
        let last = self.hubs.withLock { hubs -> StreamHub? in
            guard var entry = hubs[key] else { return nil }
            entry.listeners -= 1
            hubs[key] = entry.listeners > 0 ? entry : nil
            return entry.listeners > 0 ? nil : entry.hub
        }
        last?.close()
    }
}

/// Holds back what comes while a client is still told what it missed.
private final class StreamListener: Sendable {
    private struct State {
        /// Nil once the client is up to date.
        var waiting: [StreamSignal]? = []
        var isEnded = false
    }

    private let state = Mutex(State())
    private let toClient: @Sendable (StreamSignal) -> Void

    init(_ toClient: @escaping @Sendable (StreamSignal) -> Void) {
        self.toClient = toClient
    }

    // Clients are told under the lock: that keeps the order, and lets nothing through behind the end.
    func receive(_ signal: StreamSignal) {
        self.state.withLock { state in
            guard !state.isEnded else { return }
            if state.waiting != nil {
                state.waiting?.append(signal)
            } else {
                self.toClient(signal)
            }
        }
    }

    func goOn(behind missed: [StreamSignal]) {
        self.state.withLock { state in
            guard !state.isEnded else { return }
            for signal in missed + (state.waiting ?? []) { self.toClient(signal) }
            state.waiting = nil
        }
    }

    func end() {
        self.state.withLock { state in
            state.isEnded = true
            state.waiting = nil
        }
    }
}
