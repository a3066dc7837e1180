import Glibc
import GraphQLCore
import Logging
import NIOPosix
import PubSub
import ReferenceDomains

/// A mutation that publishes one kind of event, with a bus for as long as there is something to publish.
struct EventPublication: Sendable {
    /// Why an event was not published.
    struct Refused: Error, CustomStringConvertible {
        let description: String
        /// Whether the next one would fare no better.
        let isOutage: Bool

        init(_ description: String, isOutage: Bool = false) {
            self.description = description
            self.isOutage = isOutage
        }
    }

    private let engine: GraphQLEngine
    private let event: any PublishableEvent
    private let identity: Identity

    /// Connects, publishes, and leaves.
    ///
    /// - Returns: What `body` returns.
    /// - Throws: `Settings.UsageError`, `RedisTLS.Problem`; what `body` throws.
    static func run<Result: Sendable>(
        _ settings: Settings, event: any PublishableEvent,
        _ body: @escaping @Sendable (EventPublication) async throws -> Result
    ) async throws -> Result {
        guard settings.bus == .redis else {
            throw Settings.UsageError(description: "nobody else hears what is published with --bus memory")
        }
        let logger = Logger(label: "publish") { _ in SwiftLogNoOpLogHandler() }
        let bus = try BusService.redis(
            try Program.redisURL(settings), settings.redis, group: MultiThreadedEventLoopGroup.singleton,
            processID: getpid(), logger: logger)
        let schema = ReferenceSchema(
            Program.environment(settings, bus, try Program.channels(settings), logger), fixture: nil)
        let publication = EventPublication(
            engine: try GraphQLEngine(schema: Schema(sdl: schema.sources), resolvers: schema.resolvers),
            event: event, identity: Identity(tenant: settings.defaultTenant, isUnrestricted: true))
        return try await withThrowingTaskGroup(of: Result?.self) { tasks in
            tasks.addTask {
                try await bus.run()
                return nil
            }
            tasks.addTask {
                try await Self.connected(bus)
                return try await body(publication)
            }
            defer { tasks.cancelAll() }
            while let result = try await tasks.next() {
                if let result { return result }
            }
            throw Refused("the bus was shut down", isOutage: true)
        }
    }

    /// Waits until the bus is there, for five seconds at most; publishing then says what is wrong.
    private static func connected(_ bus: BusService) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while bus.bus.status != .connected, ContinuousClock.now < deadline {
            try await ContinuousClock().sleep(for: .milliseconds(10))
        }
    }

    /// Publishes one event.
    ///
    /// - Returns: What became of it, as the end of a sentence.
    /// - Throws: `Refused`.
    func publish(_ fields: JSONObject) async throws -> String {
        let request = GraphQLRequest(query: self.event.document, variables: self.event.variables(fields))
        let operation: PreparedOperation
        do {
            operation = try self.engine.prepare(request).get()
        } catch {
            throw Refused(error.errors.map(\.message).joined(separator: " "))
        }
        let result = await self.engine.execute(operation, context: self.identity)
        if let error = result.errors.first {
            throw Refused(error.message, isOutage: error.extensions?["code"] != "BAD_USER_INPUT")
        }
        let data = (try? JSONReader.read(result.body))?["data"]?.objectValue?.first?.value
        return self.event.outcome(data?.objectValue ?? [:])
    }
}
