/// The shape of a server's messages in the legacy dialect (subscriptions-transport-ws, Client-server communication).
enum LegacyShape {
    static func problems(of connection: ConnectionState) -> [MessageProblem] {
        connection.items.compactMap { item in
            switch item.content {
            case .control, .note: return nil
            case .message(let json):
                return self.problem(of: json).map { problem in
                    MessageProblem(
                        sequence: item.sequence, rows: ["legacy-ws/\(problem.row)"], message: problem.message,
                        actual: item.summary)
                }
            case .binary, .notJSON, .notUTF8:
                return MessageProblem(
                    sequence: item.sequence, rows: ["legacy-ws/dialect-matches-selection"],
                    message: "a server message is a text frame with one JSON object", actual: item.summary)
            }
        }
    }

    static func problem(of message: JSON) -> (row: String, message: String)? {
        let dialect = "dialect-matches-selection"
        guard let members = message.members else { return (dialect, "the message is no object") }
        guard Set(members.map(\.name)).count == members.count else { return (dialect, "a member stands twice") }
        guard let type = message["type"]?.stringValue else { return (dialect, "the message has no string `type`") }
        switch type {
        case "ka": return members.count == 1 ? nil : ("ka-shape", "`ka` has a member besides `type`")
        case "connection_ack":
            if message["id"] != nil { return ("ack-payload", "`connection_ack` has an id") }
            switch message["payload"] {
            case nil, .null?, .object?: return nil
            default: return ("ack-payload", "the payload of `connection_ack` is no object")
            }
        case "connection_error":
            return message["payload"]?.members == nil
                ? ("init-rejected", "the payload of `connection_error` is no object") : nil
        case "data":
            guard self.hasID(message) else { return ("id-echoed", "`data` has no id") }
            return TransportWSShape.result(message["payload"]).map { ("data-payload-shape", $0.message) }
        case "error":
            // Without an id it answers a message that could not be understood.
            let payload = message["payload"]
            guard payload?["message"]?.stringValue != nil else {
                let what = payload?.arrayValue == nil ? "has no string `message`" : "is an array"
                return ("error-payload-object", "the payload of `error` is one error object, and this one \(what)")
            }
            return nil
        case "complete":
            guard self.hasID(message) else { return ("id-echoed", "`complete` has no id") }
            switch message["payload"] {
            case nil, .null?: return nil
            default: return ("complete-payload", "`complete` carries data")
            }
        default: return (dialect, "`\(type)` is no message type of a server in this dialect")
        }
    }

    /// Very old clients number their operations, and the number comes back.
    private static func hasID(_ message: JSON) -> Bool {
        switch message["id"] {
        case .string(let id)?: !id.isEmpty
        case .number?: true
        default: false
        }
    }
}
