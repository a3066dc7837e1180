import GraphQLCore
import PubSub
import ReferenceDomains
import Synchronization
import Testing

@Suite("Support tickets", .timeLimit(.minutes(1)))
struct TicketsTests {
    static let creator = Identity(tenant: "public", user: "u1", name: "Cora")
    static let agent = Identity(tenant: "public", user: "u2", name: "Al", roles: ["SUPPORT_AGENT"], teams: ["red"])
    static let watcher = Identity(tenant: "public", user: "u3")
    static let stranger = Identity(tenant: "public", user: "u4")
    static let foreignAgent = Identity(tenant: "globex", user: "u2", roles: ["SUPPORT_AGENT", "ADMIN"])
    static let time = "2025-10-16T09:30:01Z"

    let domains: DomainHarness

    init() throws {
        let numbers = Mutex(0)
        self.domains = try DomainHarness(
            now: { Self.time },
            makeID: {
                numbers.withLock { number in
                    number += 1
                    return "t\(number)"
                }
            })
    }

    @discardableResult
    func run(_ mutation: String, as identity: Identity = Self.agent) async throws -> String {
        try await self.domains.run("mutation { \(mutation) }", as: identity)
    }

    /// Makes ticket `t1` of the creator.
    func open(_ input: String = "") async throws {
        let answer = try await self.run(
            #"createSupportTicket(input: {title: "No light" \#(input)}) { id }"#, as: Self.creator)
        #expect(answer.hasPrefix(#"{"data":{"#), "\(answer)")
    }

    func watch(
        _ field: String = "supportTicketEvents", _ selection: String = "eventType", as identity: Identity
    ) async throws -> Subscriber {
        try await self.domains.subscribe("subscription { \(field) { \(selection) } }", as: identity)
    }

    /// The types of the events that came.
    func types(_ subscriber: Subscriber, _ field: String = "supportTicketEvents") async -> [String] {
        subscriber.cancellation.cancel()
        return await subscriber.all().map { response in
            response.split(separator: "\"").dropLast().last.map(String.init) ?? response
        }
    }

    /// One mutation for each kind of event, in an order that works.
    static let actions: [(String, String)] = [
        (#"createSupportTicket(input: {title: "Two"}) { id }"#, "CREATED"),
        (#"updateSupportTicket(id: "t1", input: {description: "Since noon"}) { id }"#, "UPDATED"),
        (#"assignSupportTicket(id: "t1", userId: "u2", userName: "Al", team: "red") { id }"#, "ASSIGNED"),
        (#"changeSupportTicketStatus(id: "t1", status: "in_progress") { id }"#, "STATUS_CHANGED"),
        (#"changeSupportTicketPriority(id: "t1", priority: "urgent") { id }"#, "PRIORITY_CHANGED"),
        (#"commentSupportTicket(id: "t1", text: "Cable cut") { id }"#, "COMMENTED"),
        (
            #"attachToSupportTicket(id: "t1", input: {name: "a.jpg", url: "https://x.test/a"}) { id }"#,
            "ATTACHMENT_ADDED"
        ),
        (#"relateSupportTicket(id: "t1", relatedId: "t2") { id }"#, "RELATED_ADDED"),
        (#"tagSupportTicket(id: "t1", tag: "fibre") { id }"#, "TAG_ADDED"),
        (#"untagSupportTicket(id: "t1", tag: "fibre") { id }"#, "TAG_REMOVED"),
        (#"unassignSupportTicket(id: "t1") { id }"#, "UNASSIGNED"),
        (#"deleteSupportTicket(id: "t1") { id }"#, "DELETED"),
    ]

    /// The same for a ticket that does not exist.
    private static func elsewhere(_ mutation: String) -> String {
        mutation.split(separator: "\"t1\"", omittingEmptySubsequences: false).joined(separator: "\"t9\"")
    }

    @Test("Each kind of event has its mutation, is told once, in order, and not to another tenant")
    func everyKind() async throws {
        try await self.open()
        let events = try await self.watch(as: Self.agent)
        let foreign = try await self.watch(as: Self.foreignAgent)
        for (mutation, _) in Self.actions {
            let answer = try await self.run(mutation)
            #expect(answer.hasPrefix(#"{"data":{"#), "\(answer)")
        }
        #expect(await self.types(events) == Self.actions.map(\.1))
        #expect(await self.types(foreign) == [])
        #expect(self.domains.bus.channelCount == 0)
    }

    @Test("An event tells what changed, from what, by whom, and in words")
    func wholeEvent() async throws {
        try await self.open(#", priority: "high""#)
        let events = try await self.watch(
            "supportTicketEvents",
            """
            eventType ticket { id ticketNumber status createdBy { id name } version } previousState { status version }
            triggeredBy { id name } timestamp metadata comment { text author { id } } changes { field oldValue newValue }
            notification { title body }
            """, as: Self.creator)
        try await self.run(#"changeSupportTicketStatus(id: "t1", status: "resolved") { id }"#)
        try await self.run(#"commentSupportTicket(id: "t1", text: "Done") { id }"#)
        let responses = await events.all()
        #expect(
            responses == [
                """
                {"data":{"supportTicketEvents":{"eventType":"STATUS_CHANGED","ticket":{"id":"t1",\
                "ticketNumber":"ST-T1","status":"resolved","createdBy":{"id":"u1","name":"Cora"},"version":2},\
                "previousState":{"status":"open","version":1},"triggeredBy":{"id":"u2","name":"Al"},\
                "timestamp":"\(Self.time)","metadata":null,"comment":null,\
                "changes":[{"field":"status","oldValue":"open","newValue":"resolved"}],\
                "notification":{"title":"ST-T1 is resolved now","body":"Al changed the status to resolved: “No light”."}}}}
                """,
                """
                {"data":{"supportTicketEvents":{"eventType":"COMMENTED","ticket":{"id":"t1",\
                "ticketNumber":"ST-T1","status":"resolved","createdBy":{"id":"u1","name":"Cora"},"version":3},\
                "previousState":{"status":"resolved","version":2},"triggeredBy":{"id":"u2","name":"Al"},\
                "timestamp":"\(Self.time)","metadata":null,"comment":{"text":"Done","author":{"id":"u2"}},\
                "changes":[],"notification":{"title":"ST-T1 has a new comment",\
                "body":"Al wrote “Done” about the ticket: “No light”."}}}}
                """,
            ])
        events.cancellation.cancel()
    }

    @Test("Creator, assignee, watchers and staff see a ticket's events, others do not")
    func visibility() async throws {
        try await self.open()
        try await self.run(#"assignSupportTicket(id: "t1", userId: "u3") { id }"#)
        let everybody = [Self.creator, Self.agent, Self.watcher, Self.stranger]
        var all: [Subscriber] = []
        var mine: [Subscriber] = []
        for identity in everybody {
            all.append(try await self.watch(as: identity))
            mine.append(try await self.watch("myTicketUpdates", as: identity))
        }
        try await self.run(#"tagSupportTicket(id: "t1", tag: "a") { id }"#)
        // Who loses the ticket is told, and nothing after that.
        try await self.run(#"unassignSupportTicket(id: "t1") { id }"#)
        try await self.run(#"tagSupportTicket(id: "t1", tag: "b") { id }"#)
        let whole = ["TAG_ADDED", "UNASSIGNED", "TAG_ADDED"]
        let expected = [whole, whole, ["TAG_ADDED", "UNASSIGNED"], []]
        let expectedMine = [whole, [], ["TAG_ADDED", "UNASSIGNED"], []]
        for (place, _) in everybody.enumerated() {
            #expect(await self.types(all[place]) == expected[place], "\(place)")
            #expect(await self.types(mine[place]) == expectedMine[place], "\(place)")
        }
    }

    @Test("A ticket that one may not see is refused like one that does not exist, and nothing can be done to it")
    func unseen() async throws {
        try await self.open()
        func refusal(_ id: String, _ identity: Identity) async -> String {
            do {
                _ = try await self.watch(#"ticketUpdated(ticketId: "\#(id)")"#, as: identity)
                return "accepted"
            } catch let error as RequestError {
                return JSONValue.array(error.errors.map { $0.json() }).text
            } catch {
                return "\(error)"
            }
        }
        let absent = await refusal("t9", Self.agent)
        #expect(absent.contains(#""code":"NOT_FOUND""#))
        #expect(await refusal("t1", Self.stranger) == absent)
        #expect(await refusal("t1", Self.foreignAgent) == absent)
        for (mutation, kind) in Self.actions where kind != "CREATED" {
            let unknown = try await self.run(Self.elsewhere(mutation), as: Self.stranger)
            let unseen = try await self.run(mutation, as: Self.stranger)
            #expect(unseen.contains(#""code":"NOT_FOUND""#))
            #expect(unseen == unknown)
        }
        let query = #"{ supportTicket(id: "t1") { id } supportTickets { id } }"#
        #expect(
            try await self.domains.run(query, as: Self.stranger)
                == #"{"data":{"supportTicket":null,"supportTickets":[]}}"#)
        #expect(
            try await self.domains.run(query, as: Self.creator)
                == #"{"data":{"supportTicket":{"id":"t1"},"supportTickets":[{"id":"t1"}]}}"#)
    }

    @Test("Who sees a ticket may not do everything to it", arguments: actions.map(\.1))
    func rights(kind: String) async throws {
        try await self.open()
        try await self.run(#"createSupportTicket(input: {title: "Two"}) { id }"#, as: Self.creator)
        let mutation = try #require(Self.actions.first { $0.1 == kind }).0
        let events = try await self.watch(as: Self.agent)
        let answer = try await self.run(mutation, as: Self.creator)
        if ["CREATED", "UPDATED", "COMMENTED", "ATTACHMENT_ADDED"].contains(kind) {
            #expect(answer.hasPrefix(#"{"data":{"#), "\(answer)")
            #expect(await self.types(events) == [kind])
        } else {
            #expect(answer.contains(#""code":"FORBIDDEN""#), "\(answer)")
            #expect(await self.types(events) == [])
        }
    }

    @Test("The updates of one ticket are its own, and end when it is deleted")
    func oneTicket() async throws {
        try await self.open()
        try await self.run(#"createSupportTicket(input: {title: "Two"}) { id }"#)
        let events = try await self.watch(#"ticketUpdated(ticketId: "t1")"#, as: Self.creator)
        try await self.run(#"tagSupportTicket(id: "t2", tag: "x") { id }"#)
        try await self.run(#"tagSupportTicket(id: "t1", tag: "x") { id }"#)
        try await self.run(#"deleteSupportTicket(id: "t1") { id }"#)
        #expect(
            await events.all() == [
                #"{"data":{"ticketUpdated":{"eventType":"TAG_ADDED"}}}"#,
                #"{"data":{"ticketUpdated":{"eventType":"DELETED"}}}"#, "finished",
            ])
        #expect(self.domains.bus.channelCount == 0)
    }

    @Test("Team updates are for staff, of their teams and of tickets without one")
    func teams() async throws {
        for identity in [Self.creator, Identity(tenant: "public")] {
            await #expect(throws: RequestError.self) {
                _ = try await self.watch("teamTicketUpdates", as: identity)
            }
        }
        let red = try await self.watch("teamTicketUpdates", as: Self.agent)
        let blue = try await self.watch(
            "teamTicketUpdates",
            as: Identity(tenant: "public", user: "b", roles: ["SUPPORT_AGENT"], teams: ["blue"]))
        let all = try await self.watch(
            "teamTicketUpdates", as: Identity(tenant: "public", user: "a", roles: ["ADMIN"]))
        try await self.open()
        try await self.run(#"assignSupportTicket(id: "t1", userId: "u2", team: "red") { id }"#)
        try await self.run(#"tagSupportTicket(id: "t1", tag: "x") { id }"#)
        try await self.run(#"assignSupportTicket(id: "t1", userId: "b", team: "blue") { id }"#)
        try await self.run(#"untagSupportTicket(id: "t1", tag: "x") { id }"#)
        #expect(await self.types(red) == ["CREATED", "ASSIGNED", "TAG_ADDED", "ASSIGNED"])
        #expect(await self.types(blue) == ["CREATED", "ASSIGNED", "TAG_REMOVED"])
        #expect(await self.types(all) == ["CREATED", "ASSIGNED", "TAG_ADDED", "ASSIGNED", "TAG_REMOVED"])
    }

    @Test("Watching adds the user to those who are told")
    func watching() async throws {
        try await self.open()
        try await self.run(#"assignSupportTicket(id: "t1", userId: "u3") { id }"#)
        try await self.run(#"watchSupportTicket(id: "t1") { id }"#, as: Self.watcher)
        try await self.run(#"unassignSupportTicket(id: "t1") { id }"#)
        let events = try await self.watch("myTicketUpdates", "ticket { watchers }", as: Self.watcher)
        try await self.run(#"watchSupportTicket(id: "t1", watching: false) { id }"#, as: Self.watcher)
        #expect(await events.all() == [#"{"data":{"myTicketUpdates":{"ticket":{"watchers":[]}}}}"#])
        events.cancellation.cancel()
    }

    @Test(
        "What changes nothing, or cannot be, is refused and tells nobody",
        arguments: [
            #"createSupportTicket(input: {title: ""}) { id }"#,
            #"createSupportTicket(input: {title: "x", priority: "huge"}) { id }"#,
            #"updateSupportTicket(id: "t1", input: {}) { id }"#,
            #"unassignSupportTicket(id: "t1") { id }"#,
            #"changeSupportTicketStatus(id: "t1", status: "open") { id }"#,
            #"changeSupportTicketStatus(id: "t1", status: "gone") { id }"#,
            #"changeSupportTicketPriority(id: "t1", priority: "medium") { id }"#,
            #"commentSupportTicket(id: "t1", text: "") { id }"#,
            #"attachToSupportTicket(id: "t1", input: {name: "", url: "u"}) { id }"#,
            #"relateSupportTicket(id: "t1", relatedId: "t1") { id }"#,
            #"untagSupportTicket(id: "t1", tag: "x") { id }"#,
            #"watchSupportTicket(id: "t1", watching: false) { id }"#,
        ])
    func refusals(mutation: String) async throws {
        try await self.open()
        let events = try await self.watch(as: Self.agent)
        let answer = try await self.run(mutation)
        #expect(answer.contains(#""code":"BAD_USER_INPUT""#), "\(answer)")
        #expect(await self.types(events) == [])
    }

    @Test("Two with different rights never share a source, two with equal ones may")
    func sharing() async throws {
        let field = "supportTicketEvents(filter: {watchedOnly: true})"
        let one = try await self.watch(field, as: Self.agent)
        let equal = try await self.watch(field, as: Self.agent)
        let other = try await self.watch(field, as: Self.creator)
        let wide = try await self.watch(as: Self.agent)
        #expect(one.sharingKey != nil)
        #expect(one.sharingKey == equal.sharingKey)
        #expect(one.sharingKey != other.sharingKey)
        #expect(one.sharingKey != wide.sharingKey)
        for subscriber in [one, equal, other, wide] { subscriber.cancellation.cancel() }
    }
}
