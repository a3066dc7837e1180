package import GraphQLCore

// What makes a message valid (graphql-transport-ws, Message types and Invalid message). Members that the dialect does
// not know are ignored, at every level; null is the same as absence for optional members.
extension ClientMessage {
    /// The message that the bytes of one text message hold.
    /// - Parameter limits: how large and how deep the JSON text may be.
    /// - Throws: `InvalidMessage` with what is wrong first.
    package static func parse(
        _ utf8: UnsafeRawBufferPointer, limits: JSONReader.Limits = .init()
    ) throws(InvalidMessage) -> ClientMessage {
        try self.validate(try self.read(utf8, limits: limits))
    }

    /// The JSON value that the bytes of one text message hold.
    package static func read(
        _ utf8: UnsafeRawBufferPointer, limits: JSONReader.Limits
    ) throws(InvalidMessage) -> JSONValue {
        do throws(JSONError) {
            return try JSONReader.read(utf8, limits: limits)
        } catch {
            throw .json(error)
        }
    }

    /// The message that the JSON value stands for.
    /// - Throws: `InvalidMessage` with what is wrong first.
    package static func validate(_ value: JSONValue) throws(InvalidMessage) -> ClientMessage {
        guard case .object(let message) = value else { throw .notAnObject }
        guard case .string(let type)? = message["type"] else { throw .typeMissing }
        switch type {
        case "connection_init":
            return .connectionInit(payload: try self.optionalObject(message["payload"]))
        case "ping":
            return .ping(payload: try self.optionalObject(message["payload"]))
        case "pong":
            _ = try self.optionalObject(message["payload"])
            return .pong
        case "subscribe":
            let id = try self.operationID(message["id"])
            do throws(SubscribePayload.Fault) {
                return .subscribe(id, try SubscribePayload(message["payload"]))
            } catch {
                switch error {
                case .notAnObject: throw .payload
                case .member(let name): throw .payloadMember(name)
                }
            }
        case "complete":
            return .complete(try self.operationID(message["id"]))
        case "connection_ack", "next", "error":
            throw .typeOfServer(type)
        default:
            throw .typeUnknown(type)
        }
    }

    private static func operationID(_ value: JSONValue?) throws(InvalidMessage) -> OperationID {
        guard case .string(let text)? = value, let id = OperationID(text) else { throw .id }
        return id
    }

    private static func optionalObject(_ value: JSONValue?) throws(InvalidMessage) -> JSONObject? {
        switch value {
        case nil, .null?: nil
        case .object(let object)?: object
        default: throw .payload
        }
    }
}
