import GraphQLCore
import Testing

@testable import SubscriptionProtocols

@Suite struct LegacyClientMessageTests {
    private func parse(_ text: String) throws(LegacyInvalidMessage) -> LegacyClientMessage {
        var text = text
        let result = text.withUTF8 { bytes -> Result<LegacyClientMessage, LegacyInvalidMessage> in
            do throws(LegacyInvalidMessage) {
                return .success(try LegacyClientMessage.parse(UnsafeRawBufferPointer(bytes)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    @Test(
        arguments: [
            (#"{"type":"connection_init"}"#, nil), (#"{"type":"connection_init","payload":null}"#, nil),
            (#"{"type":"connection_init","payload":{}}"#, [:]),
            (#"{"type":"connection_init","payload":{"a":1}}"#, ["a": 1]),
            (#"{"id":1,"type":"connection_init","more":[]}"#, nil),
        ] as [(String, JSONObject?)])
    func connectionInit(text: String, payload: JSONObject?) throws {
        #expect(try self.parse(text) == .connectionInit(payload: payload))
    }

    @Test(arguments: ["1", "abc", "é", "\"", "{}", "__proto__", " "])
    func start(id: String) throws {
        let message: JSONObject = [
            "id": .string(id), "type": "start",
            "payload": ["query": "{a}", "operationName": nil, "variables": ["b": 1], "more": 1],
        ]
        let expected = try LegacyClientMessage.start(
            #require(OperationID(id)), SubscribePayload(query: "{a}", variables: ["b": 1]))
        #expect(try self.parse(JSONValue.object(message).text) == expected)
    }

    @Test func stopAndTerminate() throws {
        #expect(try self.parse(#"{"id":"1","type":"stop"}"#) == .stop(#require(OperationID("1"))))
        #expect(try self.parse(#"{"type":"connection_terminate","id":"1"}"#) == .connectionTerminate)
    }

    @Test(
        arguments: [
            ("", nil, "JSON text ends unexpectedly at byte 0"), ("HI", nil, "Unexpected 'H' in JSON text at byte 0"),
            ("{", nil, "JSON text ends unexpectedly at byte 1"), ("null", nil, "A message is a JSON object"),
            ("[]", nil, "A message is a JSON object"), ("1", nil, "A message is a JSON object"),
            ("{}", nil, "A message has a type, which is a string"),
            (#"{"id":"q","type":1}"#, "q", "A message has a type, which is a string"),
            (#"{"id":"q","type":"nope"}"#, "q", "No message has this type"),
            (#"{"type":"nope"}"#, nil, "No message has this type"),
            (#"{"id":"q","type":"START"}"#, "q", "No message has this type"),
            (#"{"type":"connection_init","payload":1}"#, nil, "The payload of connection_init is an object"),
            (#"{"type":"connection_init","payload":[]}"#, nil, "The payload of connection_init is an object"),
            (
                #"{"type":"start","payload":{"query":"{a}"}}"#, nil,
                "start has an id, which is a string that is not empty"
            ),
            (
                #"{"id":1,"type":"start","payload":{"query":"{a}"}}"#, nil,
                "start has an id, which is a string that is not empty"
            ),
            (#"{"id":"","type":"stop"}"#, nil, "stop has an id, which is a string that is not empty"),
            (#"{"id":"1","type":"start"}"#, "1", "start has a payload, which is an object"),
            (
                #"{"id":"1","type":"start","payload":{}}"#, "1",
                "payload.query of start is a string with a GraphQL document"
            ),
            (
                #"{"id":"1","type":"start","payload":{"query":{"kind":"Document"}}}"#, "1",
                "payload.query of start is a string with a GraphQL document"
            ),
            (
                #"{"id":"1","type":"start","payload":{"query":"{a}","variables":[]}}"#, "1",
                "payload.variables of start is of a wrong type"
            ),
            (
                #"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#, "1",
                "subscribe belongs to the subprotocol graphql-transport-ws, and graphql-ws was selected, where start begins an "
                    + "operation"
            ),
            (
                #"{"id":"1","type":"complete"}"#, "1",
                "complete belongs to the subprotocol graphql-transport-ws, and graphql-ws was selected, where stop ends an "
                    + "operation"
            ),
            (
                #"{"type":"ping"}"#, nil,
                "ping belongs to the subprotocol graphql-transport-ws, and graphql-ws was selected"
            ),
            (#"{"type":"ka"}"#, nil, "ka is a message of servers"),
            (#"{"id":"1","type":"data"}"#, "1", "data is a message of servers"),
        ] as [(String, String?, String)])
    func invalid(text: String, id: String?, reason: String) {
        #expect(throws: LegacyInvalidMessage(reason, id: id.flatMap { OperationID($0) })) { try self.parse(text) }
    }
}

@Suite struct LegacyServerMessageTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func forms() throws {
        let id = try #require(OperationID("\"1"))
        #expect(self.text(LegacyServerMessage.connectionAck()) == #"{"type":"connection_ack"}"#)
        #expect(
            self.text(LegacyServerMessage.connectionAck(payload: ["a": 1]))
                == #"{"type":"connection_ack","payload":{"a":1}}"#)
        #expect(
            self.text(LegacyServerMessage.connectionError("no"))
                == #"{"type":"connection_error","payload":{"message":"no"}}"#)
        #expect(self.text(LegacyServerMessage.keepAlive) == #"{"type":"ka"}"#)
        #expect(
            self.text(LegacyServerMessage.dataPrefix(id) + Array("{}}".utf8))
                == #"{"id":"\"1","type":"data","payload":{}}"#)
        #expect(self.text(LegacyServerMessage.complete(id)) == #"{"id":"\"1","type":"complete"}"#)
    }

    @Test(arguments: [
        (#"[{"message":"a","path":["b"]},{"message":"c"}]"#, #"{"message":"a","path":["b"]}"#),
        (#"[{"message":"a"}]"#, #"{"message":"a"}"#), ("[]", #"{"message":"Internal server error"}"#),
        ("?", #"{"message":"Internal server error"}"#),
    ])
    func errorCarriesOneObject(errors: String, payload: String) throws {
        let id = try #require(OperationID("1"))
        #expect(
            self.text(LegacyServerMessage.error(id, firstOf: Array(errors.utf8)))
                == #"{"id":"1","type":"error","payload":\#(payload)}"#)
    }
}
