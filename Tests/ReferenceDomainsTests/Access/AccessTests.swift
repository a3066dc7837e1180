import GraphQLCore
import PubSub
import ReferenceDomains
import Testing

@Suite("Access", .timeLimit(.minutes(1)))
struct AccessTests {
    private static let publish =
        #"mutation { publishCustomerNetworkStatus(input: {customerId: 42, connectionStatus: "x"}) { receivers } }"#

    @Test("Publishing needs its permission")
    func permission() async throws {
        let domains = try DomainHarness()
        let publisher = Identity(tenant: "acme", user: "u", permissions: ["events:publish"])
        #expect(
            try await domains.run(Self.publish, as: publisher)
                == #"{"data":{"publishCustomerNetworkStatus":{"receivers":0}}}"#)
        let reader = Identity(tenant: "acme", user: "u", permissions: ["events:publish2", "EVENTS:PUBLISH", "events"])
        let response = try await domains.run(Self.publish, as: reader)
        #expect(response.contains(#""extensions":{"code":"FORBIDDEN"}"#))
        #expect(response.contains(#""data":null"#))
        let nobody = try await domains.run(Self.publish, as: Identity(tenant: "acme"))
        #expect(nobody.contains(#""extensions":{"code":"UNAUTHENTICATED"}"#))
    }

    @Test("A refused publisher has published nothing")
    func nothingPublished() async throws {
        let domains = try DomainHarness()
        let subscriber = try await domains.subscribe(
            "subscription { customerNetworkStatusUpdated(customerId: 42) { customerId } }")
        _ = try await domains.run(Self.publish, as: Identity(tenant: "public", user: "u"))
        _ = try await domains.run(Self.publish)
        #expect(await subscriber.all() == [#"{"data":{"customerNetworkStatusUpdated":{"customerId":"42"}}}"#])
    }

    @Test("Roles", arguments: [(["ADMIN"], true), (["SUPPORT_AGENT", "X"], true), (["admin"], false), ([], false)])
    func roles(roles: [String], isAllowed: Bool) throws {
        let identity = Identity(tenant: "acme", user: "u", roles: Set(roles))
        #expect(["ADMIN", "SUPPORT_AGENT"].contains(where: identity.has(role:)) == isAllowed)
    }

    @Test("Identities that differ in anything but the person are not served together")
    func sharing() {
        let identities = [
            Identity(tenant: "a"), Identity(tenant: "b"), Identity(tenant: "a", user: "u"),
            Identity(tenant: "a", user: "u", roles: ["x"]), Identity(tenant: "a", user: "u", permissions: ["x"]),
            Identity(tenant: "a", user: "u", teams: ["x"]), Identity(tenant: "a", user: "u", teams: ["x", "y"]),
            Identity(tenant: "a", isUnrestricted: true), Identity(tenant: "a1:-"),
        ]
        #expect(Set(identities.map(\.sharingIdentity)).count == identities.count)
        #expect(Set(identities.map(\.personal)).count == identities.count)
        #expect(
            Identity(tenant: "a", roles: ["x", "y"]).sharingIdentity
                == Identity(tenant: "a", roles: ["y", "x"]).sharingIdentity)
    }

    @Test("Colleagues are served together, as nobody in particular; what is personal stays apart")
    func colleagues() throws {
        let people = [
            Identity(tenant: "a", user: "u", name: "n", roles: ["x"]),
            Identity(tenant: "a", user: "u", name: "m", roles: ["x"]),
            Identity(tenant: "a", user: "v", roles: ["x"]), Identity(tenant: "a", user: "", roles: ["x"]),
        ]
        #expect(Set(people.map(\.sharingIdentity)).count == 1)
        #expect(Set(people.map(\.personal)).count == people.count)
        for person in people {
            let shared = try #require(person.shared as? Identity)
            #expect(shared == Identity(tenant: "a", user: "", roles: ["x"]))
            #expect(shared.sharingIdentity == person.sharingIdentity)
        }
    }

    @Test("Who is allowed the same has it from one object, and nobody else has")
    func grants() {
        let book = GrantBook()
        let first = book.shared(Identity(tenant: "a", user: "u", permissions: ["x"]))
        let second = book.shared(Identity(tenant: "a", user: "v", name: "n", permissions: ["x"]))
        let other = book.shared(Identity(tenant: "b", user: "u", permissions: ["x"]))
        #expect(first.grants === second.grants && first.grants !== other.grants)
        #expect(second == Identity(tenant: "a", user: "v", name: "n", permissions: ["x"]))
        #expect(other == Identity(tenant: "b", user: "u", permissions: ["x"]))
    }

    @Test("A book of grants that is full goes on")
    func manyGrants() {
        let book = GrantBook()
        for number in 0..<3000 {
            let identity = Identity(tenant: "t\(number)", user: "u")
            #expect(book.shared(identity) == identity)
        }
    }

    @Test("What is missing and what is another's are told alike")
    func notFound() {
        #expect(Access.notFound("ticket") == Access.notFound("ticket"))
        #expect(Access.notFound("ticket").message == "There is no such ticket.")
        #expect(Access.notFound("ticket").extensions == ["code": "NOT_FOUND"])
    }
}
