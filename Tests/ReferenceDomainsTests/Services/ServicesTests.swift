import GraphQLCore
import PubSub
import ReferenceDomains
import Synchronization
import Testing

@Suite("Services", .timeLimit(.minutes(1)))
struct ServicesTests {
    private static let globex = Identity(tenant: "globex", isUnrestricted: true)
    private static let fields = "id name description status owner createdAt updatedAt version"
    private static let time = "2025-10-16T09:30:01Z"

    let domains: DomainHarness

    init() throws {
        let numbers = Mutex(0)
        self.domains = try DomainHarness(
            now: { Self.time },
            makeID: {
                numbers.withLock { number in
                    number += 1
                    return "s\(number)"
                }
            })
    }

    private func watch(_ field: String, _ selection: String, as identity: Identity = DomainHarness.anybody)
        async throws -> Subscriber
    {
        try await self.domains.subscribe("subscription { \(field) { \(selection) } }", as: identity)
    }

    private func service(_ status: String, version: Int, name: String = "Mail", description: String = "null") -> String
    {
        """
        {"id":"s1","name":"\(name)","description":\(description),"status":"\(status)","owner":"anonymous",\
        "createdAt":"\(Self.time)","updatedAt":"\(Self.time)","version":\(version)}
        """
    }

    @Test("Every change of a service is told once, in order, with its version")
    func life() async throws {
        let updates = try await self.watch("serviceUpdated", Self.fields)
        let own = try await self.watch(#"serviceUpdated(serviceId: "s1")"#, "version")
        let other = try await self.watch(#"serviceUpdated(serviceId: "s2")"#, "version")
        let statuses = try await self.watch(
            "serviceStatusChanged",
            "serviceId previousStatus status reason changedBy changedAt service { version }")
        let foreign = try await self.watch("serviceUpdated", "id", as: Self.globex)
        let created = try await self.domains.run(
            #"mutation { createService(input: {name: "Mail"}) { \#(Self.fields) } }"#)
        #expect(created == #"{"data":{"createService":\#(self.service("ACTIVE", version: 1))}}"#)
        for mutation in [
            #"updateService(id: "s1", input: {description: "For all"}, expectedVersion: 1) { version }"#,
            #"changeServiceStatus(id: "s1", status: DEGRADED, reason: "disk") { version }"#,
            #"deleteService(id: "s1") { version }"#,
        ] {
            let answer = try await self.domains.run("mutation { \(mutation) }")
            #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
        }
        let described = #""For all""#
        #expect(
            await updates.all()
                == [
                    self.service("ACTIVE", version: 1), self.service("ACTIVE", version: 2, description: described),
                    self.service("DEGRADED", version: 3, description: described),
                    self.service("RETIRED", version: 4, description: described),
                ].map { #"{"data":{"serviceUpdated":\#($0)}}"# })
        #expect(await own.all() == (1...4).map { #"{"data":{"serviceUpdated":{"version":\#($0)}}}"# })
        #expect(await other.all() == [])
        #expect(await foreign.all() == [])
        #expect(
            await statuses.all()
                == [
                    """
                    {"serviceId":"s1","previousStatus":"ACTIVE","status":"DEGRADED","reason":"disk",\
                    "changedBy":"anonymous","changedAt":"\(Self.time)","service":{"version":3}}
                    """,
                    """
                    {"serviceId":"s1","previousStatus":"DEGRADED","status":"RETIRED","reason":"deleted",\
                    "changedBy":"anonymous","changedAt":"\(Self.time)","service":{"version":4}}
                    """,
                ].map { #"{"data":{"serviceStatusChanged":\#($0)}}"# })
        #expect(try await self.domains.run("{ services { id } }") == #"{"data":{"services":[]}}"#)
        for subscriber in [updates, own, other, statuses, foreign] { subscriber.cancellation.cancel() }
        #expect(self.domains.bus.channelCount == 0)
    }

    @Test("A request makes a pending service of whoever asks, and is told with it")
    func request() async throws {
        let requests = try await self.watch(
            "newServiceRequest", "id service { id status owner } requestedBy requestedByName justification requestedAt")
        let updates = try await self.watch("serviceUpdated", "id status")
        let asker = Identity(tenant: "public", user: "u7", name: "Ann")
        let answer = try await self.domains.run(
            #"mutation { requestService(input: {name: "VPN", justification: "home"}) { id service { version } } }"#,
            as: asker)
        #expect(answer == #"{"data":{"requestService":{"id":"s2","service":{"version":1}}}}"#)
        #expect(
            await requests.all() == [
                """
                {"data":{"newServiceRequest":{"id":"s2","service":{"id":"s1","status":"PENDING","owner":"u7"},\
                "requestedBy":"u7","requestedByName":"Ann","justification":"home","requestedAt":"\(Self.time)"}}}
                """
            ])
        #expect(await updates.all() == [#"{"data":{"serviceUpdated":{"id":"s1","status":"PENDING"}}}"#])
        for subscriber in [requests, updates] { subscriber.cancellation.cancel() }
    }

    @Test(
        "What fails publishes nothing and changes nothing",
        arguments: [
            (#"createService(input: {name: ""}) { id }"#, "BAD_USER_INPUT"),
            (#"updateService(id: "s1", input: {}) { id }"#, "BAD_USER_INPUT"),
            (#"updateService(id: "s1", input: {name: null}) { id }"#, "BAD_USER_INPUT"),
            (#"updateService(id: "s1", input: {name: "x"}, expectedVersion: 7) { id }"#, "CONFLICT"),
            (#"updateService(id: "nope", input: {name: "x"}) { id }"#, "NOT_FOUND"),
            (#"changeServiceStatus(id: "s1", status: ACTIVE) { id }"#, "BAD_USER_INPUT"),
            (#"changeServiceStatus(id: "nope", status: ACTIVE) { id }"#, "NOT_FOUND"),
            (#"deleteService(id: "s1", expectedVersion: 2) { id }"#, "CONFLICT"),
            (#"deleteService(id: "nope") { id }"#, "NOT_FOUND"),
            (#"requestService(input: {name: ""}) { id }"#, "BAD_USER_INPUT"),
        ])
    func failures(mutation: String, code: String) async throws {
        _ = try await self.domains.run(#"mutation { createService(input: {name: "Mail"}) { id } }"#)
        var subscribers: [Subscriber] = []
        for field in ["serviceUpdated", "newServiceRequest", "serviceStatusChanged"] {
            subscribers.append(try await self.watch(field, "__typename"))
        }
        let answer = try await self.domains.run("mutation { \(mutation) }")
        #expect(answer.contains(#""code":"\#(code)""#), "\(answer)")
        for subscriber in subscribers {
            #expect(await subscriber.all() == [])
            subscriber.cancellation.cancel()
        }
        #expect(
            try await self.domains.run("{ services { id version } }")
                == #"{"data":{"services":[{"id":"s1","version":1}]}}"#)
    }

    @Test("A retired service keeps its status, and another tenant's service does not exist")
    func bounds() async throws {
        _ = try await self.domains.run(#"mutation { createService(input: {name: "x", status: RETIRED}) { id } }"#)
        #expect(
            try await self.domains.run(#"mutation { changeServiceStatus(id: "s1", status: ACTIVE) { id } }"#)
                .contains("BAD_USER_INPUT"))
        let absent = try await self.domains.run(#"mutation { deleteService(id: "s9") { id } }"#)
        let foreign = try await self.domains.run(#"mutation { deleteService(id: "s1") { id } }"#, as: Self.globex)
        #expect(absent == foreign)
        #expect(
            try await self.domains.run(#"{ service(id: "s1") { id } services(status: PENDING) { id } }"#)
                == #"{"data":{"service":{"id":"s1"},"services":[]}}"#)
        #expect(
            try await self.domains.run(#"{ service(id: "s1") { id } }"#, as: Self.globex)
                == #"{"data":{"service":null}}"#)
    }

    @Test("A service that would grow too large is refused and tells nobody")
    func size() async throws {
        _ = try await self.domains.run(#"mutation { createService(input: {name: "Mail"}) { id } }"#)
        let updates = try await self.watch("serviceUpdated", "version")
        let answer = try await self.domains.run(
            #"mutation($d: String!) { updateService(id: "s1", input: {description: $d}) { id } }"#,
            variables: ["d": .string(String(repeating: "x", count: 300_000))])
        #expect(answer.contains(#""code":"LIMIT_EXCEEDED""#))
        #expect(await updates.all() == [])
        updates.cancellation.cancel()
    }

    @Test("Of many changes at once none is lost, and each is told")
    func concurrentChanges() async throws {
        _ = try await self.domains.run(#"mutation { createService(input: {name: "0"}) { id } }"#)
        let updates = try await self.watch("serviceUpdated", "version")
        let domains = self.domains
        await withTaskGroup(of: Void.self) { group in
            for number in 1...40 {
                group.addTask {
                    _ = try? await domains.run(
                        #"mutation { updateService(id: "s1", input: {name: "\#(number)"}) { id } }"#)
                }
            }
        }
        // The writers publish in the order of the versions.
        #expect(await updates.all() == (2...41).map { #"{"data":{"serviceUpdated":{"version":\#($0)}}}"# })
        updates.cancellation.cancel()
    }
}
