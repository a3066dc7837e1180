/// A stream of server-sent events, each as it is. The stream's own bytes are the signs of life.
struct EventStreamDialect: Dialect {
    mutating func opened() -> [DialectAction] { [.ready] }
    mutating func beat() -> [DialectAction] { [] }

    mutating func received(_ message: DialectMessage) -> [DialectAction] {
        [.event(RealtimeEvent(type: message.event ?? "message", id: message.id, text: message.text))]
    }
}
