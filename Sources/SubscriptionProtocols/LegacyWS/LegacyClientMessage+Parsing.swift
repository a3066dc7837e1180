package import GraphQLCore

// What makes a message valid (graphql-ws, Client -> Server). Members that the dialect does not know are ignored, at
// every level; null is the same as absence for optional members.
extension LegacyClientMessage {
    /// The message that the bytes of one text message hold.
    /// - Parameter limits: how large and how deep the JSON text may be.
    /// - Throws: `LegacyInvalidMessage` with what is wrong first.
    package static func parse(
        _ utf8: UnsafeRawBufferPointer, limits: JSONReader.Limits = .init()
    ) throws(LegacyInvalidMessage) -> LegacyClientMessage {
        try self.validate(try self.read(utf8, limits: limits))
    }

    /// The JSON value that the bytes of one text message hold.
    package static func read(
        _ utf8: UnsafeRawBufferPointer, limits: JSONReader.Limits
    ) throws(LegacyInvalidMessage) -> JSONValue {
        do throws(JSONError) {
            return try JSONReader.read(utf8, limits: limits)
        } catch {
            throw LegacyInvalidMessage("\(error)")
        }
    }

    /// The message that the JSON value stands for.
    /// - Throws: `LegacyInvalidMessage` with what is wrong first.
    package static func validate(_ value: JSONValue) throws(LegacyInvalidMessage) -> LegacyClientMessage {
        guard case .object(let message) = value else { throw LegacyInvalidMessage("A message is a JSON object") }
        let id = self.operationID(message["id"])
        guard case .string(let type)? = message["type"] else {
            throw LegacyInvalidMessage("A message has a type, which is a string", id: id)
        }
        switch type {
        case "connection_init":
            return .connectionInit(payload: try self.optionalObject(message["payload"]))
        case "start":
            let id = try self.required(id, of: type)
            do throws(SubscribePayload.Fault) {
                return .start(id, try SubscribePayload(message["payload"]))
            } catch {
                throw LegacyInvalidMessage(self.sentence(for: error), id: id)
            }
        case "stop":
            return .stop(try self.required(id, of: type))
        case "connection_terminate":
            return .connectionTerminate
        default:
            throw LegacyInvalidMessage(self.sentence(forType: type), id: id)
        }
    }

    private static func operationID(_ value: JSONValue?) -> OperationID? {
        guard case .string(let text)? = value else { return nil }
        return OperationID(text)
    }

    private static func required(
        _ id: OperationID?, of type: String
    ) throws(LegacyInvalidMessage) -> OperationID {
        guard let id else { throw LegacyInvalidMessage("\(type) has an id, which is a string that is not empty") }
        return id
    }

    private static func optionalObject(_ value: JSONValue?) throws(LegacyInvalidMessage) -> JSONObject? {
        switch value {
        case nil, .null?: return nil
        case .object(let object)?: return object
        default: throw LegacyInvalidMessage("The payload of connection_init is an object")
        }
    }

    private static func sentence(for fault: SubscribePayload.Fault) -> String {
        switch fault {
        case .notAnObject: "start has a payload, which is an object"
        case .member("query"): "payload.query of start is a string with a GraphQL document"
        case .member(let name): "payload.\(name) of start is of a wrong type"
        }
    }

    /// Clients mix the two dialects up, for the name of this one is also that of the library that speaks the other: they
    /// are told which is which.
    private static func sentence(forType type: String) -> String {
        let mixedUp = "\(type) belongs to the subprotocol graphql-transport-ws, and graphql-ws was selected"
        return switch type {
        case "subscribe": "\(mixedUp), where start begins an operation"
        case "complete": "\(mixedUp), where stop ends an operation"
        case "ping", "pong", "next": mixedUp
        case "connection_ack", "connection_error", "ka", "data", "error": "\(type) is a message of servers"
        // Not repeated: it may be long.
        default: "No message has this type"
        }
    }
}
