/// Strings, RFC 8259 §7 and §8.
extension JSONScanner {
    /// The string that begins with the quotation mark here.
    mutating func readString() throws(JSONError) -> String {
        let start = self.offset + 1
        let end = self.bytes.plainTextEnd(from: start)
        guard end < self.bytes.count else { throw JSONError(.unexpectedEnd, at: end) }
        switch self.bytes[end] {
        case UInt8(ascii: "\""):
            self.offset = end + 1
            return try self.validated(UnsafeBufferPointer(rebasing: self.bytes[start..<end]), from: start)
        case UInt8(ascii: "\\"):
            return try self.readEscapedString(from: start, firstEscape: end)
        default:
            throw JSONError(.controlCharacter, at: end)
        }
    }

    private mutating func readEscapedString(from start: Int, firstEscape: Int) throws(JSONError) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((firstEscape - start) * 2 + 16)
        var runStart = start
        self.offset = firstEscape
        while true {
            let byte = try self.peek()
            switch byte {
            case UInt8(ascii: "\""):
                try self.appendRun(from: runStart, to: &text)
                self.offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try self.appendRun(from: runStart, to: &text)
                try self.readEscape(into: &text)
                runStart = self.offset
            case ..<0x20:
                throw JSONError(.controlCharacter, at: self.offset)
            default:
                self.offset += 1
            }
        }
    }

    /// Appends the bytes up to here. A run ends before an ASCII byte, so it cannot split a character of valid text.
    private func appendRun(from start: Int, to text: inout [UInt8]) throws(JSONError) {
        let run = UnsafeBufferPointer(rebasing: self.bytes[start..<self.offset])
        if let invalid = UTF8Check.firstInvalidOffset(in: run) {
            throw JSONError(.invalidUTF8, at: start + invalid)
        }
        text.append(contentsOf: run)
    }

    private func validated(_ slice: UnsafeBufferPointer<UInt8>, from start: Int) throws(JSONError) -> String {
        if let invalid = UTF8Check.firstInvalidOffset(in: slice) {
            throw JSONError(.invalidUTF8, at: start + invalid)
        }
        return String(decoding: slice, as: UTF8.self)
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONError) {
        let start = self.offset
        self.offset += 1
        let byte = try self.peek()
        self.offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try self.readEscapedScalar(from: start)).utf8)
        default: throw JSONError(.invalidEscape, at: start)
        }
    }

    /// The character of a `\u` escape, of which the four digits come next, or of a pair of them.
    private mutating func readEscapedScalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try self.readFourDigits(from: start)
        if let scalar = Unicode.Scalar(unit) {
            return scalar
        }
        guard unit < 0xDC00,
            self.offset + 1 < self.bytes.count,
            self.bytes[self.offset] == UInt8(ascii: "\\"), self.bytes[self.offset + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: start) }
        let second = self.offset
        self.offset += 2
        let trail = try self.readFourDigits(from: second)
        guard (0xDC00...0xDFFF).contains(trail),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00))
        else { throw JSONError(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func readFourDigits(from start: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let byte = try self.peek()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw JSONError(.invalidEscape, at: start)
            }
            unit = unit << 4 | UInt16(digit)
            self.offset += 1
        }
        return unit
    }
}
