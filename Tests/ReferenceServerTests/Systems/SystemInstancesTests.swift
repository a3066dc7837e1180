import Foundation
import RealtimeClient
import TestSupport
import Testing

/// Several servers on one Redis: what is published at one reaches the clients of another.
@Suite(
    "Systems on several servers",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(3)))
struct SystemInstancesTests {
    /// Three servers: two of one tenant, and one of another.
    private struct Servers {
        let redis: RedisServer
        let listener: ServerProcess
        let publisher: ServerProcess
        let foreign: ServerProcess

        init() async throws {
            self.redis = try await RedisServer.start()
            let options = ["--redis-url", "redis://127.0.0.1:\(self.redis.port)"]
            self.listener = try await ServerProcess.start(options)
            self.publisher = try await ServerProcess.start(options)
            self.foreign = try await ServerProcess.start(options + ["--default-tenant", "globex"])
            for server in [self.listener, self.publisher, self.foreign] {
                try await eventually("ready") { try server.readiness() == 200 }
            }
        }

        func run(_ mutation: String) throws -> String {
            let body = try JSONSerialization.data(withJSONObject: ["query": "mutation { \(mutation) }"])
            return try RawHTTP.request(
                "POST", "/graphql", port: self.publisher.port, body: String(decoding: body, as: UTF8.self)
            ).body
        }

        func end() {
            for server in [self.listener, self.publisher, self.foreign] { server.terminate() }
            self.redis.kill()
        }
    }

    @Test("Every subscription: once, in order, and nothing for another tenant with equal ids")
    func subscriptions() async throws {
        let servers = try await Servers()
        for row in SubscriptionRow.all { try await self.play(row, servers) }
        servers.end()
    }

    private func play(_ row: SubscriptionRow, _ servers: Servers) async throws {
        // The last one's connections are gone, so that what is there now is this one's.
        try await eventually("no channel") { try servers.redis.channels() == [] }
        var id = ""
        if let needs = row.needs {
            id = String(try #require(try servers.run(needs).firstMatch(of: /"id":"([^"]+)"/)?.1))
        }
        let subscription = row.subscription.replacing("\"ID\"", with: "\"\(id)\"")
        let client = try WireClient(port: servers.listener.port, dialect: .transportWS)
        let stranger = try WireClient(port: servers.foreign.port, dialect: .transportWS)
        try client.start("s", "subscription { \(subscription) }")
        try stranger.start("s", "subscription { \(subscription) }")
        var channels = ["public:" + row.channel]
        if let refusal = row.refusal {
            let told = try stranger.next()
            #expect(told.hasPrefix("s error ") && told.contains(refusal), "\(row.subscription): \(told)")
        } else {
            channels.insert("globex:" + row.channel, at: 0)
        }
        try await eventually("\(row.subscription) is live") { try servers.redis.channels() == channels }
        let numbers = 1...10
        for number in numbers {
            let answer = try servers.run(SubscriptionRow.filled(row.mutation, number, id: id))
            #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
        }
        var received: [String] = []
        while received.count < numbers.count {
            let message = try client.next()
            try #require(message.hasPrefix("s {"), "\(message)")
            // The simulated assistant's, each some time behind what it answers.
            if !message.contains("You wrote: ") { received.append(message) }
        }
        #expect(received == numbers.map { #"s {"data":{"event":\#(SubscriptionRow.filled(row.event, $0, id: id))}}"# })
        #expect(try client.waiting().filter { !$0.contains("You wrote: ") } == [], "\(row.subscription)")
        #expect(try stranger.waiting() == [], "\(row.subscription)")
    }

    @Test("Every operations stream: the same events, once and in one order, at both servers")
    func streams() async throws {
        let servers = try await Servers()
        let payloads: [(OperationsEndpoint, types: [String], payload: String, key: String)] = [
            (.onuStatus, ["onu.online", "onu.offline"], #"{onu_serial: "N", status: "online"}"#, "onu_serial"),
            (
                .alerts, ["alert.raised", "alert.cleared"],
                #"{alert_id: "N", alert_type: "a", severity: "info", source: "s", message: "m"}"#, "alert_id"
            ),
            (
                .tickets, ["ticket.created", "ticket.updated"], #"{ticket_id: "N", title: "t", status: "open"}"#,
                "ticket_id"
            ),
            (
                .subscribers, ["subscriber.created", "subscriber.activated"],
                #"{subscriber_id: "N", status: "active"}"#, "subscriber_id"
            ),
            (
                .radiusSessions, ["session.started", "session.updated"], #"{username: "u", session_id: "N"}"#,
                "session_id"
            ),
            (
                .sessionsSocket, ["session.started", "session.updated"], #"{username: "u", session_id: "N"}"#,
                "session_id"
            ),
        ]
        for (endpoint, types, payload, key) in payloads {
            let clients = try [servers.listener, servers.publisher, servers.foreign].map { server in
                try RealtimeClient(
                    endpoint.configuration(server: "http://127.0.0.1:\(server.port)", token: nil))
            }
            for client in clients { client.start() }
            // A stream says itself when it is live.
            try await eventually("connected") { clients.allSatisfy { $0.history.first?.type == "connected" } }
            for number in 1...10 {
                let event = payload.replacing("\"N\"", with: "\"\(number)\"")
                let answer = try servers.run(
                    "publishOperationsEvent(eventType: \"\(types[number % 2])\", payload: \(event)) { id }")
                #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
            }
            for client in clients.prefix(2) {
                try await eventually("all of \(types)") { client.history.count >= 11 }
                #expect(client.history.dropFirst().map { $0[key]?.text } == (1...10).map { "\($0)" })
                #expect(client.history.dropFirst().map(\.type) == (1...10).map { types[$0 % 2] })
            }
            #expect(clients[2].history.map(\.type) == ["connected"])
            for client in clients { client.close() }
        }
        servers.end()
    }
}
