import GraphQLCore
import Testing

@testable import SubscriptionProtocols

@Suite struct ServerMessageTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func connectionMessagesLeaveAbsentPayloadsOut() {
        #expect(self.text(ServerMessage.connectionAck()) == #"{"type":"connection_ack"}"#)
        #expect(self.text(ServerMessage.pong()) == #"{"type":"pong"}"#)
    }

    @Test func connectionMessagesCarryPayloads() {
        #expect(
            self.text(ServerMessage.connectionAck(payload: ["a": 1])) == #"{"type":"connection_ack","payload":{"a":1}}"#
        )
        #expect(self.text(ServerMessage.pong(payload: [:])) == #"{"type":"pong","payload":{}}"#)
    }

    @Test(
        arguments: ["1", "01", " ", "\"}", "\n", "\0", "👩‍👧", "e\u{301}", "\u{e9}", "__proto__"]
            + [String(repeating: "x", count: 1000)])
    func idsComeBackUnchanged(text: String) throws {
        let id = try #require(OperationID(text))
        let result = Array(#"{"data":{"b":1,"a":2}}"#.utf8)
        for message in [
            ServerMessage.next(id, result: result), ServerMessage.complete(id),
            ServerMessage.error(id, errors: Array(#"[{"message":"m"}]"#.utf8)),
        ] {
            let value = try JSONReader.read(message)
            #expect(value["id"] == .string(text))
        }
    }

    @Test func operationMessages() throws {
        let id = try #require(OperationID("1"))
        let result = #"{"data":{"b":1,"a":2}}"#
        #expect(
            self.text(ServerMessage.next(id, result: Array(result.utf8)))
                == #"{"id":"1","type":"next","payload":\#(result)}"#)
        #expect(
            self.text(ServerMessage.error(id, errors: Array(#"[{"message":"m"}]"#.utf8)))
                == #"{"id":"1","type":"error","payload":[{"message":"m"}]}"#)
        #expect(self.text(ServerMessage.complete(id)) == #"{"id":"1","type":"complete"}"#)
    }
}
