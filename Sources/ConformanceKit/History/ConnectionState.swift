/// What is known of one connection after some records.
package struct ConnectionState: Sendable {
    /// Something that the server sent.
    package struct Item: Sendable {
        package enum Content: Sendable {
            /// A text message that is JSON.
            case message(JSON)
            case notJSON(text: String, why: String)
            case notUTF8([UInt8])
            case binary([UInt8])
            case control(opcode: UInt8, payload: [UInt8])
            /// Of an event stream: a `comment`, a `retry`, or its `end` (`clean`, `cut`, …).
            case note(kind: String, text: String, operation: String?)
        }

        package var sequence: Int
        package var time: UInt64
        package var content: Content
        /// The message's `id`, if it is a string.
        package var id: String?
        /// The message's `type`, if it is a string.
        package var type: String?
        /// Carries a probe of the runner.
        package var isProbe: Bool
        /// An expectation used it up.
        package var isConsumed = false
        /// Came after the scenario closed or cut the connection.
        package var isAfterLeaving: Bool

        /// Belongs to an operation of the runner's own, such as a fence.
        package var isOwn: Bool { self.id?.hasPrefix("~") ?? false }

        /// Whether the message carries this id: the same scalars, not only an equivalent text.
        package func hasID(_ id: String) -> Bool {
            self.id.map { $0.utf8.elementsEqual(id.utf8) } ?? false
        }

        /// The message, or what stands for a control frame.
        package var json: JSON? {
            switch self.content {
            case .message(let json): return json
            case .control(let opcode, let payload):
                let name = opcode == Opcode.ping ? "ping" : "pong"
                return .object([
                    .init("control", .string(name)), .init("payload_hex", .string(Bytes.hex(payload))),
                ])
            case .note(let kind, let text, let operation):
                var members: [JSON.Member] = [.init("control", .string(kind)), .init("text", .string(text))]
                if let operation { members.append(.init("id", .string(operation))) }
                return .object(members)
            default: return nil
            }
        }

        /// For reports: the type, a colon, and the beginning of the message.
        package var summary: String {
            switch self.content {
            case .message(let json): "\(self.type ?? "message"): \(PatternMatcher.brief(json))"
            case .notJSON(let text, let why): "not JSON: \(why): \(text.prefix(80))"
            case .notUTF8(let bytes): "not UTF-8: \(Bytes.hex(bytes.prefix(40)))"
            case .binary(let bytes): "binary message: \(Bytes.hex(bytes.prefix(40)))"
            case .control(let opcode, let payload):
                "\(opcode == Opcode.ping ? "ping" : "pong") frame: \(Bytes.hex(payload.prefix(40)))"
            case .note(let kind, let text, _): "\(kind) of the stream: \(text.prefix(80))"
            }
        }
    }

    /// A message that the runner sent.
    package struct Sent: Sendable {
        package var sequence: Int
        package var type: String?
        package var id: String?
        /// The payload of a message that starts an operation; nil if it is longer than 64 KiB.
        package var payload: JSON?
    }

    package struct Close: Sendable {
        package var sequence: Int
        package var time: UInt64
        /// Nil for an empty close frame.
        package var code: Int?
        package var reason: [UInt8]

        package var summary: String {
            "close \(self.code.map(String.init) ?? "1005"): \(String(decoding: self.reason, as: UTF8.self))"
        }
    }

    package struct Mark: Sendable {
        package var sequence: Int
        package var time: UInt64
        package var text: String
    }

    package var name: String
    package var transport = "transport-ws"
    package var offered: [String] = []
    /// The tenant of the token that the connection was opened with, if it is known.
    package var tenant: String?
    /// When the answer to the upgrade came.
    package var openedAt: UInt64?
    /// Opened by a step that goes on to initialise the connection.
    package var wasOpenedToInitialise = false
    /// When the first `connection_init` was sent.
    package var initSentAt: UInt64?
    package var response: (response: WireResponse, sequence: Int)?
    package var connectFailed: Mark?
    package private(set) var items: [Item] = []
    /// The places of the items with an id, by its bytes (equivalent texts are different ids), so that one operation among
    /// many is looked at without looking at the others.
    private var lanes: [[UInt8]: ItemLane] = [:]
    /// Everything before this place is used up.
    package var firstOpen = 0
    package var sent: [Sent] = []
    package var close: Close?
    package var ended: Mark?
    package var unreadable: Mark?
    /// The scenario sent a close frame or cut the connection.
    package var leftAt: Int?
    /// Data frames that came after the server's close frame.
    package var framesAfterClose: [Int] = []
    package var frameProblems: [(sequence: Int, text: String)] = []
    /// HTTP requests by their number.
    package var exchanges: [Int: ExchangeState] = [:]
    /// What a strict reader of event streams objects to.
    package var streamProblems: [(sequence: Int, row: String, text: String)] = []
    package var lastFence: Int?
    /// Something was sent that is no plain JSON message, so which ids are open cannot be told.
    package var sentOpaque = false
    package var pingsSent = 0
    package var pongsReceived = 0
    var receiving = MessageAssembler()
    var sending = MessageAssembler()

    package init(name: String) { self.name = name }

    /// Takes an item in.
    mutating func add(_ item: Item) {
        if let id = item.id { self.lanes[Array(id.utf8), default: ItemLane()].offsets.append(self.items.count) }
        self.items.append(item)
    }

    /// Marks items as used up.
    mutating func consume(_ indices: [Int]) {
        for index in indices {
            self.items[index].isConsumed = true
            guard let id = self.items[index].id.map({ Array($0.utf8) }), var lane = self.lanes[id] else { continue }
            self.lanes[id] = nil
            while lane.open < lane.offsets.count, self.isDone(lane.offsets[lane.open]) { lane.open += 1 }
            self.lanes[id] = lane
        }
        while self.firstOpen < self.items.count, self.isDone(self.firstOpen) { self.firstOpen += 1 }
    }

    private func isDone(_ offset: Int) -> Bool { self.items[offset].isConsumed || self.items[offset].isProbe }

    /// The places of what may be open of an operation, in order.
    func openOffsets(of id: String) -> ArraySlice<Int> {
        guard let lane = self.lanes[Array(id.utf8)] else { return [] }
        return lane.offsets[lane.open...]
    }

    /// Whether the server's side is over, at or before a record.
    package func isOver(until: Int) -> Bool {
        let ends = [
            self.close?.sequence, self.ended?.sequence, self.unreadable?.sequence, self.connectFailed?.sequence,
        ]
        return ends.contains { $0.map { $0 <= until } ?? false }
    }

    /// Whether it is made of HTTP requests, so that there are no close frames and its end is that of its last stream.
    package var speaksHTTP: Bool { ["sse", "sse-single", "http"].contains(self.transport) }

    /// The server's wait for `connection_init` ran out although the scenario meant to send it in time: the runner, not
    /// the server, was slow. An init that was sent well before the close came in time.
    package var runnerWasLate: Bool {
        guard let close = self.close, close.code == 4408, let opened = self.openedAt,
            self.wasOpenedToInitialise || self.initSentAt != nil
        else { return false }
        let margin: UInt64 = 250_000_000
        let sent = min(self.initSentAt ?? .max, close.time)
        return sent >= opened + margin && sent + margin > close.time
    }

    /// How the server's side ended, for reports.
    package var endSummary: String {
        if let close = self.close { return close.summary }
        if let mark = self.unreadable { return "unreadable: \(mark.text)" }
        if let mark = self.connectFailed { return "refused: \(mark.text)" }
        if let mark = self.ended {
            return self.speaksHTTP
                ? "end: the stream ended (\(mark.text))" : "eof: TCP ended (\(mark.text)) without a close frame"
        }
        return "open"
    }
}

/// The places of one operation's items.
private struct ItemLane: Sendable {
    var offsets: [Int] = []
    /// Everything before this one is used up.
    var open = 0
}

/// Joins frames to messages (RFC 6455 §5.4).
struct MessageAssembler: Sendable {
    private var opcode: UInt8?
    private var payload: [UInt8] = []

    /// A whole message, or nil while it lasts. Frames that break the rules give nothing.
    mutating func add(_ frame: WireFrame) -> (opcode: UInt8, payload: [UInt8])? {
        if frame.opcode == Opcode.continuation {
            guard self.opcode != nil else { return nil }
        } else {
            self.opcode = frame.opcode
            self.payload = []
        }
        self.payload.append(contentsOf: frame.payload.bytes)
        guard frame.fin, let opcode = self.opcode else { return nil }
        let whole = self.payload
        self.opcode = nil
        self.payload = []
        return (opcode, whole)
    }
}
