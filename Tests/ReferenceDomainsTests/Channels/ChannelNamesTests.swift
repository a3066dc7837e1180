import GraphQLCore
import PubSub
import ReferenceDomains
import Testing

@Suite("Channel names of the domains")
struct ChannelNamesTests {
    @Test("Layouts")
    func layouts() throws {
        let tenant = try ChannelNames(prefix: "rt:", layout: .tenant).of(tenant: "acme")
        #expect(try tenant.customer("42", "network_status").description == "rt:acme:customer:42:network_status")
        #expect(try tenant.topic("t").description == "rt:acme:topic:t")
        let seed = try ChannelNames(layout: .seed).of(tenant: "acme")
        #expect(try seed.customer("42", "network_status").description == "customer:42:network_status")
        #expect(try seed.topic("t").description == "acme:topic:t")
    }

    @Test("Ids that are taken", arguments: ["1", "test-123", "ä ö", "a/b.c_d~", String(repeating: "x", count: 128)])
    func taken(id: String) throws {
        #expect(try ChannelNames().of(tenant: "public").customer(id, "k").description == "public:customer:\(id):k")
    }

    @Test(
        "Ids that are refused, with a reason for the client",
        arguments: [
            "", "a:b", "*", "a?", "[a", "a]", "\\", "a\rb", "a\nb", "a\u{0}", "a\u{1B}", "a\u{7F}", "\r\n",
            String(repeating: "x", count: 129), String(repeating: "ä", count: 65),
        ])
    func refused(id: String) throws {
        let channels = try ChannelNames().of(tenant: "public")
        #expect {
            try channels.customer(id, "k")
        } throws: { error in
            let error = error as? GraphQLError
            return error?.message.hasPrefix("Argument \"customerId\" cannot be used: it ") == true
                && error?.extensions == ["code": "BAD_USER_INPUT"]
        }
        #expect(throws: GraphQLError.self) { try channels.topic(id) }
        #expect(throws: GraphQLError.self) { try ChannelNames(defaultTenant: id) }
        #expect(throws: GraphQLError.self) { try ChannelNames().of(tenant: id) }
    }

    @Test("Prefixes that are refused", arguments: ["a\nb", "\u{0}", String(repeating: "x", count: 129)])
    func refusedPrefix(prefix: String) {
        #expect(throws: GraphQLError.self) { try ChannelNames(prefix: prefix) }
    }
}
