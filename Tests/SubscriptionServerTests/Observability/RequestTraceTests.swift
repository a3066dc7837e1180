import GraphQLCore
import Testing

@testable import SubscriptionServer

/// The trace that resolvers of queries and mutations are given to pass on.
@Suite(.timeLimit(.minutes(1))) struct RequestTraceTests {
    private static func parent(_ digit: Int) -> String {
        "00-\(String(repeating: "\(digit)", count: 32))-\(String(repeating: "\(digit)", count: 16))-01"
    }

    private static func header(_ digit: Int) -> String { "traceparent: \(self.parent(digit))" }

    private static func data(_ digit: Int?) -> String {
        #"{"data":{"trace":\#(digit.map { "\"\(self.parent($0))\"" } ?? "null")}}"#
    }

    @Test(
        "Over HTTP: the extensions before the header field; one that is not valid, or comes twice, is none",
        arguments: [
            ([], nil, nil), ([Self.header(1)], nil, 1), ([], Self.parent(2), 2),
            ([Self.header(1)], Self.parent(2), 2), ([Self.header(1)], "nonsense", 1),
            (["Traceparent: \(Self.parent(3))"], nil, 3), ([Self.header(1), Self.header(2)], nil, nil),
            (["traceparent: 00-nonsense-01"], nil, nil), ([Self.header(0)], nil, nil),
        ] as [([String], String?, Int?)])
    func http(fields: [String], extensions: String?, digit: Int?) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                let members = extensions.map { ["extensions": ["traceparent": .string($0)]] as JSONObject } ?? [:]
                try await wire.post("/graphql", "{ trace }", fields, members)
                let answer = try await wire.answer()
                #expect(answer.status == 200 && answer.body == Self.data(digit))
                let more = extensions.map { "&extensions=%7B%22traceparent%22:%22\($0)%22%7D" } ?? ""
                try await wire.request("GET", "/graphql?query=%7Btrace%7D\(more)", fields)
                #expect(try await wire.answer().body == Self.data(digit))
            }
        }
    }

    @Test("Over a socket: that of the operation before that of the init payload before that of the handshake")
    func socket() async throws {
        try await TestServer.run { server in
            for (payload, digit) in [(nil, 1), (["traceparent": .string(Self.parent(2))], 2)] as [(JSONObject?, Int)] {
                try await server.connect { wire in
                    try await wire.upgrade(offering: "graphql-transport-ws", fields: [Self.header(1)])
                    try await wire.initialise(payload)
                    try await wire.subscribe("a", "{ trace }")
                    #expect(try await wire.text() == #"{"id":"a","type":"next","payload":\#(Self.data(digit))}"#)
                    #expect(try await wire.text() == #"{"id":"a","type":"complete"}"#)
                    let own = #""extensions":{"traceparent":"\#(Self.parent(3))"}"#
                    try await wire.send(
                        #"{"id":"b","type":"subscribe","payload":{"query":"{ trace }",\#(own)}}"#)
                    #expect(try await wire.text() == #"{"id":"b","type":"next","payload":\#(Self.data(3))}"#)
                }
            }
            try await server.ready { wire in
                try await wire.subscribe("a", "{ trace }")
                #expect(try await wire.text() == #"{"id":"a","type":"next","payload":\#(Self.data(nil))}"#)
            }
        }
    }

    @Test("Over an event stream") func eventStream() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql/stream", "{ trace }", ["Accept: text/event-stream", Self.header(4)])
                var reader = try await wire.eventStream()
                #expect(try await reader.block(&wire) == "event: next\ndata: \(Self.data(4))")
            }
        }
    }
}
