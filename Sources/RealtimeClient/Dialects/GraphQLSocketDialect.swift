/// One GraphQL operation over a WebSocket, in either subprotocol.
struct GraphQLSocketDialect: Dialect {
    /// The subprotocol.
    enum Generation: String, Sendable {
        /// https://github.com/enisdenjo/graphql-ws, PROTOCOL.md.
        case transportWS = "graphql-transport-ws"
        /// subscriptions-transport-ws, PROTOCOL.md.
        case legacy = "graphql-ws"
    }

    private let generation: Generation
    private let operation: GraphQLOperation
    private let initPayload: String?
    private let id = "1"

    /// - Parameter initPayload: A JSON object for `connection_init`; nil for none.
    init(_ generation: Generation, operation: GraphQLOperation, initPayload: String?) {
        self.generation = generation
        self.operation = operation
        self.initPayload = initPayload
    }

    mutating func opened() -> [DialectAction] {
        let payload = self.initPayload.map { #","payload":\#($0)"# } ?? ""
        return [.send(#"{"type":"connection_init"\#(payload)}"#)]
    }

    /// The legacy subprotocol has no ping of its own: servers send `ka`.
    mutating func beat() -> [DialectAction] {
        self.generation == .transportWS ? [.send(#"{"type":"ping"}"#)] : []
    }

    func farewell() -> [String] {
        switch self.generation {
        case .transportWS: [#"{"id":"1","type":"complete"}"#]
        case .legacy: [#"{"id":"1","type":"stop"}"#, #"{"type":"connection_terminate"}"#]
        }
    }

    mutating func received(_ message: DialectMessage) -> [DialectAction] {
        guard let value = PayloadValue(text: message.text), let type = value["type"]?.text else {
            return [.misunderstood("the server sent something that is no message: \(message.text.prefix(80))")]
        }
        switch type {
        case "connection_ack":
            let begin = self.generation == .transportWS ? "subscribe" : "start"
            return [.ready, .send(#"{"id":"1","type":"\#(begin)","payload":\#(self.operation.json)}"#)]
        case "ping": return [.send(#"{"type":"pong"}"#)]
        case "pong", "ka": return [.answered]
        case "connection_error":
            return [.failed("the server refused the connection: \(self.errorText(value["payload"]))")]
        case "next", "data":
            guard value["id"]?.text == self.id else { return [] }
            return [.event(RealtimeEvent(type: "next", text: Self.member("payload", of: message.text) ?? "null"))]
        case "error":
            return [.failed("the server refused the operation: \(self.errorText(value["payload"]))")]
        case "complete":
            return value["id"]?.text == self.id ? [.completed] : []
        default: return []
        }
    }

    private func errorText(_ payload: PayloadValue?) -> String {
        switch payload {
        case .list(let errors)?: errors.compactMap { $0["message"]?.text }.joined(separator: "; ")
        case .members?: payload?["message"]?.text ?? "no reason given"
        case .text(let text)?: text
        default: "no reason given"
        }
    }

    /// The text of one member of a JSON object, as it was written.
    static func member(_ name: String, of text: String) -> String? {
        JSONSlice.member(name, of: text)
    }
}
