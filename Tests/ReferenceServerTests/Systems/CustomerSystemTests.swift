import TestSupport
import Testing

@Suite("System: customer 360", .timeLimit(.minutes(2)))
struct CustomerSystemTests {
    /// One event of a kind: its names, the fields that are asked for, the input, and what arrives.
    private struct Sample {
        let kind: String
        let subscription: String
        let fields: String
        let mutation: String
        let input: String
        let event: String
    }

    private static let samples = [
        Sample(
            kind: "network_status", subscription: "customerNetworkStatusUpdated",
            fields: "customerId connectionStatus latencyMs", mutation: "publishCustomerNetworkStatus",
            input: #"connectionStatus: "online", latencyMs: 12.5"#,
            event: #"{"customerId":"7","connectionStatus":"online","latencyMs":12.5}"#),
        Sample(
            kind: "devices", subscription: "customerDevicesUpdated", fields: "deviceName isOnline newValue",
            mutation: "publishCustomerDevice",
            input: """
                deviceId: "d", deviceType: "ONT", deviceName: "ONT-Main", status: "inactive", healthStatus: "critical", \
                isOnline: false, changeType: "status", previousValue: "online", newValue: "offline"
                """,
            event: #"{"deviceName":"ONT-Main","isOnline":false,"newValue":"offline"}"#),
        Sample(
            kind: "tickets", subscription: "customerTicketUpdated",
            fields: "action ticket { ticketNumber createdAt } changedByName", mutation: "publishCustomerTicket",
            input: """
                action: "created", changedByName: "Support Agent", ticket: {id: 1, ticketNumber: "T-1", title: "x", \
                status: "open", priority: "high", createdAt: "2025-10-16T11:30:00+02:00"}
                """,
            event: """
                {"action":"created","ticket":{"ticketNumber":"T-1","createdAt":"2025-10-16T09:30:00Z"},\
                "changedByName":"Support Agent"}
                """),
        Sample(
            kind: "activities", subscription: "customerActivityAdded", fields: "id activityType title",
            mutation: "publishCustomerActivity", input: #"id: "a1", activityType: "call", title: "Called""#,
            event: #"{"id":"a1","activityType":"call","title":"Called"}"#),
        Sample(
            kind: "notes", subscription: "customerNoteUpdated", fields: "action note { subject isInternal }",
            mutation: "publishCustomerNote",
            input: #"action: "created", note: {id: "n", subject: "Dog", content: "Bites", isInternal: true}"#,
            event: #"{"action":"created","note":{"subject":"Dog","isInternal":true}}"#),
        Sample(
            kind: "subscriptions", subscription: "customerSubscriptionUpdated", fields: "plan price status",
            mutation: "publishCustomerSubscription",
            input: #"subscriptionId: "s", action: "upgraded", plan: "Fibre", status: "active", price: "49.90""#,
            event: #"{"plan":"Fibre","price":"49.90","status":"active"}"#),
        Sample(
            kind: "billing", subscription: "customerBillingUpdated", fields: "amount currency status",
            mutation: "publishCustomerBilling",
            input: #"invoiceId: "i", action: "issued", amount: "0.10", currency: "EUR", status: "open""#,
            event: #"{"amount":"0.10","currency":"EUR","status":"open"}"#),
    ]

    @Test("Every name, from one server to the clients of another", arguments: SystemHarness.Setup.all)
    func wholeSystem(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        for sample in Self.samples {
            try await system.subscribe(
                sample.kind, #"\#(sample.subscription)(customerId: "7") { \#(sample.fields) }"#,
                channel: "customer:7:\(sample.kind)")
        }
        for round in 1...2 {
            for sample in Self.samples {
                // Another customer's event first: nobody here watches that one.
                for customer in [8, 7] {
                    try system.succeed(
                        "\(sample.mutation)(input: {customerId: \(customer), \(sample.input)}) { receivers }")
                }
                try system.expect([#"\#(sample.kind) {"data":{"\#(sample.subscription)":\#(sample.event)}}"#])
            }
            #expect(try system.client.waiting() == [], "round \(round)")
        }
        #expect(
            try system.run(#"{ customer(id: "7") { networkStatus { connectionStatus } notes { subject } } }"#)
                == #"{"data":{"customer":{"networkStatus":{"connectionStatus":"online"},"notes":[{"subject":"Dog"}]}}}"#
        )
        try await system.finish()
    }

    @Test(
        "In the layout without tenants only the payload says whose an event is",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func seedLayout() async throws {
        let system = try await SystemHarness(
            .init(usesRedis: true, dialect: .transportWS), arguments: ["--channel-layout", "seed"])
        let redis = try #require(system.redis)
        try system.client.start(
            "s", #"subscription { customerNetworkStatusUpdated(customerId: "7") { connectionStatus } }"#)
        let channel = "customer:7:network_status"
        try await eventually("subscribed") { try redis.channels() == [channel] }
        for tenant in [#""tenant_id":"globex","#, #""tenant_id":"public","#, ""] {
            try redis.command("PUBLISH", channel, #"{\#(tenant)"connection_status":"of \#(tenant.count)"}"#)
        }
        for length in [21, 0] {
            try system.expect([
                #"s {"data":{"customerNetworkStatusUpdated":{"connectionStatus":"of \#(length)"}}}"#
            ])
        }
        try await system.finish()
    }

    @Test(
        "The session of the first description: one terminal subscribes, another publishes with redis-py",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func wscatSession() async throws {
        do {
            try PythonClient.prepare()
        } catch let missing as PythonClient.Missing {
            try Test.cancel("skipped, needs redis-py from PyPI: \(missing)")
        }
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(
            ["--channel-layout", "seed", "--redis-url", "redis://127.0.0.1:\(redis.port)"])
        try await eventually("ready") { try server.readiness() == 200 }
        let socket = try RawWebSocket(port: server.port)
        try socket.send(#"{"type":"connection_init"}"#)
        #expect(try socket.receive() == .text(#"{"type":"connection_ack"}"#))
        try socket.send(
            #"{"id":"1","type":"subscribe","payload":{"query":"subscription { customerNetworkStatusUpdated(customerId: \"test-123\") { connectionStatus signalStrength } }"}}"#
        )
        try await eventually("subscribed") { try redis.channels() == ["customer:test-123:network_status"] }
        #expect(try PythonClient.publishNetworkStatus(customer: "test-123", redisPort: redis.port) == "1")
        #expect(
            try socket.receive()
                == .text(
                    #"{"id":"1","type":"next","payload":{"data":{"customerNetworkStatusUpdated":{"connectionStatus":"online","signalStrength":85}}}}"#
                ))
        server.terminate()
        redis.kill()
    }

    /// The first description opens its socket with `wscat -s graphql-ws` and then speaks the newer dialect: the socket has
    /// the older one, and says so for every message that it does not know.
    @Test("The frames of the first description on a socket that has selected the legacy dialect get a reason")
    func wscatSessionInTheLegacyDialect() async throws {
        let server = try await ServerProcess.start(["--bus", "memory"])
        let socket = try RawWebSocket(port: server.port, subprotocol: "graphql-ws")
        try socket.send(#"{"type":"connection_init"}"#)
        #expect(try socket.receive() == .text(#"{"type":"connection_ack"}"#))
        #expect(try socket.receive() == .text(#"{"type":"ka"}"#))
        let document = #"subscription { customerNetworkStatusUpdated(customerId: \"test-123\") { connectionStatus } }"#
        try socket.send(#"{"id":"1","type":"subscribe","payload":{"query":"\#(document)"}}"#)
        guard case .text(let refusal) = try socket.receive() else {
            Issue.record("no answer")
            return
        }
        #expect(refusal.hasPrefix(#"{"id":"1","type":"error","payload":{"message":""#), "\(refusal)")
        #expect(refusal.contains("graphql-transport-ws"), "\(refusal)")
        // It is still usable, in its own words.
        try socket.send(#"{"id":"2","type":"start","payload":{"query":"\#(document)"}}"#)
        try await eventually("live") {
            try RawHTTP.request(
                "POST", "/graphql", port: server.port,
                body:
                    #"{"query":"mutation { publishCustomerNetworkStatus(input: {customerId: \"test-123\", connectionStatus: \"online\"}) { receivers } }"}"#
            ).body.contains(#""receivers":1"#)
        }
        #expect(
            try socket.receive()
                == .text(
                    #"{"id":"2","type":"data","payload":{"data":{"customerNetworkStatusUpdated":{"connectionStatus":"online"}}}}"#
                ))
        server.terminate()
    }
}
