import TestSupport
import Testing

@Suite("System: support tickets", .timeLimit(.minutes(2)))
struct TicketSystemTests {
    @Test("Every name, from one server to the clients of another", arguments: SystemHarness.Setup.all)
    func wholeSystem(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        let id = try system.make(#"createSupportTicket(input: {title: "No light"}) { id }"#)
        let other = try system.make(#"createSupportTicket(input: {title: "Slow", priority: "high"}) { id }"#)
        let channel = "support:tickets"
        try await system.subscribe("all", "supportTicketEvents { eventType }", channel: channel)
        try await system.subscribe(
            "filtered", "supportTicketEvents(filter: {eventTypes: [COMMENTED]}) { comment { text } }", channel: channel)
        // Refused to the other tenant: there is no such ticket.
        try await system.subscribe(
            "one", #"ticketUpdated(ticketId: "\#(id)") { eventType }"#, channel: channel, isForeignToo: false)
        try await system.subscribe("mine", "myTicketUpdates { eventType }", channel: channel)
        try await system.subscribe("team", "teamTicketUpdates { eventType }", channel: channel)
        let fields = [
            "all": "supportTicketEvents", "one": "ticketUpdated", "mine": "myTicketUpdates",
            "team": "teamTicketUpdates",
        ]
        func event(_ kind: String, _ subscriptions: [String]) -> [String] {
            subscriptions.map { #"\#($0) {"data":{"\#(fields[$0] ?? "")":{"eventType":"\#(kind)"}}}"# }
        }
        let everybody = ["all", "one", "mine", "team"]
        let actions: [(String, String)] = [
            (#"updateSupportTicket(id: "\#(id)", input: {category: "fibre"}) { id }"#, "UPDATED"),
            (#"assignSupportTicket(id: "\#(id)", userId: "u2") { id }"#, "ASSIGNED"),
            (#"unassignSupportTicket(id: "\#(id)") { id }"#, "UNASSIGNED"),
            (#"changeSupportTicketStatus(id: "\#(id)", status: "waiting") { id }"#, "STATUS_CHANGED"),
            (#"changeSupportTicketPriority(id: "\#(id)", priority: "low") { id }"#, "PRIORITY_CHANGED"),
            (#"attachToSupportTicket(id: "\#(id)", input: {name: "a", url: "b"}) { id }"#, "ATTACHMENT_ADDED"),
            (#"relateSupportTicket(id: "\#(id)", relatedId: "\#(other)") { id }"#, "RELATED_ADDED"),
            (#"tagSupportTicket(id: "\#(id)", tag: "vip") { id }"#, "TAG_ADDED"),
            (#"untagSupportTicket(id: "\#(id)", tag: "vip") { id }"#, "TAG_REMOVED"),
            (#"watchSupportTicket(id: "\#(id)") { id }"#, "UPDATED"),
        ]
        for (mutation, kind) in actions {
            try system.succeed(mutation)
            try system.expect(event(kind, everybody))
        }
        try system.succeed(#"commentSupportTicket(id: "\#(id)", text: "Soon") { id }"#)
        try system.expect(
            event("COMMENTED", everybody) + [#"filtered {"data":{"supportTicketEvents":{"comment":{"text":"Soon"}}}}"#])
        try system.succeed(#"createSupportTicket(input: {title: "Three"}) { id }"#)
        try system.expect(event("CREATED", ["all", "mine", "team"]))
        try system.succeed(#"deleteSupportTicket(id: "\#(id)") { id }"#)
        try system.expect(event("DELETED", everybody) + ["one complete"])
        #expect(
            try system.run(#"{ supportTicket(id: "\#(id)") { id } supportTickets(status: "waiting") { id } }"#)
                == #"{"data":{"supportTicket":null,"supportTickets":[]}}"#)
        try await system.finish()
    }

    /// A filter, and what passes of the three tickets that are made below.
    private static let filters: [(filter: String, passing: [String])] = [
        ("{}", ["t1", "t2", "t3"]),
        (#"{ticketIds: ["T1", "T3"]}"#, ["t1", "t3"]),
        ("{eventTypes: [TAG_ADDED]}", ["t1", "t2", "t3"]),
        ("{eventTypes: [COMMENTED, DELETED]}", []),
        (#"{assignedToUserId: "u2"}"#, ["t1"]),
        (#"{statuses: ["open"]}"#, ["t1", "t3"]),
        (#"{priorities: ["low", "medium"]}"#, ["t2", "t3"]),
        ("{watchedOnly: true}", ["t2"]),
        (#"{statuses: ["open"], priorities: ["medium"]}"#, ["t3"]),
        (#"{statuses: ["open"], watchedOnly: true}"#, []),
        (#"{statuses: ["open"], watchedOnly: true, includeAssigned: true}"#, ["t1"]),
        (#"{ticketIds: ["T3"], includeCreated: true}"#, ["t2", "t3"]),
        (#"{ticketIds: ["T3"], includeCreated: true, includeAssigned: true}"#, ["t1", "t2", "t3"]),
        (#"{ticketIds: [], eventTypes: [COMMENTED], includeCreated: true}"#, []),
    ]

    @Test("Each part of the filter, and several", arguments: TokenWorld.buses)
    func filters(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let user = try world.person("u1", of: "acme")
        let agent = try world.person("u2", of: "acme", "--roles", "SUPPORT_AGENT")
        func create(_ title: String, _ priority: String, by person: TokenWorld.Person) throws -> String {
            let answer = try person.run(
                #"mutation { createSupportTicket(input: {title: "\#(title)", priority: "\#(priority)"}) { id } }"#)
            return String(try #require(answer.firstMatch(of: /"id":"([^"]+)"/), "\(answer)").1)
        }
        // For the agent: one that is assigned, one that is created and watched and closed, and one of somebody else.
        let ids = [
            try create("t1", "high", by: user), try create("t2", "low", by: agent),
            try create("t3", "medium", by: user),
        ]
        for mutation in [
            #"assignSupportTicket(id: "\#(ids[0])", userId: "u2") { id }"#,
            #"changeSupportTicketStatus(id: "\#(ids[1])", status: "closed") { id }"#,
            #"watchSupportTicket(id: "\#(ids[1])") { id }"#,
        ] { #expect(try agent.run("mutation { \(mutation) }").hasPrefix(#"{"data":{""#)) }
        let client = try agent.client()
        for (number, row) in Self.filters.enumerated() {
            let filter = row.filter.replacing("T1", with: ids[0]).replacing("T3", with: ids[2])
            try client.start(
                "\(number)", "subscription { supportTicketEvents(filter: \(filter)) { ticket { title } } }")
        }
        try await world.live(Self.filters.count, channels: ["acme:support:tickets"])
        for id in ids {
            #expect(
                try agent.run(#"mutation { tagSupportTicket(id: "\#(id)", tag: "x") { id } }"#)
                    .hasPrefix(#"{"data":{""#))
        }
        let wanted = Self.filters.enumerated().flatMap { number, row in
            row.passing.map { #"\#(number) {"data":{"supportTicketEvents":{"ticket":{"title":"\#($0)"}}}}"# }
        }
        let received = try wanted.map { _ in try client.next() }
        #expect(received.sorted() == wanted.sorted())
        #expect(try client.waiting() == [])
        world.end()
    }

    @Test(
        "Who is concerned is told, and nobody else: by role, by team, and by involvement", arguments: TokenWorld.buses)
    func audience(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let people = [
            "creator": try world.person("creator", of: "acme"), "assignee": try world.person("assignee", of: "acme"),
            "watcher": try world.person("watcher", of: "acme"), "stranger": try world.person("stranger", of: "acme"),
            "red": try world.person("red", of: "acme", "--roles", "SUPPORT_AGENT", "--teams", "red"),
            "blue": try world.person("blue", of: "acme", "--roles", "SUPPORT_AGENT", "--teams", "blue"),
            "admin": try world.person("admin", of: "acme", "--roles", "ADMIN"),
        ]
        func person(_ name: String) throws -> TokenWorld.Person { try #require(people[name]) }
        let created = try person("creator").run(
            #"mutation { createSupportTicket(input: {title: "t", team: "red"}) { id } }"#)
        let id = String(try #require(created.firstMatch(of: /"id":"([^"]+)"/)).1)
        func act(_ name: String, _ mutation: String) throws -> String {
            try person(name).run("mutation { \(mutation.replacing("ID", with: id)) { version } }")
        }
        #expect(try act("admin", #"assignSupportTicket(id: "ID", userId: "watcher")"#).contains("version"))
        #expect(try act("watcher", #"watchSupportTicket(id: "ID")"#).contains("version"))
        #expect(try act("admin", #"assignSupportTicket(id: "ID", userId: "assignee")"#).contains("version"))
        // Who may see it, and who may watch a team's tickets.
        let team = try person("creator").answer(to: "teamTicketUpdates { eventType }")
        #expect(team.hasPrefix("error ") && team.contains("FORBIDDEN"), "\(team)")
        var clients: [String: WireClient] = [:]
        for (name, person) in people {
            let client = try person.client()
            try client.start("all", "subscription { supportTicketEvents { eventType } }")
            try client.start("mine", "subscription { myTicketUpdates { eventType } }")
            if ["red", "blue", "admin"].contains(name) {
                try client.start("team", "subscription { teamTicketUpdates { eventType } }")
            }
            if name == "stranger" {
                #expect(
                    try person.answer(to: #"ticketUpdated(ticketId: "\#(id)") { eventType }"#)
                        == person.answer(to: #"ticketUpdated(ticketId: "nothing") { eventType }"#))
            } else {
                try client.start("one", #"subscription { ticketUpdated(ticketId: "\#(id)") { eventType } }"#)
            }
            clients[name] = client
        }
        try await world.live(2 * 7 + 3 + 6, channels: ["acme:support:tickets"])
        #expect(try act("stranger", #"commentSupportTicket(id: "ID", text: "x")"#).contains("NOT_FOUND"))
        #expect(try act("creator", #"tagSupportTicket(id: "ID", tag: "x")"#).contains("FORBIDDEN"))
        #expect(try act("watcher", #"commentSupportTicket(id: "ID", text: "x")"#).contains("version"))
        let wanted: [String: [String]] = [
            "creator": ["all", "mine", "one"], "assignee": ["all", "mine", "one"], "watcher": ["all", "mine", "one"],
            "stranger": [], "red": ["all", "one", "team"], "blue": ["all", "one"], "admin": ["all", "one", "team"],
        ]
        for (name, client) in clients {
            let seen = try client.waiting().map { String($0.prefix { $0 != " " }) }.sorted()
            // What is on its way comes before the answer to a question, or right behind it.
            var all = seen
            while all.count < wanted[name]?.count ?? 0 { all.append(String(try client.next().prefix { $0 != " " })) }
            #expect(all.sorted() == wanted[name], "\(name)")
        }
        // Whoever loses the ticket is told of that, and of nothing after it.
        #expect(try act("admin", #"unassignSupportTicket(id: "ID")"#).contains("version"))
        #expect(try act("admin", #"tagSupportTicket(id: "ID", tag: "x")"#).contains("version"))
        let creator = try #require(clients["creator"])
        for _ in 1...6 { _ = try creator.next() }
        let assignee = try #require(clients["assignee"])
        var told: [String] = []
        while told.count < 3 { told.append(try assignee.next()) }
        #expect(told.allSatisfy { $0.contains("UNASSIGNED") }, "\(told)")
        #expect(try assignee.waiting().allSatisfy { !$0.contains("TAG_ADDED") })
        world.end()
    }
}
