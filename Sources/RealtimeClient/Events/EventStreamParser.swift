/// Reads a stream of server-sent events, piece by piece (WHATWG HTML, "Parsing an event stream").
struct EventStreamParser: Sendable {
    /// What a stream says.
    enum Element: Sendable, Equatable {
        case event(type: String, id: String, data: String)
        /// How long to wait before connecting again.
        case retry(Duration)
        case comment
    }

    /// A line that is longer than the limit; the stream cannot be read any further.
    struct TooLong: Error {}

    private let limit: Int
    private var line: [UInt8] = []
    private var isBehindCarriageReturn = false
    private var isFirstLine = true
    private var data: [UInt8]?
    private var type = ""
    private var id = ""

    /// - Parameter limit: Bytes of a line, and of the data of one event, inclusive.
    init(limit: Int = 16 << 20) {
        self.limit = limit
    }

    /// - Throws: `TooLong`.
    mutating func read(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [Element] {
        var elements: [Element] = []
        for byte in bytes {
            switch byte {
            case 0x0A where self.isBehindCarriageReturn: self.isBehindCarriageReturn = false
            case 0x0A, 0x0D:
                self.isBehindCarriageReturn = byte == 0x0D
                if let element = self.endLine() { elements.append(element) }
            default:
                self.isBehindCarriageReturn = false
                guard self.line.count + (self.data?.count ?? 0) < self.limit else { throw TooLong() }
                self.line.append(byte)
            }
        }
        return elements
    }

    private mutating func endLine() -> Element? {
        defer {
            self.line.removeAll(keepingCapacity: true)
            self.isFirstLine = false
        }
        if self.isFirstLine, self.line.starts(with: [0xEF, 0xBB, 0xBF]) {
            self.line.removeFirst(3)
        }
        guard let first = self.line.first else { return self.dispatch() }
        guard first != 0x3A else { return .comment }
        let colon = self.line.firstIndex(of: 0x3A) ?? self.line.endIndex
        var value = self.line[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: self.line[..<colon], as: UTF8.self) {
        case "data":
            self.data = self.data.map { $0 + [0x0A] + value } ?? Array(value)
        case "event": self.type = String(decoding: value, as: UTF8.self)
        case "id" where !value.contains(0): self.id = String(decoding: value, as: UTF8.self)
        case "retry":
            if !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }),
                let milliseconds = Int64(String(decoding: value, as: UTF8.self))
            {
                return .retry(.milliseconds(milliseconds))
            }
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> Element? {
        defer {
            self.data = nil
            self.type = ""
        }
        guard let data = self.data else { return nil }
        return .event(
            type: self.type.isEmpty ? "message" : self.type, id: self.id,
            data: String(decoding: data, as: UTF8.self))
    }
}
