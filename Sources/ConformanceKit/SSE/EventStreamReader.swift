/// Reads an event stream from bytes in any pieces (WHATWG HTML §9.2.6), and notes what a strict reader objects to.
///
/// Linear in the number of bytes, whatever the pieces are.
package struct EventStreamReader: Sendable {
    /// One thing that the stream says.
    package enum Output: Sendable, Equatable {
        case event(ServerSentEvent)
        /// A line that begins with a colon, without the colon.
        case comment(String)
        /// The value of a `retry` field that is one: milliseconds.
        case retry(String)
        /// A rule that the stream breaks, or a liberty that nobody needs. The name is that of a requirement row.
        case problem(row: String, message: String)
    }

    private var line: [UInt8] = []
    /// The last byte was a CR, so an LF belongs to it.
    private var skipsLineFeed = false
    private var isFirstLine = true
    private var block = Block()
    private var lastID = ""

    private struct Block {
        var name = ""
        var data: [String] = []
        var isEmpty = true
    }

    package init() {}

    /// Takes bytes in.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [Output] {
        var output: [Output] = []
        for byte in bytes {
            if self.skipsLineFeed {
                self.skipsLineFeed = false
                if byte == 0x0A { continue }
            }
            switch byte {
            case 0x0A: self.endLine(into: &output)
            case 0x0D:
                self.skipsLineFeed = true
                self.endLine(into: &output)
            default: self.line.append(byte)
            }
        }
        return output
    }

    /// The stream is over: what is not ended by a blank line is lost.
    package mutating func finish() -> [Output] {
        guard !self.line.isEmpty || !self.block.isEmpty else { return [] }
        self.line = []
        self.block = Block()
        return [
            .problem(
                row: "event-stream/blank-line-ends-event",
                message: "the stream ends inside an event, which is lost (WHATWG HTML §9.2.6)")
        ]
    }

    private mutating func endLine(into output: inout [Output]) {
        var bytes = self.line[...]
        self.line.removeAll(keepingCapacity: self.line.count < 1 << 16)
        if self.isFirstLine {
            self.isFirstLine = false
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
                bytes = bytes.dropFirst(3)
                output.append(.problem(row: "event-stream/no-bom", message: "the stream begins with a byte order mark"))
            }
        }
        guard !bytes.isEmpty else {
            self.dispatch(into: &output)
            return
        }
        if String(validating: bytes, as: UTF8.self) == nil {
            output.append(.problem(row: "event-stream/utf8", message: "a line is not UTF-8"))
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            self.field(String(decoding: bytes, as: UTF8.self), "", into: &output)
            return
        }
        let name = String(decoding: bytes[..<colon], as: UTF8.self)
        var value = bytes[(colon + 1)...]
        if name.isEmpty {
            output.append(.comment(String(decoding: value, as: UTF8.self)))
            return
        }
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        self.field(name, String(decoding: value, as: UTF8.self), into: &output)
    }

    private mutating func field(_ name: String, _ value: String, into output: inout [Output]) {
        self.block.isEmpty = false
        switch name {
        case "event":
            self.block.name = value
            if value != value.filter({ !$0.isWhitespace }) {
                output.append(
                    .problem(
                        row: "event-stream/event-value", message: "the event name `\(value.prefix(40))` has white space"
                    ))
            }
        case "data": self.block.data.append(value)
        case "id":
            if value.unicodeScalars.contains("\0") {
                output.append(.problem(row: "event-stream/id", message: "an `id` with NUL is ignored"))
            } else {
                self.lastID = value
            }
        case "retry":
            if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                output.append(.retry(value))
            } else {
                output.append(
                    .problem(row: "event-stream/retry", message: "`retry` is no number: `\(value.prefix(40))`"))
            }
        default:
            output.append(
                .problem(row: "event-stream/field-names", message: "the field `\(name.prefix(40))` does not exist"))
        }
    }

    private mutating func dispatch(into output: inout [Output]) {
        let block = self.block
        self.block = Block()
        // A block with neither data nor a name (an `id` alone, a `retry` alone) is no event for anybody.
        guard !block.data.isEmpty || !block.name.isEmpty else { return }
        output.append(
            .event(
                ServerSentEvent(
                    name: block.name.isEmpty ? "message" : block.name, data: block.data.joined(separator: "\n"),
                    dataLines: block.data.count, isNamed: !block.name.isEmpty, lastID: self.lastID)))
    }
}

/// One event of a stream.
package struct ServerSentEvent: Sendable, Equatable {
    /// The value of `event`, `message` without one.
    package var name: String
    /// The values of all `data` fields, joined by line feeds.
    package var data: String
    /// How many `data` fields there were. With none a browser does not dispatch the event.
    package var dataLines: Int
    /// Whether there was an `event` field with a value.
    package var isNamed: Bool
    /// The last `id` of the stream so far.
    package var lastID: String
}
