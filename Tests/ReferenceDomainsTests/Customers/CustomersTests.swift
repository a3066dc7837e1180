import GraphQLCore
import PubSub
import ReferenceDomains
import Testing

@Suite("Customers", .timeLimit(.minutes(1)))
struct CustomersTests {
    static let channel = "public:customer:42:network_status"
    static let allFields = """
        customerId connectionStatus lastSeenAt ipv4Address ipv6Address macAddress vlanId signalStrength signalQuality \
        uptimeSeconds uptimePercentage bandwidthUsageMbps downloadSpeedMbps uploadSpeedMbps packetLoss latencyMs \
        jitter ontRxPower ontTxPower oltRxPower serviceStatus updatedAt
        """

    let domains: DomainHarness

    init() throws {
        self.domains = try DomainHarness()
    }

    private func watch(_ fields: String, on domains: DomainHarness? = nil) async throws -> Subscriber {
        try await (domains ?? self.domains).subscribe(
            "subscription($id: ID!) { customerNetworkStatusUpdated(customerId: $id) { \(fields) } }",
            variables: ["id": "42"])
    }

    /// The payload of one event with the given members, for the given selection.
    private func event(_ message: String, _ fields: String) async throws -> [String] {
        let subscriber = try await self.watch(fields)
        _ = try await self.domains.publish(message, on: Self.channel)
        subscriber.cancellation.cancel()
        return await subscriber.all()
    }

    @Test("Every field of a whole message")
    func everyField() async throws {
        let message = """
            {"customer_id":"42","connection_status":"online","last_seen_at":"2025-10-16T09:30:00Z",\
            "ipv4_address":"10.0.0.1","ipv6_address":"fe80::1","mac_address":"02:00:00:00:00:01","vlan_id":7,\
            "signal_strength":85,"signal_quality":92,"uptime_seconds":86400,"uptime_percentage":"99.98",\
            "bandwidth_usage_mbps":45.5,"download_speed_mbps":"940.25","upload_speed_mbps":1,"packet_loss":0.01,\
            "latency_ms":12,"jitter":"0.5","ont_rx_power":-21.5,"ont_tx_power":2.25,"olt_rx_power":-22,\
            "service_status":"active","updated_at":"2025-10-16T09:30:01.5+00:00","unknown":{"a":[1]}}
            """
        let expected = """
            {"data":{"customerNetworkStatusUpdated":{"customerId":"42","connectionStatus":"online",\
            "lastSeenAt":"2025-10-16T09:30:00Z","ipv4Address":"10.0.0.1","ipv6Address":"fe80::1",\
            "macAddress":"02:00:00:00:00:01","vlanId":7,"signalStrength":85,"signalQuality":92,\
            "uptimeSeconds":86400,"uptimePercentage":99.98,"bandwidthUsageMbps":45.5,"downloadSpeedMbps":940.25,\
            "uploadSpeedMbps":1,"packetLoss":0.01,"latencyMs":12,"jitter":0.5,"ontRxPower":-21.5,\
            "ontTxPower":2.25,"oltRxPower":-22,"serviceStatus":"active","updatedAt":"2025-10-16T09:30:01.5+00:00"}}}
            """
        #expect(try await self.event(message, Self.allFields) == [expected])
    }

    @Test("What a publisher leaves out or sets to null is null")
    func absentFields() async throws {
        let response = try await self.event(
            #"{"connection_status":"offline","latency_ms":null}"#, "customerId connectionStatus latencyMs vlanId")
        #expect(
            response == [
                #"{"data":{"customerNetworkStatusUpdated":{"customerId":"42","connectionStatus":"offline","latencyMs":null,"vlanId":null}}}"#
            ])
    }

