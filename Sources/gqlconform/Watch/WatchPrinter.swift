import Foundation
import RealtimeClient
import Synchronization

/// Writes events and what happens to the connection.
struct WatchPrinter: Sendable {
    let types: Set<String>
    let isPretty: Bool
    /// How many attempts there are; 0 for no end.
    let attempts: Int

    func wants(_ event: RealtimeEvent) -> Bool {
        self.types.isEmpty || self.types.contains(event.type)
    }

    func print(_ event: RealtimeEvent) {
        Console.print(self.isPretty ? self.prettyLine(event, at: Date()) : Self.jsonLine(event, at: Date()))
    }

    func print(_ state: ConnectionState) {
        Console.complain(self.text(of: state))
    }

    /// `12:00:01  alert.raised  {…}`
    func prettyLine(_ event: RealtimeEvent, at time: Date) -> String {
        let text = Self.oneLine(event.text)
        return "\u{1B}[2m\(Self.clock(time))\u{1B}[0m  \u{1B}[36m\(event.type)\u{1B}[0m  \(text)"
    }

    /// One JSON object; the payload is as the server wrote it, or a string if it is no JSON.
    static func jsonLine(_ event: RealtimeEvent, at time: Date) -> String {
        var members = [
            #""received":"\#(time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))""#,
            #""type":\#(Self.quoted(event.type))"#,
        ]
        if let id = event.id { members.append(#""id":\#(Self.quoted(id))"#) }
        members.append(#""payload":\#(event.payload == nil ? Self.quoted(event.text) : Self.oneLine(event.text))"#)
        return "{\(members.joined(separator: ","))}"
    }

    func text(of state: ConnectionState) -> String {
        switch state {
        case .connecting: "connecting"
        case .connected: "connected"
        case .reconnecting(let attempt, let delay, let loss):
            "\(loss); connecting again in \(Self.seconds(delay)) (attempt \(attempt)"
                + (self.attempts == 0 ? ")" : " of \(self.attempts))")
        case .disconnected: "disconnected"
        case .error(let reason): "error: \(reason)"
        }
    }

    private static func seconds(_ delay: Duration) -> String {
        "\(Int64((delay / .seconds(1)).rounded(.up))) s"
    }

    private static func clock(_ time: Date) -> String {
        // Not as the locale writes it: without its "PM" an afternoon would look like a night.
        let parts = Calendar.current.dateComponents([.hour, .minute, .second], from: time)
        return [parts.hour, parts.minute, parts.second]
            .map { part in (part ?? 0) < 10 ? "0\(part ?? 0)" : "\(part ?? 0)" }.joined(separator: ":")
    }

    /// Line ends are only space in JSON, outside of strings where they cannot be.
    private static func oneLine(_ text: String) -> String {
        text.replacing("\r", with: " ").replacing("\n", with: " ")
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}

/// Counts events up to a limit.
final class WatchCounter: Sendable {
    private let count = Mutex(0)
    private let limit: Int?

    init(limit: Int?) {
        self.limit = limit
    }

    /// False when there were enough already.
    func takesOne() -> Bool {
        self.count.withLock { count in
            guard count < self.limit ?? .max else { return false }
            count += 1
            return true
        }
    }

    var isDone: Bool { self.count.withLock { $0 >= self.limit ?? .max } }
}
