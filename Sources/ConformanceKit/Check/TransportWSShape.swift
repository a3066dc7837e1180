/// The shape of a server's messages (graphql-transport-ws, Message types; GraphQL §7).
enum TransportWSShape {
    static func problems(of connection: ConnectionState) -> [MessageProblem] {
        connection.items.compactMap { item in
            switch item.content {
            case .control, .note: return nil
            case .message(let json):
                return self.problem(of: json).map { problem in
                    MessageProblem(
                        sequence: item.sequence, rows: problem.rows.map { "transport-ws/\($0)" },
                        message: problem.message, actual: item.summary)
                }
            case .binary, .notJSON, .notUTF8:
                return MessageProblem(
                    sequence: item.sequence, rows: ["transport-ws/server-frames-wellformed"],
                    message: "a server message is a text frame with one JSON object", actual: item.summary)
            }
        }
    }

    static func problem(of message: JSON) -> (rows: [String], message: String)? {
        let wellformed = ["server-frames-wellformed"]
        guard let members = message.members else { return (wellformed, "the message is no object") }
        guard Set(members.map(\.name)).count == members.count else { return (wellformed, "a member stands twice") }
        guard let type = message["type"]?.stringValue else { return (wellformed, "the message has no string `type`") }
        switch type {
        case "connection_ack", "ping", "pong":
            let rows = type == "connection_ack" ? ["ack-shape"] : type == "pong" ? ["pong-shape"] : wellformed
            if let extra = members.first(where: { !["type", "payload"].contains($0.name) }) {
                return (rows, "`\(type)` has a member `\(extra.name)`")
            }
            switch message["payload"] {
            case nil, .null?, .object?: return nil
            default: return (rows, "the payload of `\(type)` is neither an object nor null")
            }
        case "next", "error", "complete":
            guard let id = message["id"]?.stringValue, !id.isEmpty else {
                return (["id-on-every-operation-message"], "`\(type)` has no id")
            }
            switch type {
            case "next": return self.result(message["payload"])
            case "error":
                guard let errors = message["payload"]?.arrayValue, !errors.isEmpty else {
                    return (["error-is-nonempty-array"], "the payload of `error` is no array of errors")
                }
                return self.errors(errors)
            default: return nil
            }
        default: return (wellformed, "`\(type)` is no message type of a server")
        }
    }

    static func result(_ payload: JSON?) -> (rows: [String], message: String)? {
        guard let payload, let members = payload.members else {
            return (["next-is-execution-result"], "the payload of `next` is no object")
        }
        let known = [
            "data", "errors", "extensions", "hasNext", "incremental", "pending", "completed", "label", "path", "items",
        ]
        if let extra = members.first(where: { !known.contains($0.name) }) {
            return (["next-no-extra-entries"], "the result has an entry `\(extra.name)`")
        }
        if let errors = payload["errors"] {
            guard let items = errors.arrayValue, !items.isEmpty else {
                return (["next-is-execution-result"], "`errors` is there but no list with an error in it")
            }
            if let problem = self.errors(items) { return problem }
        }
        let hasContent = ["data", "errors", "hasNext", "incremental"].contains { payload[$0] != nil }
        return hasContent ? nil : (["next-is-execution-result"], "the result has neither `data` nor `errors`")
    }

    private static func errors(_ errors: [JSON]) -> (rows: [String], message: String)? {
        for error in errors {
            guard let message = error["message"]?.stringValue else {
                return (["error-items"], "an error has no string `message`")
            }
            let shown = message.prefix(60)
            if let locations = error["locations"] {
                let isRight = locations.arrayValue?.allSatisfy { location in
                    (location["line"]?.intValue ?? 0) > 0 && (location["column"]?.intValue ?? 0) > 0
                }
                if isRight != true { return (["error-items"], "the error `\(shown)` has bad `locations`") }
            }
            if let path = error["path"] {
                let isRight = path.arrayValue?.allSatisfy { $0.stringValue != nil || $0.intValue != nil }
                if isRight != true { return (["error-items"], "the error `\(shown)` has a bad `path`") }
            }
            if let extensions = error["extensions"], extensions.members == nil {
                return (["error-items"], "the `extensions` of the error `\(shown)` are no object")
            }
        }
        return nil
    }
}
