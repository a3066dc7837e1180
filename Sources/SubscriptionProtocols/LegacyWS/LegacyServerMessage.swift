package import GraphQLCore

/// A message that the server sends (graphql-ws, Server -> Client), as JSON text without white space.
package enum LegacyServerMessage {
    /// Acknowledges the connection.
    package static func connectionAck(payload: JSONObject? = nil) -> [UInt8] {
        self.message("connection_ack", payload: payload)
    }

    /// Refuses the connection, or answers something that was no message.
    package static func connectionError(_ message: String) -> [UInt8] {
        self.message("connection_error", payload: ["message": .string(message)])
    }

    /// Shows a sign of life.
    package static let keepAlive = Array(#"{"type":"ka"}"#.utf8)

    /// What stands before the execution result in `data`; a closing brace follows it.
    package static func dataPrefix(_ id: OperationID) -> [UInt8] {
        self.prefix(id, "data")
    }

    /// The operation has failed. `payload` is the JSON text of one error: an object, where the newer dialect has an
    /// array.
    package static func error(_ id: OperationID, _ payload: [UInt8]) -> [UInt8] {
        self.prefix(id, "error") + payload + [UInt8(ascii: "}")]
    }

    /// The operation has failed for this reason.
    package static func error(_ id: OperationID, message: String) -> [UInt8] {
        self.error(id, JSONValue.object(["message": .string(message)]).encoded())
    }

    /// The operation has failed. The dialect has room for one error: the first.
    /// - Parameter errors: the JSON text of an array that is not empty.
    package static func error(_ id: OperationID, firstOf errors: [UInt8]) -> [UInt8] {
        let all = try? JSONReader.read(errors)
        return self.error(id, (all?[0] ?? ["message": "Internal server error"]).encoded())
    }

    /// The operation has ended, by itself or because the client stopped it.
    package static func complete(_ id: OperationID) -> [UInt8] {
        JSONValue.object(["id": .string(id.text), "type": "complete"]).encoded()
    }

    private static func message(_ type: String, payload: JSONObject?) -> [UInt8] {
        var message: JSONObject = ["type": .string(type)]
        message["payload"] = payload.map { .object($0) }
        return JSONValue.object(message).encoded()
    }

    private static func prefix(_ id: OperationID, _ type: StaticString) -> [UInt8] {
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
