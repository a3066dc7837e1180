/// What a client says to its server, and how it reads the answers. Pure: it says what is to be done.
protocol Dialect: Sendable {
    /// The transport is connected.
    mutating func opened() -> [DialectAction]
    /// A message of a WebSocket, or the data of a server-sent event.
    mutating func received(_ message: DialectMessage) -> [DialectAction]
    /// A sign of life is wanted; empty when the server gives signs by itself.
    mutating func beat() -> [DialectAction]
    /// The user wants to send something. Nil when this dialect has no way to.
    func encode(_ text: String) -> String?
    /// What is said before leaving by the user's wish.
    func farewell() -> [String]
}

extension Dialect {
    func encode(_ text: String) -> String? { nil }
    func farewell() -> [String] { [] }
}

/// What arrived.
struct DialectMessage: Sendable {
    /// The type of a server-sent event; nil for a message of a WebSocket.
    var event: String?
    /// The id of a server-sent event; nil when none was given.
    var id: String?
    var text: String
}

/// What follows from what was said.
enum DialectAction: Sendable, Equatable {
    case send(String)
    /// The server has agreed: events may come.
    case ready
    case event(RealtimeEvent)
    /// The server has answered the last sign of life that was asked for.
    case answered
    /// The server has no more to say.
    case completed
    /// What was asked for has failed for good.
    case failed(String)
    /// The server broke the rules of the dialect.
    case misunderstood(String)
}
