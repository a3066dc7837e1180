/// One event of an event stream (WHATWG HTML §9.2.6, "Interpreting an event stream").
package struct ServerSentEvent: Sendable, Hashable {
    /// The name; browsers dispatch events without one as `message`.
    package var event: String?
    /// Becomes the client's last event id; the empty string resets it.
    package var id: String?
    /// The text; may have several lines.
    package var data: String
    /// Milliseconds that the client is to wait before it connects again.
    package var retry: Int?

    package init(event: String? = nil, id: String? = nil, data: String, retry: Int? = nil) {
        self.event = event
        self.id = id
        self.data = data
        self.retry = retry
    }

    /// The bytes of the event with the blank line behind it. What would break the lines is left out of `event` and
    /// `id` (CR, LF and NUL); `data` gets one line for each of its own, whichever way those end. A negative `retry` is
    /// left out.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.data.utf8.count + 64)
        if let event = self.event {
            Self.append("event: ", Self.line(event), to: &bytes)
        }
        if let id = self.id {
            Self.append("id: ", Self.line(id), to: &bytes)
        }
        if let retry = self.retry, retry >= 0 {
            Self.append("retry: ", "\(retry)".utf8, to: &bytes)
        }
        for line in Self.lines(self.data) {
            Self.append("data: ", line, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The bytes of a comment, which clients ignore, with the blank line behind it.
    package static func comment(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for line in self.lines(text) {
            self.append(": ", line, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func append(_ field: StaticString, _ value: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        bytes += field.description.utf8
        bytes += value
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func line(_ text: String) -> [UInt8] {
        text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 }
    }

    /// The lines of a text that ends its lines with CRLF, LF or CR; at least one.
    private static func lines(_ text: String) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x0A || byte == 0x0D {
                lines.append(bytes[start..<index])
                if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A {
                    index += 1
                }
                start = index + 1
            }
            index += 1
        }
        lines.append(bytes[start...])
        return lines
    }
}
