import CProcess

/// Why a text is not JSON.
package struct JSONProblem: Error, Equatable, CustomStringConvertible {
    package var message: String
    /// Bytes before the problem.
    package var offset: Int

    package var description: String { "\(self.message) at byte \(self.offset)" }
}

/// A strict reader of one JSON text (RFC 8259). Nesting deeper than 512 is refused.
package struct JSONParser {
    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0
    private static let maximumDepth = 512

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value of a whole text; white space around it is skipped, anything else after it is a problem.
    package static func parse(_ bytes: [UInt8]) throws(JSONProblem) -> JSON {
        var parser = JSONParser(bytes)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.index == bytes.count else { throw parser.problem("something after the value") }
        return value
    }

    private func problem(_ message: String) -> JSONProblem { JSONProblem(message: message, offset: self.index) }

    private var current: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private mutating func skipSpace() {
        while let byte = self.current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.index += 1 }
    }

    private mutating func value() throws(JSONProblem) -> JSON {
        switch self.current {
        case UInt8(ascii: "{"): return try self.object()
        case UInt8(ascii: "["): return try self.array()
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try self.number()
        case .some: throw self.problem("no value starts with this byte")
        case nil: throw self.problem("the text ends where a value is expected")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONProblem) -> JSON {
        let expected = word.withUTF8Buffer { Array($0) }
        guard self.bytes[self.index...].starts(with: expected) else { throw self.problem("not \(word)") }
        self.index += expected.count
        return value
    }

    private static func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private mutating func digits() throws(JSONProblem) {
        guard Self.isDigit(self.current) else { throw self.problem("a digit is expected") }
        while Self.isDigit(self.current) { self.index += 1 }
    }

    private mutating func number() throws(JSONProblem) -> JSON {
        let start = self.index
        if self.current == UInt8(ascii: "-") { self.index += 1 }
        if self.current == UInt8(ascii: "0") { self.index += 1 } else { try self.digits() }
        if self.current == UInt8(ascii: ".") {
            self.index += 1
            try self.digits()
        }
        if self.current == UInt8(ascii: "e") || self.current == UInt8(ascii: "E") {
            self.index += 1
            if self.current == UInt8(ascii: "+") || self.current == UInt8(ascii: "-") { self.index += 1 }
            try self.digits()
        }
        return .number(String(decoding: self.bytes[start..<self.index], as: UTF8.self))
    }

    private mutating func enter() throws(JSONProblem) {
        self.depth += 1
        guard self.depth <= Self.maximumDepth else { throw self.problem("nested too deeply") }
        self.index += 1
        self.skipSpace()
    }

    private mutating func array() throws(JSONProblem) -> JSON {
        try self.enter()
        var items: [JSON] = []
        if self.current == UInt8(ascii: "]") {
            self.index += 1
            self.depth -= 1
            return .array(items)
        }
        while true {
            self.skipSpace()
            items.append(try self.value())
            if try self.endsList(with: UInt8(ascii: "]")) { return .array(items) }
        }
    }

    private mutating func object() throws(JSONProblem) -> JSON {
        try self.enter()
        var members: [JSON.Member] = []
        if self.current == UInt8(ascii: "}") {
            self.index += 1
            self.depth -= 1
            return .object(members)
        }
        while true {
            self.skipSpace()
            guard self.current == UInt8(ascii: "\"") else { throw self.problem("a member name is expected") }
            let name = try self.string()
            self.skipSpace()
            guard self.current == UInt8(ascii: ":") else { throw self.problem("a colon is expected") }
            self.index += 1
            self.skipSpace()
            members.append(.init(name, try self.value()))
            if try self.endsList(with: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func endsList(with closing: UInt8) throws(JSONProblem) -> Bool {
        self.skipSpace()
        switch self.current {
        case UInt8(ascii: ","):
            self.index += 1
            return false
        case closing:
            self.index += 1
            self.depth -= 1
            return true
        default: throw self.problem("a comma or the end of the list is expected")
        }
    }

    private mutating func string() throws(JSONProblem) -> String {
        self.index += 1
        var text: [UInt8] = []
        while let byte = self.current {
            switch byte {
            case UInt8(ascii: "\""):
                self.index += 1
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw self.problem("a string is not UTF-8")
                }
                return valid
            case UInt8(ascii: "\\"):
                self.index += 1
                try self.escape(into: &text)
            case 0..<0x20: throw self.problem("a control character in a string")
            default:
                let run = self.plainRun()
                text.append(contentsOf: self.bytes[self.index..<(self.index + run)])
                self.index += run
            }
        }
        throw self.problem("a string does not end")
    }

    /// How many bytes from here on stand for themselves.
    private func plainRun() -> Int {
        self.bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return gqc_plain_run(start + self.index, buffer.count - self.index)
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONProblem) {
        guard let byte = self.current else { throw self.problem("an escape does not end") }
        self.index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            let unit = try self.hexUnit()
            if unit >= 0xD800 && unit < 0xDC00, self.bytes[self.index...].starts(with: Array("\\u".utf8)) {
                let back = self.index
                self.index += 2
                let low = try self.hexUnit()
                let pair = 0x10000 + ((unit - 0xD800) << 10) + (low &- 0xDC00)
                if low >= 0xDC00 && low < 0xE000, let scalar = Unicode.Scalar(pair) {
                    text.append(contentsOf: Array(String(Character(scalar)).utf8))
                    return
                }
                self.index = back
            }
            // A lone surrogate has no UTF-8 form; it is read as U+FFFD.
            let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw self.problem("an unknown escape")
        }
    }

    private mutating func hexUnit() throws(JSONProblem) -> UInt32 {
        guard self.index + 4 <= self.bytes.count,
            let unit = UInt32(String(decoding: self.bytes[self.index..<self.index + 4], as: UTF8.self), radix: 16),
            self.bytes[self.index] != UInt8(ascii: "+"), self.bytes[self.index] != UInt8(ascii: "-")
        else { throw self.problem("four hexadecimal digits are expected") }
        self.index += 4
        return unit
    }
}
