package import GraphQLCore
import PubSub
import Synchronization

/// One stream of one tenant, for all its listeners in this process.
///
/// The bus is only a bell. When it rings the hub reads what is new from the replay buffer and hands it to every
/// listener, so that all see the same events, once and in the order of the buffer, also behind a time in which Redis was
/// away. There is one subscription and one reader however many listen; both go with the last listener.
final class StreamHub: Sendable {
    typealias Receive = @Sendable (StreamSignal) -> Void

    private struct State {
        var listeners: [Int: Receive] = [:]
        var nextKey = 0
        /// The place of the last event that listeners have.
        var position: StreamID?
        var subscription: BusSubscription?
        /// Whether somebody reads, and whether the bell rang meanwhile.
        var isReading = false
        var hasRung = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let environment: DomainEnvironment
    private let channels: TenantChannels
    private let channel: ChannelName
    private let key: String

    /// How many events are read at a time.
    private static let page = 200

    init(_ stream: OperationsStream, of channels: TenantChannels, in environment: DomainEnvironment) throws {
        self.environment = environment
        self.channels = channels
        self.channel = try channels.operations(stream)
        self.key = try channels.replayKey(stream)
    }

    /// Begins to listen to the bell, and finds where the stream is now. To be called once.
    func open() async throws {
        do {
            let subscription = try await self.environment.bus.subscribe(to: self.channel) { [weak self] event in
                self?.heard(event)
            }
            let isWanted = self.state.withLock { state in
                state.subscription = subscription
                return !state.isClosed
            }
            guard isWanted else {
                subscription.cancel()
                throw CancellationError()
            }
            let newest = try await self.environment.state.newestEntry(of: self.key)?.id
            // What came between the subscription and this is before the position, and before the first listener.
            self.state.withLock { $0.position = newest ?? StreamID(milliseconds: 0, sequence: 0) }
            self.ring()
        } catch let error as BusError {
            throw GraphQLError(error)
        }
    }

    /// Adds a listener that has seen everything up to the hub's position, which is returned.
    func add(_ receive: @escaping Receive) -> (key: Int, position: StreamID?) {
        self.state.withLock { state in
            let key = state.nextKey
            state.nextKey += 1
            state.listeners[key] = receive
            return (key, state.position)
        }
    }

    /// Removes a listener.
    /// - Returns: How many are left.
    func remove(_ key: Int) -> Int {
        self.state.withLock { state in
            state.listeners[key] = nil
            return state.listeners.count
        }
    }

    /// Nobody listens any more.
    func close() {
        let subscription = self.state.withLock { state in
            state.isClosed = true
            defer { state.subscription = nil }
            return state.subscription
        }
        subscription?.cancel()
    }

    /// Events behind a place, up to another one.
    ///
    /// - Returns: Nil when some of what was behind the place is not kept any more.
    func replay(after place: StreamID, upTo last: StreamID) async throws -> [OperationsEvent]? {
        do {
            guard let oldest = try await self.environment.state.oldestEntry(of: self.key) else {
                return place == last ? [] : nil
            }
            // The entry at the place itself may have gone: then others behind it may have gone, too.
            guard oldest.id <= place else { return nil }
            var events: [OperationsEvent] = []
            var place = place
            while place < last {
                let entries = try await self.environment.state.entries(of: self.key, after: place, limit: Self.page)
                guard let newest = entries.last else { break }
                place = newest.id
                events += entries.filter { $0.id <= last }.compactMap { OperationsEvent($0, of: self.channels) }
            }
            return events
        } catch {
            throw GraphQLError(error)
        }
    }

    /// The newest events that are kept, oldest first, up to a place.
    func recent(_ count: Int, upTo last: StreamID) async throws -> [OperationsEvent] {
        do {
            var events: [OperationsEvent] = []
            var place: StreamID?
            while true {
                let entries = try await self.environment.state.entries(of: self.key, after: place, limit: Self.page)
                guard let newest = entries.last else { break }
                place = newest.id
                events += entries.filter { $0.id <= last }.compactMap { OperationsEvent($0, of: self.channels) }
                events = Array(events.suffix(count))
                if newest.id >= last { break }
            }
            return events
        } catch {
            throw GraphQLError(error)
        }
    }

    private func heard(_ event: BusEvent) {
        switch event {
        case .message, .resumed: self.ring()
        case .ended(let error):
            let listeners = self.state.withLock { state in
                state.isClosed = true
                return Array(state.listeners.values)
            }
            let told = (error as? BusError).map(GraphQLError.init) ?? Access.ended
            for listener in listeners { listener(.ended(told)) }
        default: break
        }
    }

    /// Something may be new: reads it, unless somebody reads already, who then looks again.
    private func ring() {
        let begins = self.state.withLock { state in
            guard !state.isClosed, state.position != nil else { return false }
            state.hasRung = true
            defer { state.isReading = true }
            return !state.isReading
        }
        guard begins else { return }
        // Ends by itself once nothing is new; it owns nothing but the hub.
        Task { await self.readWhatIsNew() }
    }

    private func readWhatIsNew() async {
        while let position = self.positionToReadFrom() {
            guard
                let entries = try? await self.environment.state.entries(
                    of: self.key, after: position, limit: Self.page),
                !entries.isEmpty
            else { continue }
            self.deliver(entries)
        }
    }

    /// Where to go on; nil when there is nothing to do any more.
    private func positionToReadFrom() -> StreamID? {
        self.state.withLock { state in
            guard state.hasRung, !state.isClosed else {
                state.isReading = false
                return nil
            }
            state.hasRung = false
            return state.position
        }
    }

    private func deliver(_ entries: [StreamEntry]) {
        let events = entries.compactMap { OperationsEvent($0, of: self.channels) }
        // Under the lock, so that a listener that comes meanwhile gets either none of these or all.
        self.state.withLock { state in
            state.position = entries.last?.id ?? state.position
            state.hasRung = state.hasRung || entries.count == Self.page
            for listener in state.listeners.values {
                for event in events { listener(.event(event)) }
            }
        }
    }
}

/// What a listener of a stream is told.
package enum StreamSignal: Sendable {
    /// From now on nothing is missed.
    case opened
    case event(OperationsEvent)
    /// As many of the events that follow are older than the connection.
    case older(Int)
    /// How the job or campaign stands that the client watches, when it begins to.
    case now(WorkKind, JSONObject)
    /// Some of what the client has not seen is not kept any more, or is not to be had right now.
    case missed(reason: String)
    /// The stream has ended for a reason that clients may be told.
    case ended(GraphQLError)
}

extension Access {
    /// The source of events has gone for good.
    static var ended: GraphQLError {
        GraphQLError(message: ClientMessages.ended, extensions: ["code": "EVENTS_UNAVAILABLE"])
    }
}
