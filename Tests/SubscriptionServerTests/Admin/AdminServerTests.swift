import GraphQLCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import SubscriptionServer

@Suite(.timeLimit(.minutes(1))) struct AdminServerTests {
    private static let token = "a token of thirty-two characters"
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    /// A server with its operators' port.
    private func run(_ body: @Sendable (TestServer, Int) async throws -> Void) async throws {
        try await TestServer.run { server in
            let admin = AdminServer(host: "127.0.0.1", port: 0, token: Self.token, server: server.server)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await admin.run() }
                try await body(server, try await admin.listeningPort())
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    private func ask(
        _ port: Int, _ method: String, _ target: String, token: String? = Self.token
    ) async throws -> (head: String, body: String) {
        try await Wire.connect(port: port) { wire in
            try await wire.request(method, target, token.map { ["Authorization: Bearer \($0)"] } ?? [])
            let head = try await wire.head()
            return (head, String(decoding: await wire.rest(), as: UTF8.self))
        }
    }

    @Test(arguments: [nil, "", "wrong", "a token of thirty-two characterz"])
    func nothingWithoutTheToken(token: String?) async throws {
        try await self.run { _, port in
            for (method, target) in [("GET", "/connections"), ("GET", "/metrics"), ("DELETE", "/connections/1")] {
                let (head, body) = try await self.ask(port, method, target, token: token)
                #expect(head.hasPrefix("HTTP/1.1 401 ") && head.lowercased().contains("www-authenticate: bearer"))
                #expect(body == "Token needed\n")
            }
        }
    }

    @Test func connectionsAreListedAndEnded() async throws {
        try await self.run { server, port in
            try await server.open { wire in
                let trace = "00-\(Self.trace)-00f067aa0ba902b7-01"
                try await wire.initialise(
                    ["tenant": "acme", "user": "ann", "traceparent": .string(trace)])
                try await wire.subscribe("1", #"subscription { topic(name: "a") }"#)
                await server.stage.wait(untilActive: "a", is: 1)
                let list = try JSONReader.read(try await self.ask(port, "GET", "/connections").body)
                guard case .array(let all)? = list["connections"], all.count == 1, let one = all.first else {
                    Issue.record("\(list.text)")
                    return
                }
                #expect(one["transport"] == "graphql-transport-ws" && one["tenant"] == "acme" && one["user"] == "ann")
                #expect(one["operations"] == 1 && one["queuedEvents"] == 0 && one["queuedBytes"] == 0)
                #expect(one["peer"] == "127.0.0.1" && one["traceID"] == .string(Self.trace))
                guard case .int(let id)? = one["id"] else {
                    Issue.record("no id")
                    return
                }
                #expect(try await self.ask(port, "DELETE", "/connections/\(id + 1000)").head.contains(" 404 "))
                #expect(try await self.ask(port, "DELETE", "/connections/\(id)").head.contains(" 204 "))
                #expect(try await wire.closeLine() == "1013 Ended by the operator")
                await server.stage.wait(untilActive: "a", is: 0)
                let rest = try await self.ask(port, "GET", "/connections").body
                #expect(rest == #"{"connections":[]}"#)
            }
        }
    }

    @Test(arguments: [("POST", "/connections", "405"), ("GET", "/", "404"), ("DELETE", "/connections/x", "404")])
    func whatElseIsAsked(method: String, target: String, status: String) async throws {
        try await self.run { _, port in
            let head = try await self.ask(port, method, target).head
            #expect(head.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test func metricsAreThoseOfTheServer() async throws {
        try await self.run { server, port in
            try await server.ready { _ in
                let text = try await self.ask(port, "GET", "/metrics").body
                #expect(text.contains(#"graphql_realtime_live_connections{transport="graphql-transport-ws"} 1"#))
                #expect(text.contains(#"graphql_realtime_limit_in_use{limit="connections_per_server"} 1"#))
                #expect(text.contains("# TYPE graphql_realtime_delivery_seconds histogram"))
            }
        }
    }
}
