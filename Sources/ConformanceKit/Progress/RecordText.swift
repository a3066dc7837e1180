/// One line for one record, for people.
package enum RecordText {
    /// The number of characters of a payload that are shown.
    private static let limit = 300

    /// The record as a line: time, connection, direction and what it was; `nil` for records that are no traffic.
    package static func line(_ record: HistoryRecord) -> String? {
        guard let (arrow, text) = self.traffic(record.event) else { return nil }
        let seconds = Double(record.time / 1_000_000) / 1000
        return "\(self.padded(seconds)) \(record.connection ?? "-") \(arrow) \(text)"
    }

    /// The last traffic of a history, at most `count` lines: that of the connection, or all if it is `nil`.
    package static func last(_ count: Int, of history: History, connection: String?) -> [String] {
        let records = history.records.filter { connection == nil || $0.connection == connection }
        return records.compactMap(self.line).suffix(count)
    }

    /// The direction and the line of what went over a connection; `nil` for everything else.
    static func traffic(_ event: HistoryRecord.Event) -> (arrow: String, text: String)? {
        switch event {
        case .connecting(let address, let transport, let offered):
            ("→", "connect to \(address) (\(transport), offering \(offered.joined(separator: ", ")))")
        case .connectFailed(let reason): ("←", "no connection: \(reason)")
        case .responseReceived(let response): ("←", "HTTP \(response.status)")
        case .requestSent(let bytes): ("→", self.firstLine(bytes.bytes))
        case .frameSent(let frame): ("→", self.frame(frame))
        case .bytesSent(let bytes): ("→", "\(bytes.bytes.count) bytes: \(self.shown(bytes.bytes))")
        case .frameReceived(let frame): ("←", self.frame(frame))
        case .unreadable(let reason, let bytes): ("←", "unreadable (\(reason)): \(self.shown(bytes.bytes))")
        case .ended(let how): ("←", "end of the connection (\(how.rawValue))")
        case .dropped(let how): ("→", "dropped (\(how))")
        case .httpSent(_, let request):
            ("→", "\(request.method) \(request.url) \(self.shown(request.body?.bytes ?? []))")
        case .httpHead(_, let head): ("←", "HTTP/\(head.version) \(head.status) \(head.mediaType ?? "")")
        case .httpBytes(_, let bytes): ("←", self.shown(bytes.bytes))
        case .httpLeft(_, let how): ("→", "left the answer (\(how))")
        case .httpEnded(_, let end): ("←", "end of the answer (\(end.kind.rawValue)) \(end.detail)")
        case .fault(let name, let phase, let detail): ("!", "fault \(name) \(phase.rawValue) \(detail)")
        default: nil
        }
    }

    /// The bytes that went over a connection.
    static func payload(_ event: HistoryRecord.Event) -> [UInt8]? {
        switch event {
        case .requestSent(let bytes), .bytesSent(let bytes), .unreadable(_, let bytes): bytes.bytes
        case .responseReceived(let response): response.head.bytes + response.body.bytes
        case .frameSent(let frame), .frameReceived(let frame): frame.payload.bytes
        default: nil
        }
    }

    private static func frame(_ frame: WireFrame) -> String {
        let payload = frame.payload.bytes
        let more = frame.fin ? "" : " (to be continued)"
        switch frame.opcode {
        case Opcode.text: return self.shown(payload) + more
        case Opcode.close:
            guard payload.count >= 2 else { return "close without a code" }
            let code = Int(payload[0]) << 8 | Int(payload[1])
            return payload.count == 2 ? "close \(code)" : "close \(code) \"\(self.shown(Array(payload.dropFirst(2))))\""
        case Opcode.ping: return "ping frame \(self.shown(payload))"
        case Opcode.pong: return "pong frame \(self.shown(payload))"
        case Opcode.binary: return "binary, \(payload.count) bytes\(more)"
        case Opcode.continuation: return "continued: \(self.shown(payload))\(more)"
        default: return "opcode \(frame.opcode), \(payload.count) bytes"
        }
    }

    private static func firstLine(_ bytes: [UInt8]) -> String {
        self.shown(Array(bytes.prefix { $0 != 0x0D && $0 != 0x0A }))
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(4 * self.limit), as: UTF8.self)
        let cleaned = text.prefix(self.limit).unicodeScalars.map { scalar -> String in
            scalar.value < 0x20 || scalar.value == 0x7f ? "·" : String(scalar)
        }.joined()
        return bytes.count > cleaned.utf8.count ? "\(cleaned)… (\(bytes.count) bytes)" : cleaned
    }

    private static func padded(_ seconds: Double) -> String {
        let milliseconds = Int(seconds * 1000)
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
