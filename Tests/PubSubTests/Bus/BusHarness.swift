import Logging
import NIOPosix
import PubSub
import RedisPubSub
import TestSupport

/// Which bus a test runs on.
enum BusKind: String, CaseIterable, Sendable {
    case memory
    case redis

    /// Those that can be tested here.
    static let available = RedisServer.isInstalled ? Self.allCases : [.memory]
}

/// Runs the body with a bus of the kind that is connected, and shuts the bus down.
func withBus(_ kind: BusKind, _ body: (any MessageBus) async throws -> Void) async throws {
    switch kind {
    case .memory:
        let bus = InMemoryBus()
        try await body(bus)
        bus.shutdown()
    case .redis:
        try await withRedisBus { bus, _ in try await body(bus) }
    }
}

/// Runs the body with a Redis of its own and a bus that is connected to it. The bus notices a hung Redis within half a
/// second.
func withRedisBus(
    password: String? = nil,
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ body: (RedisBus, RedisServer) async throws -> Void
) async throws {
    let redis = try await RedisServer.start(password: password)
    let credentials =
        password.map { password in
            ":" + password.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "@"
        } ?? ""
    let url = try RedisURL("redis://\(credentials)127.0.0.1:\(redis.port)/3")
    try await withRedisBus(url, logger: logger) { bus in
        try await eventually("the bus is connected") { bus.status == .connected }
        try await body(bus, redis)
    }
    redis.kill()
}

/// Runs the body with a running bus, which need not be connected.
func withRedisBus(
    _ url: RedisURL,
    tls: RedisTLS? = nil,
    connectTimeout: Duration = .seconds(2),
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ body: (RedisBus) async throws -> Void
) async throws {
    var configuration = RedisBusConfiguration(url: url, clientName: "bus-tests")
    configuration.tls = tls
    configuration.connectTimeout = connectTimeout
    configuration.pingInterval = .milliseconds(100)
    configuration.commandTimeout = .milliseconds(400)
    let bus = RedisBus(configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    try await running(bus, body)
}

/// Runs the body while the bus runs, and shuts the bus down.
func running<Bus: RedisBroker>(_ bus: Bus, _ body: (Bus) async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
        group.addTask { try await bus.run() }
        do {
            try await body(bus)
        } catch {
            bus.shutdown()
            throw error
        }
        bus.shutdown()
        try await group.waitForAll()
    }
}

/// Events in a form that can be compared.
enum SeenEvent: Equatable, Sendable {
    case message(String)
    case interrupted
    case resumed
    case ended(BusError.Code?)

    init(_ event: BusEvent) {
        switch event {
        case .message(let bytes): self = .message(String(decoding: bytes, as: UTF8.self))
        case .interrupted: self = .interrupted
        case .resumed: self = .resumed
        case .ended(let error): self = .ended((error as? BusError)?.code)
        }
    }
}

/// A subscriber that the test reads event by event.
struct Listener: Sendable {
    let subscription: BusSubscription
    private let events: AsyncStream<SeenEvent>
    private let continuation: AsyncStream<SeenEvent>.Continuation

    static func listen(to channel: ChannelName, on bus: any MessageBus) async throws -> Listener {
        let (events, continuation) = AsyncStream.makeStream(of: SeenEvent.self)
        let subscription = try await bus.subscribe(to: channel) { continuation.yield(SeenEvent($0)) }
        return Listener(subscription: subscription, events: events, continuation: continuation)
    }

    /// The next events; waits for them. To be called by one task at a time.
    func next(_ count: Int) async -> [SeenEvent] {
        var seen: [SeenEvent] = []
        for await event in self.events {
            seen.append(event)
            if seen.count == count { break }
        }
        return seen
    }

    /// What came and was not read; nothing more is recorded.
    func rest() async -> [SeenEvent] {
        self.continuation.finish()
        return await self.events.reduce(into: []) { $0.append($1) }
    }
}

extension MessageBus {
    @discardableResult
    func publish(_ text: String, to channel: ChannelName) async throws -> Int {
        try await self.publish(Array(text.utf8), to: channel)
    }
}