    @Test("Whole numbers are understood in the forms that publishers write", arguments: ["7", "7.0", "\"7\""])
    func wholeNumbers(text: String) async throws {
        let response = try await self.event(#"{"vlan_id":\#(text)}"#, "vlanId")
        #expect(response == [#"{"data":{"customerNetworkStatusUpdated":{"vlanId":7}}}"#])
    }

    @Test(
        "A value of the wrong type fails its field and nothing else",
        arguments: [
            ("vlanId", #""vlan_id":"seven""#), ("vlanId", #""vlan_id":7.5"#), ("latencyMs", #""latency_ms":"fast""#),
            ("jitter", #""jitter":"nan""#), ("lastSeenAt", #""last_seen_at":"yesterday""#),
            ("ipv4Address", #""ipv4_address":{"a":1}"#),
        ])
    func wrongTypes(field: String, member: String) async throws {
        let responses = try await self.event(#"{"connection_status":"online",\#(member)}"#, "connectionStatus \(field)")
        try #require(responses.count == 1)
        #expect(
            responses[0].contains(
                #""data":{"customerNetworkStatusUpdated":{"connectionStatus":"online","\#(field)":null}}"#))
        #expect(responses[0].contains(#""path":["customerNetworkStatusUpdated","\#(field)"]"#))
    }

    @Test("A missing field that must not be null fails the event, and the stream goes on")
    func missingRequired() async throws {
        let subscriber = try await self.watch("connectionStatus")
        _ = try await self.domains.publish("{}", on: Self.channel)
        _ = try await self.domains.publish(#"{"connection_status":"online"}"#, on: Self.channel)
        let responses = await subscriber.all()
        try #require(responses.count == 2)
        #expect(responses[0].contains(#""data":null"#))
        #expect(responses[1] == #"{"data":{"customerNetworkStatusUpdated":{"connectionStatus":"online"}}}"#)
    }

    @Test(
        "Messages that cannot be used are skipped with a reason, and the stream goes on",
        arguments: [
            ("", "not JSON"), ("{", "not JSON"), ("nonsense", "not JSON"), ("{} {}", "not JSON"),
            ("null", "not a JSON object"), ("[1]", "not a JSON object"), ("\"{}\"", "not a JSON object"),
            (#"{"customer_id":"43"}"#, "customer_id is that of another customer"),
            (#"{"customer_id":{"a":42}}"#, "customer_id is that of another customer"),
            (#"{"tenant_id":"globex"}"#, "tenant_id is that of another tenant"),
            (String(repeating: "[", count: 100_000), "not JSON"),
        ])
    func skips(message: String, reason: String) async throws {
        let subscriber = try await self.watch("connectionStatus")
        _ = try await self.domains.publish(message, on: Self.channel)
        _ = try await self.domains.publish(
            #"{"customer_id":42,"tenant_id":"public","connection_status":"online"}"#, on: Self.channel)
        #expect(
            await subscriber.all() == [#"{"data":{"customerNetworkStatusUpdated":{"connectionStatus":"online"}}}"#])
        try #require(self.domains.skipped.all.count == 1)
        #expect(self.domains.skipped.all[0].hasPrefix("\(Self.channel): \(reason)"))
    }

    @Test("Bytes that are no UTF-8 are skipped")
    func skipsInvalidUTF8() async throws {
        let subscriber = try await self.watch("connectionStatus")
        _ = try await self.domains.bus.publish(
            Array(#"{"connection_status":""#.utf8) + [0xFF] + Array(#""}"#.utf8), to: ChannelName(Self.channel))
        #expect(await subscriber.all() == [])
        #expect(self.domains.skipped.all.count == 1)
    }

    @Test("Subscribers of one customer may share a source, those of two may not")
    func sharing() async throws {
        let one = try await self.watch("customerId")
        let same = try await self.watch("connectionStatus")
        let other = try await self.domains.subscribe(
            #"subscription { customerNetworkStatusUpdated(customerId: "43") { customerId } }"#)
        #expect(one.sharingKey != nil)
        #expect(one.sharingKey == same.sharingKey)
        #expect(one.sharingKey != other.sharingKey)
        for subscriber in [one, same, other] { subscriber.cancellation.cancel() }
        #expect(self.domains.bus.channelCount == 0)
    }

    @Test("An id that would change the channel is refused", arguments: ["42:network_status", "*", "a\nb", ""])
    func refusesIDs(id: String) async throws {
        await #expect {
            _ = try await self.domains.subscribe(
                "subscription($id: ID!) { customerNetworkStatusUpdated(customerId: $id) { customerId } }",
                variables: ["id": .string(id)])
        } throws: { error in
            (error as? RequestError)?.errors.first?.message.hasPrefix("Argument \"customerId\" cannot be used") == true
        }
        let response = try await self.domains.run(
            """
            mutation($id: ID!) {
              publishCustomerNetworkStatus(input: {customerId: $id, connectionStatus: "online"}) { receivers }
            }
            """, variables: ["id": .string(id)])
        #expect(response.contains("BAD_USER_INPUT"))
    }

    @Test("The mutation publishes what its input says, under the names of messages")
    func publishes() async throws {
        let raw = try await RawListener(Self.channel, on: self.domains.bus)
        let subscriber = try await self.watch("connectionStatus ipv4Address latencyMs ontRxPower vlanId")
        let response = try await self.domains.run(
            """
            mutation {
              publishCustomerNetworkStatus(input: {
                customerId: 42, connectionStatus: "online", ipv4Address: "10.0.0.1", latencyMs: 12.5,
                ontRxPower: -21.5, vlanId: null, updatedAt: "2025-10-16T09:30:00Z"
              }) { receivers }
            }
            """)
        #expect(response == #"{"data":{"publishCustomerNetworkStatus":{"receivers":2}}}"#)
        let responses = await subscriber.all()
        #expect(
            responses == [
                #"{"data":{"customerNetworkStatusUpdated":{"connectionStatus":"online","ipv4Address":"10.0.0.1","latencyMs":12.5,"ontRxPower":-21.5,"vlanId":null}}}"#
            ])
        let message = try #require(await raw.next().objectValue)
        #expect(message["tenant_id"] == "public")
        #expect(message["customer_id"] == "42")
        #expect(message["connection_status"] == "online")
        #expect(message["ipv4_address"] == "10.0.0.1")
        #expect(message["latency_ms"] == 12.5)
        #expect(message["ont_rx_power"]?.doubleValue == -21.5)
        #expect(message["updated_at"] == "2025-10-16T09:30:00Z")
    }

    @Test("The Swift API publishes details as they are, and the time")
    func publisher() async throws {
        let raw = try await RawListener(Self.channel, on: self.domains.bus)
        let publisher = CustomerEventPublisher(
            try DomainHarness(bus: self.domains.bus, now: { "2025-10-16T09:30:00Z" }).environment)
        let receivers = try await publisher.publishNetworkStatusUpdate(
            tenant: "public", customerID: "42", connectionStatus: "online",
            details: ["signal_strength": 85, "customer_id": "43", "tenant_id": "globex"])
        #expect(receivers == 1)
        #expect(
            await raw.next() == [
                "tenant_id": "public", "customer_id": "42", "connection_status": "online", "signal_strength": 85,
                "updated_at": "2025-10-16T09:30:00Z",
            ])
    }

    @Test("A message without a time is given the time of publishing, as a DateTime")
    func time() async throws {
        let subscriber = try await self.watch("updatedAt")
        _ = try await self.domains.run(
            #"mutation { publishCustomerNetworkStatus(input: {customerId: 42, connectionStatus: "x"}) { receivers } }"#)
        let response = try #require(await subscriber.all().first)
        let pattern = try Regex(
            #"\{"data":\{"customerNetworkStatusUpdated":\{"updatedAt":"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"\}\}\}"#)
        #expect(response.wholeMatch(of: pattern) != nil, "\(response)")
    }

    @Test("customer(id:) shows the newest status that passed")
    func latest() async throws {
        let subscriber = try await self.watch("customerId")
        _ = try await self.domains.publish(#"{"connection_status":"online"}"#, on: Self.channel)
        _ = try await self.domains.publish(#"{"connection_status":"offline"}"#, on: Self.channel)
        subscriber.cancellation.cancel()
        let response = try await self.domains.run(#"{ customer(id: "42") { id networkStatus { connectionStatus } } }"#)
        #expect(response == #"{"data":{"customer":{"id":"42","networkStatus":{"connectionStatus":"offline"}}}}"#)
    }

    @Test("The layout without tenants listens where its publishers publish")
    func seedLayout() async throws {
        let domains = try DomainHarness(channels: ChannelNames(layout: .seed))
        let subscriber = try await self.watch("signalStrength", on: domains)
        #expect(try await domains.publish(#"{"signal_strength":85}"#, on: "customer:42:network_status") == 1)
        #expect(await subscriber.all() == [#"{"data":{"customerNetworkStatusUpdated":{"signalStrength":85}}}"#])
    }

    @Test("Without the fixture the schema has none of it")
    func withoutFixture() throws {
        let schema = ReferenceSchema(
            DomainEnvironment(bus: InMemoryBus(), channels: try ChannelNames(), state: MemoryStore()), fixture: nil)
        let engine = try GraphQLEngine(schema: Schema(sdl: schema.sources), resolvers: schema.resolvers)
        #expect(engine.schema.queryType.field("hello") == nil)
        #expect(engine.schema.queryType.field("customer") != nil)
    }
}
