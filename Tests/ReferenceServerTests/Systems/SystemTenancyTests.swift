import Foundation
import RealtimeClient
import TestSupport
import Testing

/// Two tenants whose users and ids are the same, at the same servers: neither sees anything of the other, nor learns
/// what the other has.
@Suite("Systems of two tenants", .timeLimit(.minutes(3)))
struct SystemTenancyTests {
    @Test("Every subscription tells a tenant only its own, with equal ids", arguments: TokenWorld.buses)
    func subscriptions(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let owner = try world.administrator(of: "acme")
        let stranger = try world.administrator(of: "globex")
        for row in SubscriptionRow.all {
            try await world.live(0, channels: [])
            let id = try row.needs.map { try Self.id(in: owner.run("mutation { \($0) }")) } ?? ""
            let subscription = SubscriptionRow.filled(row.subscription, id: id).replacing(
                "\"public\"", with: "\"acme\"")
            let clients = try [owner.client(), stranger.client()]
            for client in clients { try client.start("s", "subscription { \(subscription) }") }
            let channel = row.channel.replacing("public", with: "acme")
            var channels = ["acme:" + channel]
            if row.refusal == nil {
                channels.append("globex:" + channel)
            } else {
                let refusal = try clients[1].next()
                #expect(refusal.hasPrefix("s error "), "\(refusal)")
                // Of what nobody has it is the same, to the byte.
                let absent = subscription.replacing("\"\(id)\"", with: "\"nothing\"")
                    .replacing("\"acme\"", with: "\"nowhere\"")
                #expect(try stranger.answer(to: absent) == String(refusal.dropFirst(2)), "\(row.subscription)")
                #expect(try owner.answer(to: absent) == String(refusal.dropFirst(2)), "\(row.subscription)")
            }
            try await world.live(channels.count, channels: channels)
            for number in 1...3 {
                let answer = try owner.run("mutation { \(SubscriptionRow.filled(row.mutation, number, id: id)) }")
                #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
            }
            var received: [String] = []
            while received.count < 3 {
                let message = try clients[0].next()
                try #require(message.hasPrefix("s {"), "\(message)")
                if !message.contains("You wrote: ") { received.append(message) }
            }
            #expect(
                received == (1...3).map { #"s {"data":{"event":\#(SubscriptionRow.filled(row.event, $0, id: id))}}"# })
            #expect(try clients[1].waiting() == [], "\(row.subscription)")
        }
        world.end()
    }

    /// Documents that name something by its id. `ID` stands for it.
    private static let byID: [(needs: String, documents: [String])] = [
        (
            #"createService(input: {name: "s"}) { id }"#,
            [
                #"{ service(id: "ID") { name } }"#, #"mutation { updateService(id: "ID", input: {name: "x"}) { id } }"#,
                #"mutation { changeServiceStatus(id: "ID", status: DEGRADED) { id } }"#,
                #"mutation { deleteService(id: "ID") { id } }"#,
            ]
        ),
        (
            #"createSupportTicket(input: {title: "t"}) { id }"#,
            [
                #"{ supportTicket(id: "ID") { id } }"#,
                #"mutation { updateSupportTicket(id: "ID", input: {title: "x"}) { id } }"#,
                #"mutation { assignSupportTicket(id: "ID", userId: "u") { id } }"#,
                #"mutation { unassignSupportTicket(id: "ID") { id } }"#,
                #"mutation { changeSupportTicketStatus(id: "ID", status: "closed") { id } }"#,
                #"mutation { changeSupportTicketPriority(id: "ID", priority: "low") { id } }"#,
                #"mutation { commentSupportTicket(id: "ID", text: "x") { id } }"#,
                #"mutation { attachToSupportTicket(id: "ID", input: {name: "a", url: "b"}) { id } }"#,
                #"mutation { deleteSupportTicket(id: "ID") { id } }"#,
                #"mutation { relateSupportTicket(id: "ID", relatedId: "x") { id } }"#,
                #"mutation { tagSupportTicket(id: "ID", tag: "x") { id } }"#,
                #"mutation { untagSupportTicket(id: "ID", tag: "x") { id } }"#,
                #"mutation { watchSupportTicket(id: "ID") { id } }"#,
            ]
        ),
        (
            #"uploadDocument(input: {filename: "a"}) { id }"#,
            [
                #"{ document(id: "ID") { filename } }"#,
                #"mutation { setDocumentStatus(id: "ID", status: failed) { id } }"#,
                #"mutation { deleteDocument(id: "ID") { id } }"#,
            ]
        ),
        (#"startJob(jobType: "x", itemsTotal: 1000000)"#, [#"{ job(id: "ID") }"#]),
        (#"startCampaign(campaignType: "x", itemsTotal: 1000000)"#, [#"{ campaign(id: "ID") }"#]),
    ]

    @Test("What is another tenant's is answered like what does not exist, to the byte", arguments: TokenWorld.buses)
    func absence(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let owner = try world.administrator(of: "acme")
        let stranger = try world.administrator(of: "globex")
        for (needs, documents) in Self.byID {
            let id = try Self.id(in: owner.run("mutation { \(needs) }"))
            for document in documents {
                func ask(_ id: String) throws -> String {
                    try stranger.run(document.replacing("\"ID\"", with: "\"\(id)\""))
                }
                // As long as the other, so that nothing can be told from lengths either.
                #expect(try ask(id) == ask(String(id.reversed())), "\(document)")
            }
        }
        // Nothing of it was done, and lists show nothing.
        #expect(
            try stranger.run("{ services { id } supportTickets { id } documents { id } jobs campaigns }")
                == #"{"data":{"services":[],"supportTickets":[],"documents":[],"jobs":[],"campaigns":[]}}"#)
        #expect(
            try owner.run("{ services { version } supportTickets { version } documents { version status } }")
                == #"{"data":{"services":[{"version":1}],"supportTickets":[{"version":1}],"documents":[{"version":1,"status":"uploaded"}]}}"#
        )
        world.end()
    }

    @Test("A query of another tenant is as unheard of as one that does not exist")
    func queries() async throws {
        var waiting: [(world: TokenWorld, client: WireClient)] = []
        for bus in TokenWorld.buses {
            let world = try await TokenWorld(bus: bus)
            let id = try Self.id(
                in: world.administrator(of: "acme").run(#"mutation { startQuery(text: "x") { queryId } }"#))
            let client = try world.administrator(of: "globex").client()
            for id in [id, String(id.reversed())] {
                try client.start(id, #"subscription { queryProgress(queryId: "\#(id)") { stage } }"#)
            }
            waiting.append((world, client))
        }
        var answers = waiting.map { _ in [String]() }
        try await eventually("all are told", within: .seconds(90)) {
            // Asking also answers pings, which a connection that only waits would miss.
            for place in waiting.indices { answers[place] += try waiting[place].client.waiting() }
            return answers.allSatisfy { $0.count >= 2 }
        }
        for ((world, _), told) in zip(waiting, answers) {
            let texts = Set(told.compactMap { $0.split(separator: " ", maxSplits: 1).last })
            #expect(told.count == 2 && texts.count == 1, "\(told)")
            #expect(texts.first?.contains(#""code":"NOT_FOUND""#) == true, "\(told)")
            world.end()
        }
    }

    @Test("An id that would name another channel is refused", arguments: TokenWorld.buses)
    func ids(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let person = try world.administrator(of: "acme")
        let client = try person.client()
        var number = 0
        for id in ["a:b", "*", "?", "[a]", #"\r\n"#, #"\u0000"#, String(repeating: "x", count: 129), ""] {
            for subscription in [
                "customerNetworkStatusUpdated(customerId: \"ID\") { customerId }",
                "customerBillingUpdated(customerId: \"ID\") { customerId }",
                "chatUpdates(sessionId: \"ID\") { role }", "queryProgress(queryId: \"ID\") { stage }",
            ] {
                number += 1
                let text = subscription.replacing("ID", with: id)
                try client.start("\(number)", "subscription { \(text) }")
                let answer = try client.next()
                #expect(
                    answer.hasPrefix("\(number) error ") && answer.contains(#""code":"BAD_USER_INPUT""#),
                    "\(text): \(answer)")
            }
        }
        if let redis = world.redis { #expect(try TokenWorld.channels(of: redis) == []) }
        world.end()
    }

    @Test("Every operations stream tells a tenant only its own", arguments: TokenWorld.buses)
    func streams(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let owner = try world.administrator(of: "acme")
        let stranger = try world.administrator(of: "globex")
        let endpoints: [OperationsEndpoint] = [
            .onuStatus, .alerts, .tickets, .subscribers, .radiusSessions, .sessionsSocket,
        ]
        func clients(_ person: TokenWorld.Person) throws -> [RealtimeClient] {
            try endpoints.map { endpoint in
                let client = try RealtimeClient(
                    endpoint.configuration(
                        server: "http://127.0.0.1:\(world.listener.port)", token: person.token))
                client.start()
                return client
            }
        }
        let (own, foreign) = (try clients(owner), try clients(stranger))
        try await eventually("connected") {
            (own + foreign).allSatisfy { $0.history.first?.type == "connected" }
        }
        for (type, payload) in [
            ("onu.online", #"onu_serial: "x", status: "online""#),
            ("alert.raised", #"alert_id: "x", alert_type: "a", severity: "info", source: "s", message: "m""#),
            ("ticket.created", #"ticket_id: "x", title: "t", status: "open""#),
            ("subscriber.created", #"subscriber_id: "x", status: "new""#),
            // What a payload says of tenants is not believed.
            ("session.started", #"username: "x", session_id: "x", tenant_id: "globex""#),
        ] {
            let answer = try owner.run(
                "mutation { publishOperationsEvent(eventType: \"\(type)\", payload: {\(payload)}) { id } }")
            #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
        }
        for client in own {
            try await eventually("an event") { client.history.count == 2 }
            #expect(client.history.last?["tenant_id"]?.text == "acme")
        }
        // What these are told comes behind what they were told before.
        for type in ["onu.offline", "session.stopped"] {
            _ = try stranger.run(
                """
                mutation { publishOperationsEvent(eventType: "\(type)", payload: {onu_serial: "y", status: "offline", \
                username: "y", session_id: "y"}) { id } }
                """)
        }
        try await eventually("their own") {
            foreign[0].history.last?.type == "onu.offline" && foreign[5].history.last?.type == "session.stopped"
        }
        for (client, count) in zip(foreign, [2, 1, 1, 1, 2, 2]) {
            #expect(client.history.count == count)
            #expect(client.history.dropFirst().allSatisfy { $0["tenant_id"]?.text == "globex" })
        }
        (own + foreign).forEach { $0.close() }
        world.end()
    }

    @Test(
        "A job or campaign of another tenant does not exist: the frames are those for no such id",
        arguments: TokenWorld.buses)
    func work(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let owner = try world.administrator(of: "acme")
        let stranger = try world.administrator(of: "globex")
        for (kind, mutation) in [("jobs", "startJob(jobType"), ("campaigns", "startCampaign(campaignType")] {
            let id = try Self.id(in: owner.run("mutation { \(mutation): \"x\", itemsTotal: 1000000) }"))
            func frames(_ id: String) throws -> [RawWebSocket.Message] {
                let socket = try RawWebSocket(
                    port: world.listener.port, path: "/api/v1/realtime/ws/\(kind)/\(id)", subprotocol: "x",
                    fields: ["Authorization: Bearer \(stranger.token)"])
                var messages: [RawWebSocket.Message] = []
                repeat { messages.append(try socket.receive()) } while messages.last.map(Self.isText) == true
                return messages
            }
            let foreign = try frames(id)
            #expect(try frames(String(id.reversed())) == foreign)
            #expect(foreign.count == 2 && foreign.last == .close(code: 4404, reason: "Not found"), "\(foreign)")
        }
        world.end()
    }

    private static func isText(_ message: RawWebSocket.Message) -> Bool {
        if case .text = message { true } else { false }
    }

    /// The first id in a response.
    private static func id(in response: String) throws -> String {
        String(
            try #require(
                response.firstMatch(of: /"(?:id|queryId|job_id|campaign_id)":"([^"]+)"/), "no id in \(response)"
            ).1)
    }
}
