import Foundation
import TestSupport

/// A GraphQL client over a WebSocket, in either dialect.
final class WireClient {
    enum Dialect: String, Sendable, CaseIterable {
        case transportWS = "graphql-transport-ws"
        case legacy = "graphql-ws"
    }

    private let socket: RawWebSocket
    private let dialect: Dialect
    private var lastQuery = 0

    init(port: Int, dialect: Dialect, path: String = "/graphql", token: String? = nil) throws {
        self.dialect = dialect
        self.socket = try RawWebSocket(port: port, path: path, subprotocol: dialect.rawValue)
        try self.socket.initialise(payload: token.map { #"{"Authorization":"Bearer \#($0)"}"# })
    }

    /// Starts an operation; from when on it hears is not to be seen here.
    func start(_ id: String, _ document: String) throws {
        let type = self.dialect == .legacy ? "start" : "subscribe"
        let payload = try JSONSerialization.data(withJSONObject: ["query": document])
        try self.socket.send(
            #"{"id":"\#(id)","type":"\#(type)","payload":\#(String(decoding: payload, as: UTF8.self))}"#)
    }

    /// The next message that belongs to an operation: `id payload` for a result, `id error …` and `id complete`.
    func next() throws -> String {
        while true {
            guard case .text(let text) = try self.socket.receive() else { return "closed" }
            for (type, name) in [("next", ""), ("data", ""), ("error", "error ")] {
                guard
                    let match = text.wholeMatch(
                        of: try Regex(
                            #"\{"id":"([^"]*)","type":"\#(type)","payload":(.*)\}"#,
                            as: (Substring, Substring, Substring).self))
                else { continue }
                return "\(match.1) \(name)\(match.2)"
            }
            if let match = text.wholeMatch(of: /\{"id":"([^"]*)","type":"complete"\}/) { return "\(match.1) complete" }
        }
    }

    /// Asks something and returns what came before the answer.
    func waiting() throws -> [String] {
        self.lastQuery += 1
        let id = "query-\(self.lastQuery)"
        try self.start(id, "{ __typename }")
        var messages: [String] = []
        while case let message = try self.next(), message != "closed" {
            if message == "\(id) complete" { return messages }
            if !message.hasPrefix(id + " ") { messages.append(message) }
        }
        return messages + ["closed"]
    }
}
