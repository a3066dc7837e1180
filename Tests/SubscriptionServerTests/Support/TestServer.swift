import GraphQLCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import SubscriptionProtocols

@testable import SubscriptionServer

/// A server on a port of the system's choice, with the stage behind it.
struct TestServer: Sendable {
    let stage: Stage
    let server: RealtimeServer
    let port: Int

    var metrics: ServerMetrics { self.server.metrics }

    /// Runs a server around the body, and stops it softly afterwards.
    /// - Returns: what the body returns.
    static func run<Result: Sendable>(
        misbehaviour: Misbehaviour? = nil, routes: (Stage) -> [HTTPRoute] = { _ in [] }, probes: [ReadinessProbe] = [],
        socketRoutes: [SocketRoute] = [],
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        try await self.runGroup(
            misbehaviour: misbehaviour, routes: routes, probes: probes, socketRoutes: socketRoutes, configure: configure
        ) { server, _ in
            try await body(server)
        }
    }

    /// The same; the body can stop the server itself.
    static func runGroup<Result: Sendable>(
        misbehaviour: Misbehaviour? = nil, routes: (Stage) -> [HTTPRoute] = { _ in [] }, probes: [ReadinessProbe] = [],
        socketRoutes: [SocketRoute] = [],
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer, ServiceGroup) async throws -> Result
    ) async throws -> Result {
        let stage = Stage()
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.timeouts.connectionInit = .seconds(30)
        configuration.timeouts.shutdown = .milliseconds(200)
        configuration.testMode = TestMode(misbehaviour: misbehaviour)
        configure(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try RealtimeServer(
            configuration: configuration, engine: try TestSchema.engine(stage), gate: TestGate(stage: stage),
            routes: routes(stage), probes: probes, socketRoutes: socketRoutes, logger: logger)
        let group = ServiceGroup(services: [server], logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try await server.listeningPort()
            let result: Result
            do {
                result = try await body(TestServer(stage: stage, server: server, port: port), group)
            } catch {
                await group.triggerGracefulShutdown()
                try? await tasks.waitForAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }

    /// A TCP connection to the server for the time of the body.
    func connect<Result: Sendable>(_ body: (inout Wire) async throws -> Result) async throws -> Result {
        try await Wire.connect(port: self.port, body)
    }

    /// A WebSocket for the time of the body.
    func open<Result: Sendable>(_ body: (inout Wire) async throws -> Result) async throws -> Result {
        try await self.connect { wire in
            try await wire.upgrade()
            return try await body(&wire)
        }
    }

    /// A WebSocket of the legacy dialect for the time of the body.
    func openLegacy<Result: Sendable>(_ body: (inout Wire) async throws -> Result) async throws -> Result {
        try await self.connect { wire in
            try await wire.upgrade(offering: "graphql-ws")
            return try await body(&wire)
        }
    }

    /// The same, acknowledged.
    func readyLegacy<Result: Sendable>(_ body: (inout Wire) async throws -> Result) async throws -> Result {
        try await self.openLegacy { wire in
            try await wire.send(#"{"type":"connection_init"}"#)
            for expected in [#"{"type":"connection_ack"}"#, #"{"type":"ka"}"#] {
                let message = try await wire.text()
                guard message == expected else { throw Wire.Broken(message) }
            }
            return try await body(&wire)
        }
    }

    /// An acknowledged WebSocket for the time of the body.
    func ready<Result: Sendable>(
        _ payload: JSONObject? = nil, _ body: (inout Wire) async throws -> Result
    ) async throws -> Result {
        try await self.open { wire in
            try await wire.initialise(payload)
            return try await body(&wire)
        }
    }
}
