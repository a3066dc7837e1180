/// JSON messages over a WebSocket: events with an `event_type`, `{"type": "ping"}` answered by `{"type": "pong"}`, and
/// whatever commands the endpoint takes.
struct PlainSocketDialect: Dialect {
    mutating func opened() -> [DialectAction] { [.ready] }
    mutating func beat() -> [DialectAction] { [.send(#"{"type":"ping"}"#)] }
    func encode(_ text: String) -> String? { text }

    mutating func received(_ message: DialectMessage) -> [DialectAction] {
        let payload = PayloadValue(text: message.text)
        switch payload?["type"]?.text {
        case "pong": return [.answered]
        case "ping": return [.send(#"{"type":"pong"}"#)]
        case let type:
            let name = payload?["event_type"]?.text ?? type ?? "message"
            return [.event(RealtimeEvent(type: name, id: payload?["id"]?.text, text: message.text))]
        }
    }
}
