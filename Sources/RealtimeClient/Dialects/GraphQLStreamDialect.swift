/// GraphQL over SSE, one operation a connection: `next` events, then `complete` ("distinct connections mode").
struct GraphQLStreamDialect: Dialect {
    mutating func opened() -> [DialectAction] { [.ready] }
    mutating func beat() -> [DialectAction] { [] }

    mutating func received(_ message: DialectMessage) -> [DialectAction] {
        switch message.event {
        case "next": [.event(RealtimeEvent(type: "next", id: message.id, text: message.text))]
        case "complete": [.completed]
        default: []
        }
    }
}
