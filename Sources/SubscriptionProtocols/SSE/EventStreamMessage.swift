import GraphQLCore

/// What the server writes into the event streams of GraphQL over SSE ("Event stream"), as bytes.
///
/// Results are JSON in one line, for the writer of results escapes every line end; so each event has one `data` line.
package enum EventStreamMessage {
    /// A comment: opens every stream, for some browsers wait for the first byte of the body, and keeps quiet ones alive.
    package static let comment: [UInt8] = Array(":\n\n".utf8)

    /// What stands before the execution result in `next` of a distinct connection; `end` follows it.
    package static let nextPrefix: [UInt8] = Array("event: next\ndata: ".utf8)

    /// Ends an event.
    package static let end: [UInt8] = Array("\n\n".utf8)

    /// The end of the operation of a distinct connection. The empty `data` makes browsers dispatch it.
    package static let complete: [UInt8] = Array("event: complete\ndata:\n\n".utf8)

    /// What stands before the execution result in `next` of a single connection. The result, a closing brace and `end`
    /// follow it.
    package static func nextPrefix(_ id: OperationID) -> [UInt8] {
        var writer = JSONWriter(capacity: 32 + id.text.utf8.count)
        writer.beginObject()
        writer.key("id")
        writer.string(id.text)
        writer.key("payload")
        return Self.nextPrefix + writer.bytes
    }

    /// The end of an operation of a single connection.
    package static func complete(_ id: OperationID) -> [UInt8] {
        var writer = JSONWriter(capacity: 16 + id.text.utf8.count)
        writer.beginObject()
        writer.key("id")
        writer.string(id.text)
        writer.endObject()
        return Array("event: complete\ndata: ".utf8) + writer.bytes + Self.end
    }

    /// What a failed operation of a distinct connection sends before `complete`.
    /// - Parameter errors: the JSON text of an array that is not empty.
    package static func next(errors: [UInt8]) -> [UInt8] {
        self.nextPrefix + self.result(errors: errors) + self.end
    }

    /// The same in a single connection.
    package static func next(_ id: OperationID, errors: [UInt8]) -> [UInt8] {
        self.nextPrefix(id) + self.result(errors: errors) + [UInt8(ascii: "}")] + self.end
    }

    /// The result of an operation that failed, as JSON text.
    /// - Parameter errors: the JSON text of an array that is not empty.
    package static func result(errors: [UInt8]) -> [UInt8] {
        Array(#"{"errors":"#.utf8) + errors + [UInt8(ascii: "}")]
    }
}
