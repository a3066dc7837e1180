extension Lexer {
    /// A string in single quotation marks (GraphQL §2.9.4); it ends on its line.
    mutating func string() throws(GraphQLError) -> Token {
        let location = self.here
        self.position += 1
        var value: [UInt8] = []
        var chunkStart = self.position
        while let byte = self.byte(ahead: 0) {
            switch byte {
            case UInt8(ascii: "\""):
                let text: String
                if value.isEmpty {
                    text = self.text(from: chunkStart)
                } else {
                    value += self.source[chunkStart..<self.position]
                    text = String(decoding: value, as: UTF8.self)
                }
                self.position += 1
                return Token(kind: .string, value: text, location: location)
            case UInt8(ascii: "\\"):
                value += self.source[chunkStart..<self.position]
                let scalar = try self.escape()
                value += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                chunkStart = self.position
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                throw self.error("Unterminated string.")
            default:
                self.skipContent(byte)
            }
        }
        throw self.error("Unterminated string.")
    }

    /// The code point of the escape sequence at the next byte (§2.9.4, "StringCharacter").
    private mutating func escape() throws(GraphQLError) -> Unicode.Scalar {
        switch self.byte(ahead: 1) {
        case UInt8(ascii: "u"):
            return try self.byte(ahead: 2) == UInt8(ascii: "{") ? self.braceEscape() : self.hexEscape()
        case UInt8(ascii: "\""): return self.simpleEscape("\"")
        case UInt8(ascii: "\\"): return self.simpleEscape("\\")
        case UInt8(ascii: "/"): return self.simpleEscape("/")
        case UInt8(ascii: "b"): return self.simpleEscape("\u{8}")
        case UInt8(ascii: "f"): return self.simpleEscape("\u{C}")
        case UInt8(ascii: "n"): return self.simpleEscape("\n")
        case UInt8(ascii: "r"): return self.simpleEscape("\r")
        case UInt8(ascii: "t"): return self.simpleEscape("\t")
        default:
            let snippet = self.snippet(from: self.position, codePoints: 2)
            throw self.error("Invalid character escape sequence: \"\(snippet)\".")
        }
    }

    private mutating func simpleEscape(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        self.position += 2
        return scalar
    }

    /// `\u{…}`: a scalar value in at least one hexadecimal digit; zeros in front are fine.
    private mutating func braceEscape() throws(GraphQLError) -> Unicode.Scalar {
        var point: UInt32 = 0
        var length = 3
        while let byte = self.byte(ahead: length) {
            length += 1
            if byte == UInt8(ascii: "}") {
                guard length > 4, let scalar = Unicode.Scalar(point) else { break }
                self.position += length
                return scalar
            }
            // Past the last code point more digits cannot help, and messages should not grow with them.
            guard let digit = Lexer.hexDigit(byte), point <= 0x10FFFF || length < 12 else { break }
            point = min(point << 4 | digit, 0x110000)
        }
        throw self.invalidUnicodeEscape(codePoints: length)
    }

    /// `\u1234`, or two of them that form a surrogate pair.
    private mutating func hexEscape() throws(GraphQLError) -> Unicode.Scalar {
        guard let code = self.hexCode(ahead: 2) else { throw self.invalidUnicodeEscape(codePoints: 6) }
        if let scalar = Unicode.Scalar(code) {
            self.position += 6
            return scalar
        }
        guard (0xD800...0xDBFF).contains(code), self.byte(ahead: 6) == UInt8(ascii: "\\"),
            self.byte(ahead: 7) == UInt8(ascii: "u"), let trailing = self.hexCode(ahead: 8),
            (0xDC00...0xDFFF).contains(trailing),
            let scalar = Unicode.Scalar(0x10000 + ((code & 0x3FF) << 10 | (trailing & 0x3FF)))
        else { throw self.invalidUnicodeEscape(codePoints: 6) }
        self.position += 12
        return scalar
    }

    private func hexCode(ahead distance: Int) -> UInt32? {
        var code: UInt32 = 0
        for offset in distance..<distance + 4 {
            guard let byte = self.byte(ahead: offset), let digit = Lexer.hexDigit(byte) else { return nil }
            code = code << 4 | digit
        }
        return code
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        if Lexer.isDigit(byte) { return UInt32(byte - UInt8(ascii: "0")) }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? UInt32(letter) + 10 : nil
    }

    private func invalidUnicodeEscape(codePoints: Int) -> GraphQLError {
        let snippet = self.snippet(from: self.position, codePoints: codePoints)
        return self.error("Invalid Unicode escape sequence: \"\(snippet)\".")
    }
}
