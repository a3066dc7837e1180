import GraphQLCore
import PubSub
import ReferenceDomains
import Testing

@Suite("Tenancy", .timeLimit(.minutes(1)))
struct TenancyTests {
    private static let acme = Identity(tenant: "acme", user: "u", permissions: ["events:publish"])
    private static let globex = Identity(tenant: "globex", user: "u", permissions: ["events:publish"])
    private static let watch = "subscription { customerNetworkStatusUpdated(customerId: 42) { connectionStatus } }"

    private func publish(_ status: String, as identity: Identity, on domains: DomainHarness) async throws {
        let response = try await domains.run(
            """
            mutation($s: String!) {
              publishCustomerNetworkStatus(input: {customerId: 42, connectionStatus: $s}) { receivers }
            }
            """, variables: ["s": .string(status)], as: identity)
        #expect(!response.contains("errors"))
    }

    private func event(_ status: String) -> String {
        #"{"data":{"customerNetworkStatusUpdated":{"connectionStatus":"\#(status)"}}}"#
    }

    @Test("Two tenants with one customer id see their own events only", arguments: ChannelNames.Layout.allCases)
    func separate(layout: ChannelNames.Layout) async throws {
        let domains = try DomainHarness(channels: ChannelNames(layout: layout))
        let acme = try await domains.subscribe(Self.watch, as: Self.acme)
        let globex = try await domains.subscribe(Self.watch, as: Self.globex)
        #expect(acme.sharingKey != globex.sharingKey)
        try await self.publish("of acme", as: Self.acme, on: domains)
        try await self.publish("of globex", as: Self.globex, on: domains)
        #expect(await acme.all() == [self.event("of acme")])
        #expect(await globex.all() == [self.event("of globex")])
    }

    @Test("What a tenant has seen of a customer is shown to nobody else", arguments: ChannelNames.Layout.allCases)
    func latest(layout: ChannelNames.Layout) async throws {
        let domains = try DomainHarness(channels: ChannelNames(layout: layout))
        let acme = try await domains.subscribe(Self.watch, as: Self.acme)
        try await self.publish("of acme", as: Self.acme, on: domains)
        acme.cancellation.cancel()
        let query = #"{ customer(id: "42") { networkStatus { connectionStatus } } }"#
        #expect(try await domains.run(query, as: Self.acme).contains("of acme"))
        #expect(try await domains.run(query, as: Self.globex) == #"{"data":{"customer":null}}"#)
    }

    @Test("A message of another tenant on one's channel is skipped")
    func delivery() async throws {
        let domains = try DomainHarness()
        let acme = try await domains.subscribe(Self.watch, as: Self.acme)
        let channel = "acme:customer:42:network_status"
        for owner in [#""globex""#, #""ACME""#, #""acme ""#, "7", "true", "[]", "{}"] {
            _ = try await domains.publish(#"{"tenant_id":\#(owner),"connection_status":"stolen"}"#, on: channel)
        }
        for owner in [#""acme""#, "null"] {
            _ = try await domains.publish(#"{"tenant_id":\#(owner),"connection_status":"own"}"#, on: channel)
        }
        #expect(await acme.all() == [self.event("own"), self.event("own")])
        #expect(domains.skipped.all.count == 7)
    }

    @Test("Where channels name no tenant, a message that names none is the default tenant's")
    func seed() async throws {
        let domains = try DomainHarness(channels: ChannelNames(layout: .seed, defaultTenant: "globex"))
        let acme = try await domains.subscribe(Self.watch, as: Self.acme)
        let globex = try await domains.subscribe(Self.watch, as: Self.globex)
        let channel = "customer:42:network_status"
        _ = try await domains.publish(#"{"connection_status":"of nobody"}"#, on: channel)
        _ = try await domains.publish(#"{"tenant_id":"acme","connection_status":"of acme"}"#, on: channel)
        #expect(await acme.all() == [self.event("of acme")])
        #expect(await globex.all() == [self.event("of nobody")])
    }

    @Test("Topics are a tenant's own in every layout", arguments: ChannelNames.Layout.allCases)
    func topics(layout: ChannelNames.Layout) async throws {
        let domains = try DomainHarness(channels: ChannelNames(layout: layout))
        let acme = try await domains.subscribe(#"subscription { topic(name: "t") }"#, as: Self.acme)
        let globex = try await domains.subscribe(#"subscription { topic(name: "t") }"#, as: Self.globex)
        for (identity, value) in [(Self.acme, "a"), (Self.globex, "g")] {
            _ = try await domains.run(
                "mutation($v: String!) { publish(name: \"t\", value: $v) }", variables: ["v": .string(value)],
                as: identity)
        }
        #expect(await acme.all() == [#"{"data":{"topic":"a"}}"#])
        #expect(await globex.all() == [#"{"data":{"topic":"g"}}"#])
    }

    @Test("A tenant in an argument has to be one's own")
    func claimed() throws {
        let channels = try ChannelNames()
        #expect(try channels.of(Self.acme, claimedTenant: "acme").tenant == "acme")
        for claim in ["globex", "ACME", "", "*", "nowhere"] {
            #expect {
                try channels.of(Self.acme, claimedTenant: claim)
            } throws: { error in
                (error as? GraphQLError)?.extensions == ["code": "FORBIDDEN"]
                    && (error as? GraphQLError)?.message == "This is not your tenant."
            }
        }
    }

    @Test("A customer of another tenant is told like none, unless the server is broken so")
    func existence() async throws {
        for (faults, isTold) in [([], false), (.existenceTold, true)] as [(DomainFaults, Bool)] {
            let domains = try DomainHarness(channels: ChannelNames(faults: faults))
            let acme = try await domains.subscribe(Self.watch, as: Self.acme)
            try await self.publish("x", as: Self.acme, on: domains)
            acme.cancellation.cancel()
            let absent = try await domains.run(#"{ customer(id: "43") { id } }"#, as: Self.globex)
            #expect(absent == #"{"data":{"customer":null}}"#)
            let foreign = try await domains.run(#"{ customer(id: "42") { id } }"#, as: Self.globex)
            #expect((foreign != absent) == isTold)
        }
    }

    @Test("The faults are faults")
    func faults() async throws {
        let trusting = try ChannelNames(faults: .tenantFromArgument)
        #expect(try trusting.of(Self.acme, claimedTenant: "globex").tenant == "globex")
        let domains = try DomainHarness(channels: ChannelNames(layout: .seed, faults: .deliveryUnchecked))
        let acme = try await domains.subscribe(Self.watch, as: Self.acme)
        try await self.publish("of globex", as: Self.globex, on: domains)
        #expect(await acme.all() == [self.event("of globex")])
    }
}
