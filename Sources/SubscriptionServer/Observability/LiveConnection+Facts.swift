import GraphQLCore
import Logging

// What operators see of a connection.
extension LiveConnection {
    /// As the list of connections shows it.
    var json: JSONValue {
        var members: JSONObject = [
            "id": .int(Int64(self.id)), "transport": .string(self.transport.name),
            "tenant": .string(self.principal.tenant),
        ]
        members["user"] = self.principal.user.map { .string($0) }
        members["peer"] = self.peer.map { .string($0) }
        members["since"] = .string(self.since)
        members["operations"] = .int(Int64(self.openOperations))
        members["queuedEvents"] = .int(Int64(self.queuedEvents.value))
        members["queuedBytes"] = .int(Int64(self.queuedBytes.value))
        members["traceID"] = self.trace.map { .string($0.traceID) }
        return .object(members)
    }

    /// As every line of the log shows it that belongs to the connection.
    var metadata: Logger.Metadata {
        var metadata = self.principal.metadata(transport: self.transport.name, peer: self.peer)
        metadata["connection"] = "\(self.id)"
        return metadata.traced(by: self.trace)
    }
}

extension Principal {
    /// As the log shows whose something is, and how it came.
    func metadata(transport: String, peer: String?) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["transport": "\(transport)", "tenant": "\(self.tenant)"]
        metadata["user"] = self.user.map { "\($0)" }
        metadata["peer"] = peer.map { "\($0)" }
        return metadata
    }
}

extension LiveConnection.Transport {
    /// Its name in logs, metrics and the list of connections.
    var name: String {
        switch self {
        case .webSocket(let subprotocol): subprotocol
        case .eventStream: "sse"
        case .reservation: "sse-single"
        case .route(let pattern): pattern
        }
    }
}
