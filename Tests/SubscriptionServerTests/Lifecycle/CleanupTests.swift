import GraphQLCore
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import SubscriptionServer

/// However an operation ends, and wherever it is in its life: everything that it held is free again, at once and without
/// any event that would have to come first.
@Suite(.serialized, .timeLimit(.minutes(3))) struct CleanupTests {
    enum Transport: String, CaseIterable, Sendable {
        case transportWS = "graphql-transport-ws"
        case legacyWS = "graphql-ws"
        case eventStream
    }

    /// Where in its life an operation is.
    enum Point: String, CaseIterable, Sendable {
        /// The resolver of the subscription's field is running.
        case preparing
        /// The source is being opened, and does not listen to being cancelled.
        case opening
        /// The source is there and silent.
        case silent
        /// The same, shared with nobody yet.
        case shared
        /// An event is being executed.
        case executing
        /// A query is being executed.
        case query

        var document: String {
            switch self {
            case .preparing: #"subscription { heldResolver(name: "x") }"#
            case .opening: #"subscription { heldOpening(name: "x") }"#
            case .silent: #"subscription { topic(name: "x") }"#
            case .shared: #"subscription { shared(name: "x") }"#
            case .executing: #"subscription { awaited(name: "x") { value } }"#
            case .query: #"{ held(name: "x") }"#
            }
        }

        /// Returns once the operation is there.
        func reach(_ server: TestServer) async {
            switch self {
            case .preparing, .opening, .query:
                await server.stage.wait { $0.held["x"] == 1 }
            case .silent, .shared:
                await server.stage.wait(untilActive: "x", is: 1)
            case .executing:
                await server.stage.wait(untilActive: "x", is: 1)
                server.stage.publish("x", .record(["value": .string("x")]))
                await server.stage.wait { $0.held["x"] == 1 }
            }
        }
    }

    /// How it ends.
    enum End: String, CaseIterable, Sendable {
        case complete, close, fin, reset, halfOpen, ended, drain
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let transport: Transport
        let point: Point
        let end: End

        var testDescription: String { "\(self.transport.rawValue) \(self.point) \(self.end)" }
    }

    static let cases: [Case] = Transport.allCases.flatMap { transport in
        Point.allCases.flatMap { point in
            End.allCases.compactMap { end in
                // An event stream has no messages of its client, and no pong.
                let isImpossible = transport == .eventStream && [.complete, .close, .halfOpen].contains(end)
                return isImpossible ? nil : Case(transport: transport, point: point, end: end)
            }
        }
    }

    @Test(arguments: CleanupTests.cases)
    func nothingIsLeft(of play: Case) async throws {
        try await TestServer.runGroup(configure: { configuration in
            configuration.limitPolicy.operationsPerUser = 5
            configuration.timeouts.shutdown = .milliseconds(300)
            configuration.timeouts.linger = .milliseconds(100)
            if play.end == .halfOpen {
                configuration.timeouts.keepAlive = .milliseconds(1500)
            }
        }) { server, group in
            try await server.connect { wire in
                try await self.begin(play, &wire)
                await play.point.reach(server)
                #expect(server.gauge("operations") == 1)
                #expect(server.metrics.limitsInUse.value(.operationsPerUser) == 1)
                #expect(server.server.live.all.map(\.openOperations) == [1])
                switch play.end {
                case .complete:
                    let type = play.transport == .legacyWS ? "stop" : "complete"
                    try await wire.send(#"{"id":"1","type":"\#(type)"}"#)
                case .close: try await wire.send(ClientFrame(close: 1000))
                case .fin: wire.finish()
                case .reset: try await wire.reset()
                case .halfOpen: try await wire.channel.setOption(.autoRead, value: false).get()
                case .ended: server.server.live.end(.byOperator)
                case .drain: await group.triggerGracefulShutdown()
                }
                let isOpen = play.end == .complete
                try await eventually("the operation is gone", within: .seconds(10)) {
                    Self.operationsLeft(server) == [] && (isOpen || server.server.live.all.isEmpty)
                }
                if !isOpen, play.end != .ended, play.end != .drain {
                    try await eventually("the connection is gone", within: .seconds(5)) {
                        server.gauge("sockets") + server.gauge("event_streams") == 0 && server.server.limiter.isIdle
                    }
                }
            }
            // A source that could not be stopped while it was being opened is released when it is there.
            server.stage.release("x")
            try await eventually("nothing is left", within: .seconds(5)) {
                Self.operationsLeft(server) == [] && server.stage.counts.active.values.allSatisfy { $0 == 0 }
                    && server.gauge("sockets") + server.gauge("event_streams") == 0
                    && server.server.live.all.isEmpty && server.server.limiter.isIdle
                    && server.gauge("limit_in_use") == 0
            }
        }
    }

    private func begin(_ play: Case, _ wire: inout Wire) async throws {
        let user: JSONObject = ["tenant": "acme", "user": "ann"]
        switch play.transport {
        case .eventStream:
            try await wire.post(
                "/graphql/stream", play.point.document, ["Accept: text/event-stream", "X-Tenant: acme", "X-User: ann"])
            _ = try await wire.eventStream()
        case .transportWS, .legacyWS:
            var request = Wire.request.dropLast()
            request.append("Sec-WebSocket-Protocol: \(play.transport.rawValue)")
            try await wire.write(Wire.head(Array(request)))
            guard try await wire.head().hasPrefix("HTTP/1.1 101 ") else { throw Wire.Broken("not upgraded") }
            try await wire.send(Wire.initialisation(user))
            guard try await wire.text().contains("connection_ack") else { throw Wire.Broken("no ack") }
            let type = play.transport == .legacyWS ? "start" : "subscribe"
            let payload = JSONValue.object(["query": .string(play.point.document)])
            try await wire.send(#"{"id":"1","type":"\#(type)","payload":\#(payload.text)}"#)
        }
    }

    /// The gauges of operations that are not at zero.
    private static func operationsLeft(_ server: TestServer) -> [String] {
        ["operations", "subscriptions", "source_streams", "queued_events", "queued_bytes"]
            .filter { server.gauge($0) != 0 }
            + (server.metrics.limitsInUse.value(.operationsPerUser) == 0 ? [] : ["limit"])
    }

    @Test func aThousandChangesLeaveNothing() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                for number in 0..<1000 {
                    let topic = number % 2 == 0 ? "topic" : "shared"
                    try await wire.subscribe("\(number)", #"subscription { \#(topic)(name: "x") }"#)
                    if number % 3 > 0 {
                        try await wire.complete("\(number)")
                    }
                }
                _ = try await wire.fence()
                #expect(server.gauge("operations") == 334)
            }
            try await eventually("nothing is left") {
                Self.operationsLeft(server) == [] && server.server.limiter.isIdle
                    && server.stage.counts.active.values.allSatisfy { $0 == 0 }
            }
        }
    }
}
