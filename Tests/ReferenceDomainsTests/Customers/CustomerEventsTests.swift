import GraphQLCore
import PubSub
import ReferenceDomains
import Testing

@Suite("Events of customers", .timeLimit(.minutes(1)))
struct CustomerEventsTests {
    private static let globex = Identity(tenant: "globex", isUnrestricted: true)
    private static let publisher = Identity(tenant: "public", user: "p", permissions: [Permission.publishEvents])

    let domains: DomainHarness

    init() throws {
        self.domains = try DomainHarness(now: { "2025-10-16T09:30:01Z" })
    }

    @Test("What a mutation publishes arrives whole, at its tenant only", arguments: CustomerSample.all)
    func delivers(sample: CustomerSample) async throws {
        let channel = "public:customer:42:\(sample.event.channelKind)"
        let raw = try await RawListener(channel, on: self.domains.bus)
        let own = try await self.domains.subscribe(sample.subscribe, variables: ["id": "42"])
        let foreign = try await self.domains.subscribe(sample.subscribe, variables: ["id": "42"], as: Self.globex)
        let answer = try await self.domains.run(
            sample.publish, variables: sample.variables(), as: Self.publisher)
        #expect(answer == #"{"data":{"\#(sample.event.mutation)":{"receivers":2}}}"#)
        #expect(await own.all() == [sample.response])
        #expect(await foreign.all() == [])
        let message = try #require(await raw.next().objectValue)
        #expect(message["tenant_id"] == "public")
        #expect(message["customer_id"] == "42")
        for (key, value) in try #require(JSONReader.read(sample.onBus).objectValue) {
            #expect(message[key] == value, "\(key)")
        }
        for subscriber in [own, foreign] { subscriber.cancellation.cancel() }
    }

    @Test("What the other publishers write is delivered too", arguments: CustomerSample.all)
    func deliversForeign(sample: CustomerSample) async throws {
        // As the seeds' publisher does: no tenant, members that nobody knows, numbers as strings.
        let subscriber = try await self.domains.subscribe(sample.subscribe, variables: ["id": "42"])
        let raw = try await RawListener("public:customer:43:\(sample.event.channelKind)", on: self.domains.bus)
        _ = try await self.domains.run(sample.publish, variables: sample.variables(customer: "43"))
        var message = try #require(await raw.next().objectValue)
        message["tenant_id"] = nil
        message["customer_id"] = 42
        message["unheard_of"] = ["a": [1, nil]]
        _ = try await self.domains.publish(
            JSONValue.object(message).text, on: "public:customer:42:\(sample.event.channelKind)")
        #expect(await subscriber.all() == [sample.response])
        subscriber.cancellation.cancel()
    }

    @Test(
        "An empty message is an error where something must not be null, and the stream goes on",
        arguments: CustomerSample.all)
    func survivesEmpty(sample: CustomerSample) async throws {
        let subscriber = try await self.domains.subscribe(sample.subscribe, variables: ["id": "42"])
        let channel = "public:customer:42:\(sample.event.channelKind)"
        for message in ["{}", #"{"ticket":[1],"note":"n","amount":{},"is_online":"maybe"}"#] {
            _ = try await self.domains.publish(message, on: channel)
        }
        _ = try await self.domains.run(sample.publish, variables: sample.variables())
        let responses = await subscriber.all()
        try #require(responses.count == 3)
        #expect(responses[0].contains(#""errors":[{"message":"Cannot return null for non-nullable field"#))
        #expect(responses[1].contains(#""data":null"#))
        #expect(responses[2] == sample.response)
        subscriber.cancellation.cancel()
    }

    @Test("Only holders of events:publish publish", arguments: CustomerSample.all)
    func permission(sample: CustomerSample) async throws {
        let subscriber = try await self.domains.subscribe(sample.subscribe, variables: ["id": "42"])
        let user = try await self.domains.run(
            sample.publish, variables: sample.variables(), as: Identity(tenant: "public", user: "u"))
        #expect(user.contains(#""code":"FORBIDDEN""#))
        let nobody = try await self.domains.run(
            sample.publish, variables: sample.variables(), as: Identity(tenant: "public"))
        #expect(nobody.contains(#""code":"UNAUTHENTICATED""#))
        #expect(await subscriber.all() == [])
        subscriber.cancellation.cancel()
    }

    @Test("The time, and an activity's id, are given unless they are there")
    func defaults() async throws {
        let subscriber = try await self.domains.subscribe(
            #"subscription { customerActivityAdded(customerId: "42") { id createdAt } }"#)
        _ = try await self.domains.run(
            """
            mutation { publishCustomerActivity(input: {customerId: 42, activityType: "call", title: "x"}) { receivers } }
            """)
        let response = try #require(await subscriber.all().first)
        let pattern = try Regex(
            #"\{"data":\{"customerActivityAdded":\{"id":"[0-9a-f]{24}","createdAt":"2025-10-16T09:30:01Z"\}\}\}"#)
        #expect(response.wholeMatch(of: pattern) != nil, "\(response)")
        subscriber.cancellation.cancel()
    }

    @Test("customer(id:) shows the newest of everything that was published, to its tenant only")
    func overview() async throws {
        for sample in CustomerSample.all {
            _ = try await self.domains.run(sample.publish, variables: sample.variables())
        }
        let document = """
            { customer(id: "42") { id networkStatus { connectionStatus } devices { deviceName isOnline }
              tickets { ticketNumber status } activities { title } notes { subject } subscriptions { plan price }
              invoices { amount } } }
            """
        #expect(
            try await self.domains.run(document) == """
                {"data":{"customer":{"id":"42","networkStatus":{"connectionStatus":"online"},\
                "devices":[{"deviceName":"ONT-Main","isOnline":false}],\
                "tickets":[{"ticketNumber":"T-1","status":"open"}],"activities":[{"title":"Called back"}],\
                "notes":[{"subject":"Dog"}],"subscriptions":[{"plan":"Fibre 1000","price":"49.9"}],\
                "invoices":[{"amount":"12345678901234567890.10"}]}}}
                """)
        #expect(try await self.domains.run(document, as: Self.globex) == #"{"data":{"customer":null}}"#)
    }

    @Test("In an overview the newest comes first, what is deleted is gone, and the oldest is forgotten")
    func overviewLists() async throws {
        let publisher = CustomerEventPublisher(self.domains.environment)
        for number in 1...25 {
            _ = try await publisher.publishNoteUpdate(
                tenant: "public", customerID: "7", action: "created",
                note: ["id": .string("n\(number)"), "subject": "s", "content": "c", "is_internal": false])
        }
        _ = try await publisher.publishNoteUpdate(
            tenant: "public", customerID: "7", action: "deleted", note: ["id": "n25"])
        _ = try await publisher.publishNoteUpdate(
            tenant: "public", customerID: "7", action: "updated",
            note: ["id": "n10", "subject": "s", "content": "c", "is_internal": false])
        let response = try await self.domains.run(#"{ customer(id: "7") { notes { id } } }"#)
        let ids = (["n10"] + (6...24).reversed().filter { $0 != 10 }.map { "n\($0)" }).map { #"{"id":"\#($0)"}"# }
        #expect(response == #"{"data":{"customer":{"notes":[\#(ids.joined(separator: ","))]}}}"#)
    }

    @Test("An event that is too large is refused, and an overview that has grown too large begins anew")
    func sizes() async throws {
        let publisher = CustomerEventPublisher(self.domains.environment)
        func add(_ number: Int, bytes: Int) async throws {
            _ = try await publisher.publishActivity(
                tenant: "public", customerID: "7", activityID: "a\(number)", activityType: "call",
                title: String(repeating: "x", count: bytes))
        }
        await #expect {
            try await add(0, bytes: CustomerEventPublisher.maximumBytes)
        } throws: { error in
            (error as? GraphQLError)?.extensions?["code"] == "BAD_USER_INPUT"
        }
        for number in 1...5 { try await add(number, bytes: 60_000) }
        #expect(
            try await self.domains.run(#"{ customer(id: "7") { activities { id } } }"#)
                == #"{"data":{"customer":{"activities":[{"id":"a5"}]}}}"#)
    }

    @Test("Each method of the Swift API publishes a whole event")
    func swiftAPI() async throws {
        let publisher = CustomerEventPublisher(self.domains.environment)
        var subscribers: [Subscriber] = []
        for sample in CustomerSample.all {
            subscribers.append(try await self.domains.subscribe(sample.subscribe, variables: ["id": "42"]))
        }
        let counts = [
            try await publisher.publishNetworkStatusUpdate(
                tenant: "public", customerID: "42", connectionStatus: "online"),
            try await publisher.publishDeviceUpdate(
                tenant: "public", customerID: "42", deviceID: "d", deviceType: "ONT", deviceName: "n", status: "active",
                healthStatus: "healthy", isOnline: true, changeType: "status"),
            try await publisher.publishTicketUpdate(
                tenant: "public", customerID: "42", action: "created",
                ticket: ["id": 1, "ticket_number": "T", "title": "t", "status": "open", "priority": "high"]),
            try await publisher.publishActivity(
                tenant: "public", customerID: "42", activityType: "call", title: "t"),
            try await publisher.publishNoteUpdate(
                tenant: "public", customerID: "42", action: "created",
                note: ["id": "n", "subject": "s", "content": "c", "is_internal": true]),
            try await publisher.publishSubscriptionUpdate(
                tenant: "public", customerID: "42", subscriptionID: "s", action: "created", plan: "p", status: "active",
                details: ["price": 9.5]),
            try await publisher.publishBillingUpdate(
                tenant: "public", customerID: "42", invoiceID: "i", action: "issued", amount: "1.10", currency: "EUR",
                status: "open"),
        ]
        #expect(counts == Array(repeating: 1, count: 7))
        for (sample, subscriber) in zip(CustomerSample.all, subscribers) {
            let responses = await subscriber.all()
            #expect(responses.count == 1)
            #expect(
                responses.first?.hasPrefix(#"{"data":{"\#(sample.event.subscription)":{""#) == true,
                "\(responses)")
            subscriber.cancellation.cancel()
        }
    }
}
