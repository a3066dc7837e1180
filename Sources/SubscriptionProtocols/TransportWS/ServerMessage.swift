package import GraphQLCore

/// A message that the server sends (graphql-transport-ws, Message types), as JSON text without white space.
///
/// A payload that would be null is left out: older clients drop the socket on `"payload":null`.
package enum ServerMessage {
    /// Acknowledges the connection.
    package static func connectionAck(payload: JSONObject? = nil) -> [UInt8] {
        self.message(type: "connection_ack", payload: payload)
    }

    /// Answers a ping with the payload that the ping had.
    package static func pong(payload: JSONObject? = nil) -> [UInt8] {
        self.message(type: "pong", payload: payload)
    }

    /// What stands before the execution result in `next`; `nextSuffix` follows it.
    ///
    /// The result lies between the two as it is, so that the bytes of one event serve every subscriber.
    package static func nextPrefix(_ id: OperationID) -> [UInt8] {
        self.prefix(id, type: "next")
    }

    /// What stands after the execution result in `next`.
    package static let nextSuffix: [UInt8] = [UInt8(ascii: "}")]

    /// One result of an operation. `result` is the JSON text of an execution result.
    package static func next(_ id: OperationID, result: [UInt8]) -> [UInt8] {
        self.nextPrefix(id) + result + self.nextSuffix
    }

    /// The operation has failed before execution, or its source stream did. `errors` is the JSON text of an array
    /// that is not empty.
    package static func error(_ id: OperationID, errors: [UInt8]) -> [UInt8] {
        self.prefix(id, type: "error") + errors + self.nextSuffix
    }

    /// The operation has ended.
    package static func complete(_ id: OperationID) -> [UInt8] {
        var writer = JSONWriter(capacity: 32 + id.text.utf8.count)
        writer.beginObject()
        writer.key("id")
        writer.string(id.text)
        writer.key("type")
        writer.string("complete")
        writer.endObject()
        return writer.bytes
    }

    private static func message(type: String, payload: JSONObject?) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.key("type")
        writer.string(type)
        if let payload {
            writer.key("payload")
            writer.value(.object(payload))
        }
        writer.endObject()
        return writer.bytes
    }

    private static func prefix(_ id: OperationID, type: StaticString) -> [UInt8] {
        var writer = JSONWriter(capacity: 48 + id.text.utf8.count)
        writer.beginObject()
        writer.key("id")
        writer.string(id.text)
        writer.key("type")
        writer.string(type.description)
        writer.key("payload")
        return writer.bytes
    }
}
