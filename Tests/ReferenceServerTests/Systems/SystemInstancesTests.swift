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
    /// One subscription, what makes its events happen, and what the n-th of them is.
    private struct Row: Sendable {
        let subscription: String
        let channel: String
        /// Made before; its id stands for `ID`.
        var needs: String?
        let mutation: String
        let event: String
        /// What another tenant's client is told that asks for the same; nil where it is simply told of nothing.
        var refusal: String?
    }

    private static let customer = [
        (
            "customerNetworkStatusUpdated", "network_status", "publishCustomerNetworkStatus",
            #"connectionStatus: "N""#, "connectionStatus"
        ),
        (
            "customerDevicesUpdated", "devices", "publishCustomerDevice",
            """
            deviceId: "N", deviceType: "ONT", deviceName: "d", status: "a", healthStatus: "h", isOnline: true, \
            changeType: "c"
            """, "deviceId"
        ),
        (
            "customerTicketUpdated", "tickets", "publishCustomerTicket",
            #"action: "N", ticket: {id: 1, ticketNumber: "T", title: "t", status: "open", priority: "low"}"#, "action"
        ),
        (
            "customerActivityAdded", "activities", "publishCustomerActivity", #"activityType: "a", title: "N""#, "title"
        ),
        ("customerNoteUpdated", "notes", "publishCustomerNote", #"action: "N""#, "action"),
        (
            "customerSubscriptionUpdated", "subscriptions", "publishCustomerSubscription",
            #"subscriptionId: "s", action: "a", plan: "N", status: "active""#, "plan"
        ),
        (
            "customerBillingUpdated", "billing", "publishCustomerBilling",
            #"invoiceId: "N", action: "a", amount: "1", currency: "EUR", status: "open""#, "invoiceId"
        ),
    ].map { subscription, kind, mutation, input, field in
        Row(
            subscription: #"event: \#(subscription)(customerId: "7") { text: \#(field) }"#,
            channel: "customer:7:\(kind)", mutation: #"\#(mutation)(input: {customerId: 7, \#(input)}) { receivers }"#,
            event: #"{"text":"N"}"#)
    }

    private static let ticket = #"createSupportTicket(input: {title: "t"}) { id }"#
    private static let comment = #"commentSupportTicket(id: "ID", text: "N") { id }"#
    private static let others = [
        Row(
            subscription: #"event: serviceUpdated(serviceId: "ID") { text: name }"#, channel: "services:updated",
            needs: #"createService(input: {name: "s"}) { id }"#,
            mutation: #"updateService(id: "ID", input: {name: "N"}) { id }"#, event: #"{"text":"N"}"#),
        Row(
            subscription: "event: serviceUpdated { text: name }", channel: "services:updated",
            mutation: #"createService(input: {name: "N"}) { id }"#, event: #"{"text":"N"}"#),
        Row(
            subscription: "event: newServiceRequest { text: justification }", channel: "services:requested",
            mutation: #"requestService(input: {name: "s", justification: "N"}) { id }"#, event: #"{"text":"N"}"#),
        Row(
            subscription: #"event: serviceStatusChanged(serviceId: "ID") { text: reason status }"#,
            channel: "services:status", needs: #"createService(input: {name: "s"}) { id }"#,
            mutation: #"changeServiceStatus(id: "ID", status: STATUS, reason: "N") { id }"#,
            event: #"{"text":"N","status":"STATUS"}"#),
        Row(
            subscription: "event: supportTicketEvents { comment { text } }", channel: "support:tickets",
            needs: Self.ticket, mutation: Self.comment, event: #"{"comment":{"text":"N"}}"#),
        Row(
            subscription: #"event: ticketUpdated(ticketId: "ID") { comment { text } }"#, channel: "support:tickets",
            needs: Self.ticket, mutation: Self.comment, event: #"{"comment":{"text":"N"}}"#,
            refusal: #""code":"NOT_FOUND""#),
        Row(
            subscription: "event: myTicketUpdates { comment { text } }", channel: "support:tickets",
            needs: Self.ticket, mutation: Self.comment, event: #"{"comment":{"text":"N"}}"#),
        Row(
            subscription: "event: teamTicketUpdates { comment { text } }", channel: "support:tickets",
            needs: Self.ticket, mutation: Self.comment, event: #"{"comment":{"text":"N"}}"#),
        Row(
            subscription: #"event: documentUpdates(tenantId: "public") { text: filename }"#,
            channel: "documents:public", mutation: #"uploadDocument(input: {filename: "N"}) { id }"#,
            event: #"{"text":"N"}"#, refusal: #""code":"FORBIDDEN""#),
        Row(
            subscription: #"event: chatUpdates(sessionId: "s") { text: content }"#, channel: "chat:s",
            mutation: #"sendChatMessage(sessionId: "s", content: "N") { messageId }"#, event: #"{"text":"N"}"#),
    ]

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
        for row in Self.customer + Self.others { try await self.play(row, servers) }
        servers.end()
    }

    private func play(_ row: Row, _ servers: Servers) async throws {
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
        func filled(_ text: String, _ number: Int) -> String {
            text.replacing("STATUS", with: number % 2 == 0 ? "ACTIVE" : "SUSPENDED")
                .replacing("\"ID\"", with: "\"\(id)\"").replacing("\"N\"", with: "\"\(number)\"")
        }
        let numbers = 1...10
        for number in numbers {
            let answer = try servers.run(filled(row.mutation, number))
            #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
        }
        var received: [String] = []
        while received.count < numbers.count {
            let message = try client.next()
            try #require(message.hasPrefix("s {"), "\(message)")
            // The simulated assistant's, each some time behind what it answers.
            if !message.contains("You wrote: ") { received.append(message) }
        }
        #expect(received == numbers.map { #"s {"data":{"event":\#(filled(row.event, $0))}}"# })
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
