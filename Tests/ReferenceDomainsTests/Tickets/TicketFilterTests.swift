import GraphQLCore
import ReferenceDomains
import Testing

@Suite("Filter of support tickets", .timeLimit(.minutes(1)))
struct TicketFilterTests {
    /// Seen by an agent `u2`: t1 is of u1 and assigned to u2, high and open; t2 is of u2 and watched, low and closed; t3
    /// is of u1, medium and open.
    private static let tickets: [(id: String, members: String)] = [
        ("t1", #""created_by":{"id":"u1"},"assigned_to":{"id":"u2"},"status":"open","priority":"high","watchers":[]"#),
        ("t2", #""created_by":{"id":"u2"},"assigned_to":null,"status":"closed","priority":"low","watchers":["u2"]"#),
        ("t3", #""created_by":{"id":"u1"},"assigned_to":null,"status":"open","priority":"medium","watchers":[]"#),
    ]

    @Test(
        "Each part, and all of them together",
        arguments: [
            ("{}", ["t1", "t2", "t3"]),
            (#"{ticketIds: ["t1", "t3"]}"#, ["t1", "t3"]),
            ("{ticketIds: []}", []),
            ("{ticketIds: null}", ["t1", "t2", "t3"]),
            ("{eventTypes: [UPDATED]}", ["t1", "t2", "t3"]),
            ("{eventTypes: [COMMENTED, DELETED]}", []),
            (#"{assignedToUserId: "u2"}"#, ["t1"]),
            (#"{assignedToUserId: "u9"}"#, []),
            (#"{statuses: ["open"]}"#, ["t1", "t3"]),
            (#"{priorities: ["low", "medium"]}"#, ["t2", "t3"]),
            ("{watchedOnly: true}", ["t2"]),
            ("{watchedOnly: false}", ["t1", "t2", "t3"]),
            (#"{statuses: ["open"], priorities: ["medium"]}"#, ["t3"]),
            (#"{statuses: ["open"], watchedOnly: true}"#, []),
            (#"{statuses: ["open"], watchedOnly: true, includeAssigned: true}"#, ["t1"]),
            (#"{ticketIds: ["t3"], includeCreated: true}"#, ["t2", "t3"]),
            (#"{ticketIds: ["t3"], includeCreated: true, includeAssigned: true}"#, ["t1", "t2", "t3"]),
            (#"{ticketIds: [], eventTypes: [COMMENTED], includeCreated: true}"#, []),
            ("{includeCreated: true}", ["t1", "t2", "t3"]),
        ])
    func parts(filter: String, passing: [String]) async throws {
        let domains = try DomainHarness()
        let events = try await domains.subscribe(
            "subscription { supportTicketEvents(filter: \(filter)) { ticket { id } } }", as: TicketsTests.agent)
        for (id, members) in Self.tickets {
            _ = try await domains.publish(
                #"{"event_type":"UPDATED","ticket":{"id":"\#(id)",\#(members)}}"#, on: "public:support:tickets")
        }
        events.cancellation.cancel()
        #expect(
            await events.all() == passing.map { #"{"data":{"supportTicketEvents":{"ticket":{"id":"\#($0)"}}}}"# })
    }

    @Test("An event without a ticket is skipped, one of an unknown kind fails its field")
    func foreign() async throws {
        let domains = try DomainHarness()
        let events = try await domains.subscribe(
            "subscription { supportTicketEvents { eventType ticket { id } } }", as: TicketsTests.agent)
        for message in [#"{"event_type":"UPDATED"}"#, #"{"event_type":"SOLD","ticket":{"id":"t1"}}"#] {
            _ = try await domains.publish(message, on: "public:support:tickets")
        }
        events.cancellation.cancel()
        let responses = await events.all()
        #expect(responses.count == 1)
        #expect(responses.first?.contains(#"Enum \"SupportTicketEventType\" cannot represent"#) == true)
        #expect(domains.skipped.all == ["public:support:tickets: an event without a ticket"])
    }
}
