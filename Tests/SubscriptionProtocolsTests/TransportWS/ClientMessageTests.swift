import GraphQLCore
import Testing

@testable import SubscriptionProtocols

@Suite struct ClientMessageTests {
    private func parse(_ text: String) throws -> ClientMessage {
        try Array(text.utf8).withUnsafeBytes { try ClientMessage.parse($0) }
    }

    private static func subscribe(_ id: String, _ payload: SubscribePayload) -> ClientMessage? {
        OperationID(id).map { .subscribe($0, payload) }
    }

    @Test(
        arguments: [
            (#"{"type":"connection_init"}"#, .connectionInit(payload: nil)),
            (#"{"type":"connection_init","payload":null}"#, .connectionInit(payload: nil)),
            (#"{"type":"connection_init","payload":{}}"#, .connectionInit(payload: [:])),
            (#"{"type":"connection_init","id":"x","foo":1}"#, .connectionInit(payload: nil)),
            (
                #"{"type":"connection_init","payload":{"a":{"b":[1,null]}}}"#,
                .connectionInit(payload: ["a": ["b": [1, nil]]])
            ),
            (#"{"type":"ping"}"#, .ping(payload: nil)),
            (#"{"type":"ping","payload":null}"#, .ping(payload: nil)),
            (#"{"type":"ping","payload":{"a":1}}"#, .ping(payload: ["a": 1])),
            ("  {\n\t\"type\" : \"ping\" }\r\n", .ping(payload: nil)),
            (#"{"t\u0079pe":"p\u0069ng"}"#, .ping(payload: nil)),
            (#"{"type":"ping","type":"pong"}"#, .pong),
            (#"{"type":"pong"}"#, .pong),
            (#"{"type":"pong","payload":{"a":1}}"#, .pong),
            (
                #"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#,
                ClientMessageTests.subscribe("1", SubscribePayload(query: "{a}"))
            ),
            (
                #"{"id":" ","type":"subscribe","foo":1,"payload":{"query":"","bar":2}}"#,
                ClientMessageTests.subscribe(" ", SubscribePayload(query: ""))
            ),
            (
                #"{"id":"__proto__","type":"subscribe","payload":"#
                    + #"{"query":"q","operationName":null,"variables":null,"extensions":null}}"#,
                ClientMessageTests.subscribe("__proto__", SubscribePayload(query: "q"))
            ),
            (
                #"{"id":"\u0000","type":"subscribe","payload":"#
                    + #"{"query":"q","operationName":"","variables":{"x":1},"extensions":{"y":{}}}}"#,
                ClientMessageTests.subscribe(
                    "\0",
                    SubscribePayload(query: "q", operationName: "", variables: ["x": 1], extensions: ["y": [:]]))
            ),
            (#"{"type":"complete","id":"zzz"}"#, OperationID("zzz").map { .complete($0) }),
        ] as [(String, ClientMessage?)])
    func valid(text: String, message: ClientMessage?) throws {
        #expect(try self.parse(text) == message)
    }

    @Test(
        arguments: ["HI", "{", #"{"type":"ping""#, "{'type':'ping'}", "", " ", "\u{FEFF}{\"type\":\"ping\"}"]
            + [#"{"type":"ping"}{"type":"ping"}"#, #"{"type":"ping"},"#, #"{"type":"ping","payload":{"a":"\ud800"}}"#])
    func notJSON(text: String) {
        let error = #expect(throws: InvalidMessage.self) { try self.parse(text) }
        guard case .json? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        arguments: [
            ("null", .notAnObject), ("1", .notAnObject), (#""x""#, .notAnObject), ("true", .notAnObject),
            ("[]", .notAnObject), (#"[{"type":"ping"}]"#, .notAnObject),
            ("{}", .typeMissing), (#"{"id":"1"}"#, .typeMissing), (#"{"type":1}"#, .typeMissing),
            (#"{"type":null}"#, .typeMissing), (#"{"type":["ping"]}"#, .typeMissing),
            (#"{"type":""}"#, .typeUnknown("")), (#"{"type":"nope"}"#, .typeUnknown("nope")),
            (#"{"type":"Ping"}"#, .typeUnknown("Ping")), (#"{"type":"PING"}"#, .typeUnknown("PING")),
            (#"{"type":" ping"}"#, .typeUnknown(" ping")), (#"{"type":"start","id":"1"}"#, .typeUnknown("start")),
            (#"{"type":"stop","id":"1"}"#, .typeUnknown("stop")), (#"{"type":"init"}"#, .typeUnknown("init")),
            (#"{"type":"connection_terminate"}"#, .typeUnknown("connection_terminate")),
            (#"{"type":"next","id":"1","payload":{"data":null}}"#, .typeOfServer("next")),
            (#"{"type":"error","id":"1","payload":[]}"#, .typeOfServer("error")),
            (#"{"type":"connection_ack"}"#, .typeOfServer("connection_ack")),
            (#"{"type":"complete"}"#, .id), (#"{"type":"complete","id":1}"#, .id),
            (#"{"type":"complete","id":""}"#, .id),
        ] as [(String, InvalidMessage)])
    func invalid(text: String, reason: InvalidMessage) {
        #expect(throws: reason) { try self.parse(text) }
    }

    @Test(arguments: ["connection_init", "ping", "pong"], ["1", #""x""#, "true", "[]"])
    func payloadOfAWrongType(type: String, payload: String) {
        #expect(throws: InvalidMessage.payload) { try self.parse(#"{"type":"\#(type)","payload":\#(payload)}"#) }
    }

    @Test(arguments: [nil, "1", "null", "true", "{}", #"["1"]"#, #""""#])
    func subscribeNeedsAnID(id: String?) {
        let member = id.map { #""id":\#($0),"# } ?? ""
        #expect(throws: InvalidMessage.id) {
            try self.parse(#"{\#(member)"type":"subscribe","payload":{"query":"{__typename}"}}"#)
        }
    }

    @Test(arguments: [nil, "null", "1", #""{__typename}""#, "[]"])
    func subscribeNeedsAPayload(payload: String?) {
        let member = payload.map { #","payload":\#($0)"# } ?? ""
        #expect(throws: InvalidMessage.payload) { try self.parse(#"{"id":"1","type":"subscribe"\#(member)}"#) }
    }

    @Test(arguments: [
        ("query", ["null", "1", "{}", #"["{__typename}"]"#]),
        ("variables", ["[]", #""{}""#, "1", "true"]),
        ("operationName", ["1", "{}", "[]", "true"]),
        ("extensions", ["[]", #""x""#, "0"]),
    ])
    func payloadMembersOfAWrongType(member: String, values: [String]) {
        for value in values {
            let query = member == "query" ? "" : #""query":"{__typename}","#
            #expect(throws: InvalidMessage.payloadMember(member), "\(value)") {
                try self.parse(#"{"id":"1","type":"subscribe","payload":{\#(query)"\#(member)":\#(value)}}"#)
            }
        }
    }

    @Test(arguments: ["{}", #"{"variables":{}}"#])
    func subscribeNeedsAQuery(payload: String) {
        #expect(throws: InvalidMessage.payloadMember("query")) {
            try self.parse(#"{"id":"1","type":"subscribe","payload":\#(payload)}"#)
        }
    }

    @Test func deepNestingIsRefused() {
        let arrays = String(repeating: "[", count: 100_000)
        #expect(throws: InvalidMessage.self) {
            try self.parse(#"{"id":"1","type":"subscribe","payload":{"query":"q","variables":{"a":\#(arrays)"#)
        }
    }
}
