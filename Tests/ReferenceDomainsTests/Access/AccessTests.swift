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

    @Test("Identities that differ in anything are not served together")
    func sharing() {
        let identities = [
            Identity(tenant: "a"), Identity(tenant: "b"), Identity(tenant: "a", user: ""),
            Identity(tenant: "a", user: "u"), Identity(tenant: "a", user: "u", name: "n"),
            Identity(tenant: "a", user: "u", roles: ["x"]), Identity(tenant: "a", user: "u", permissions: ["x"]),
            Identity(tenant: "a", user: "u", teams: ["x"]), Identity(tenant: "a", user: "u", teams: ["x", "y"]),
            Identity(tenant: "a", isUnrestricted: true), Identity(tenant: "a1:u", user: ""),
        ]
        #expect(Set(identities.map(\.sharingIdentity)).count == identities.count)
        #expect(
            Identity(tenant: "a", roles: ["x", "y"]).sharingIdentity
                == Identity(tenant: "a", roles: ["y", "x"]).sharingIdentity)
    }

    @Test("What is missing and what is another's are told alike")
    func notFound() {
        #expect(Access.notFound("ticket") == Access.notFound("ticket"))
        #expect(Access.notFound("ticket").message == "There is no such ticket.")
        #expect(Access.notFound("ticket").extensions == ["code": "NOT_FOUND"])
    }
}
