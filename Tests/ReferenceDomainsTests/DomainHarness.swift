import GraphQLCore
import PubSub
import ReferenceDomains
import Synchronization
import Testing

/// The schema of the reference server with a bus in memory and timers by hand.
struct DomainHarness: Sendable {
    /// As whom operations run unless a test says otherwise.
    static let anybody = Identity(tenant: "public", isUnrestricted: true)

    let bus: InMemoryBus
    let timers = ManualTimers()
    let environment: DomainEnvironment
    let fixture: Fixture
    let engine: GraphQLEngine
    /// `channel: reason` of each message that was skipped.
    let skipped = SkippedMessages()

    final class SkippedMessages: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { self.list.withLock { $0 } }
        func add(_ line: String) { self.list.withLock { $0.append(line) } }
    }

    init(
        channels: ChannelNames? = nil, bus: InMemoryBus = InMemoryBus(), now: (@Sendable () -> String)? = nil,
        makeID: (@Sendable () -> String)? = nil
    ) throws {
        let channels = try channels ?? ChannelNames()
        self.bus = bus
        self.fixture = Fixture(bus: bus, channels: channels, timers: self.timers)
        self.environment = DomainEnvironment(
            bus: bus, channels: channels, state: MemoryStore(announcingOn: bus), timers: self.timers, now: now,
            makeID: makeID,
            onSkipped: { [skipped] channel, reason in skipped.add("\(channel): \(reason)") })
        let schema = ReferenceSchema(self.environment, fixture: self.fixture)
        self.engine = try GraphQLEngine(schema: Schema(sdl: schema.sources), resolvers: schema.resolvers)
    }

    /// The response to a query or mutation, as text.
    func run(
        _ document: String, variables: JSONObject? = nil, as identity: Identity = Self.anybody,
        in trace: TraceContext? = nil
    ) async throws -> String {
        let operation = try self.engine.prepare(GraphQLRequest(query: document, variables: variables)).get()
        let result = await self.engine.execute(operation, context: trace.map { identity.traced(by: $0) } ?? identity)
        return String(decoding: result.body, as: UTF8.self)
    }

    /// Starts a subscription. Throws `RequestError` when its source stream cannot be created.
    func subscribe(
        _ document: String, variables: JSONObject? = nil, as identity: Identity = Self.anybody
    ) async throws -> Subscriber {
        let operation = try self.engine.prepare(GraphQLRequest(query: document, variables: variables)).get()
        let stream = try await self.engine.createSourceStream(operation, context: identity).get()
        let (responses, continuation) = AsyncStream.makeStream(of: String.self)
        let engine = self.engine
        let cancellation = try await stream.start(
            SourceEventSink(
                onEvent: { event in
                    let result = engine.executeEventSynchronously(operation, event: event, context: identity)
                    continuation.yield(result.map { String(decoding: $0.body, as: UTF8.self) } ?? "asynchronous")
                },
                onEnd: { error in
                    continuation.yield(
                        error.map { "failed: \(($0 as? GraphQLError)?.message ?? "\($0)")" } ?? "finished")
                    continuation.finish()
                },
                onNotice: { continuation.yield("beside: \(JSONValue.object($0).text)") }))
        return Subscriber(
            sharingKey: stream.sharingKey, responses: responses, continuation: continuation, cancellation: cancellation)
    }

    /// Publishes on a channel of the bus as an outsider would. Everything is delivered when this returns.
    func publish(_ text: String, on channel: String) async throws -> Int {
        try await self.bus.publish(Array(text.utf8), to: ChannelName(channel))
    }
}

/// A subscription that was started.
struct Subscriber: Sendable {
    let sharingKey: String?
    let responses: AsyncStream<String>
    let continuation: AsyncStream<String>.Continuation
    let cancellation: SourceCancellation

    /// What came so far, `beside: …` before an event that is to have such extensions, `finished` or `failed: …` at the end; nothing more is recorded.
    func all() async -> [String] {
        self.continuation.finish()
        return await self.responses.reduce(into: []) { $0.append($1) }
    }
}

/// Timers that fire when the test says so.
final class ManualTimers: Timers {
    private struct Entry {
        let id: Int
        let due: Duration
        let fire: @Sendable () -> Void
    }

    private struct State {
        var now = Duration.zero
        var entries: [Entry] = []
        var lastID = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var now: Duration { self.state.withLock { $0.now } }

    /// How many have not fired.
    var pending: Int { self.state.withLock { $0.entries.count } }

    func schedule(after delay: Duration, _ fire: @escaping @Sendable () -> Void) -> PendingTimer {
        let (id, woken) = self.state.withLock { state in
            state.lastID += 1
            state.entries.append(Entry(id: state.lastID, due: state.now + delay, fire: fire))
            let woken = state.waiters.filter { $0.count <= state.entries.count }
            state.waiters.removeAll { $0.count <= state.entries.count }
            return (state.lastID, woken)
        }
        woken.forEach { $0.continuation.resume() }
        return PendingTimer {
            // What is removed is let go of outside the lock.
            _ = self.state.withLock { state -> Entry? in
                state.entries.firstIndex { $0.id == id }.map { state.entries.remove(at: $0) }
            }
        }
    }

    /// Waits until so many timers are set.
    func set(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                guard state.entries.count < count else { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Lets time pass; timers fire in the order in which they are due, those that they set included.
    func advance(by duration: Duration) {
        let end = self.now + duration
        while let entry = self.next(until: end) {
            entry.fire()
        }
        self.state.withLock { $0.now = end }
    }

    private func next(until end: Duration) -> Entry? {
        self.state.withLock { state in
            guard
                let place = state.entries.indices
                    .filter({ state.entries[$0].due <= end })
                    .min(by: { state.entries[$0].due < state.entries[$1].due })
            else { return nil }
            let entry = state.entries.remove(at: place)
            state.now = max(state.now, entry.due)
            return entry
        }
    }
}
