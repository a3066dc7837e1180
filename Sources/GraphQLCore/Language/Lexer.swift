/// Cuts a document into tokens (GraphQL §2.1).
///
/// It works on UTF-8 bytes; a `String` holds no invalid ones. Only strings, comments and the byte order mark may hold
/// bytes beyond ASCII, so that only there columns, which count code points, run apart from bytes.
struct Lexer {
    let source: [UInt8]
    /// The next byte to read.
    var position = 0
    private var line = 1
    /// Where the line starts, moved on by one for each byte that continues a code point, so that a column is the
    /// distance from here.
    private var columnBase = 0

    init(_ text: String) {
        self.source = Array(text.utf8)
    }

    /// The next token; `endOfFile` again and again at the end.
    mutating func next() throws(GraphQLError) -> Token {
        self.skipIgnored()
        guard self.position < self.source.count else {
            return Token(kind: .endOfFile, value: "", location: self.here)
        }
        let byte = self.source[self.position]
        switch byte {
        case UInt8(ascii: "{"): return self.punctuator(.leftBrace)
        case UInt8(ascii: "}"): return self.punctuator(.rightBrace)
        case UInt8(ascii: "("): return self.punctuator(.leftParenthesis)
        case UInt8(ascii: ")"): return self.punctuator(.rightParenthesis)
        case UInt8(ascii: ":"): return self.punctuator(.colon)
        case UInt8(ascii: "$"): return self.punctuator(.dollar)
        case UInt8(ascii: "!"): return self.punctuator(.bang)
        case UInt8(ascii: "@"): return self.punctuator(.at)
        case UInt8(ascii: "["): return self.punctuator(.leftBracket)
        case UInt8(ascii: "]"): return self.punctuator(.rightBracket)
        case UInt8(ascii: "="): return self.punctuator(.equals)
        case UInt8(ascii: "|"): return self.punctuator(.pipe)
        case UInt8(ascii: "&"): return self.punctuator(.ampersand)
        case UInt8(ascii: "."):
            guard self.starts(with: "...") else { throw self.unexpectedCharacter() }
            return self.punctuator(.spread, length: 3)
        case UInt8(ascii: "\""):
            return try self.starts(with: "\"\"\"") ? self.blockString() : self.string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try self.number()
        default:
            guard Lexer.startsName(byte) else { throw self.unexpectedCharacter() }
            return self.name()
        }
    }

    /// The location of the next byte.
    var here: SourceLocation {
        SourceLocation(line: self.line, column: self.position - self.columnBase + 1)
    }

    /// Notes that the line ended before the next byte.
    mutating func startLine() {
        self.line += 1
        self.columnBase = self.position
    }

    /// Steps over a byte of a string or comment that does not end a line.
    mutating func skipContent(_ byte: UInt8) {
        if byte & 0b1100_0000 == 0b1000_0000 { self.columnBase += 1 }
        self.position += 1
    }

    /// Whether the source goes on with this text.
    func starts(with text: StaticString) -> Bool {
        guard self.position + text.utf8CodeUnitCount <= self.source.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount
        where self.source[self.position + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    /// The byte at a distance from the next one; nil past the end.
    func byte(ahead distance: Int) -> UInt8? {
        let place = self.position + distance
        return place < self.source.count ? self.source[place] : nil
    }

    /// Whether a name may start with the byte (§2.1.9).
    static func startsName(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }

    /// Whether the byte is one of `0` to `9`.
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    private mutating func punctuator(_ kind: Token.Kind, length: Int = 1) -> Token {
        let location = self.here
        self.position += length
        return Token(kind: kind, value: "", location: location)
    }

    private mutating func name() -> Token {
        let location = self.here
        let start = self.position
        while self.position < self.source.count {
            let byte = self.source[self.position]
            guard Lexer.startsName(byte) || Lexer.isDigit(byte) else { break }
            self.position += 1
        }
        return Token(kind: .name, value: self.text(from: start), location: location)
    }

    /// The source from a place to the next byte.
    func text(from start: Int) -> String {
        String(decoding: self.source[start..<self.position], as: UTF8.self)
    }

    /// Steps over white space, line ends, commas, comments and byte order marks (§2.1.7).
    private mutating func skipIgnored() {
        while self.position < self.source.count {
            switch self.source[self.position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ","):
                self.position += 1
            case UInt8(ascii: "\n"):
                self.position += 1
                self.startLine()
            case UInt8(ascii: "\r"):
                self.position += self.byte(ahead: 1) == UInt8(ascii: "\n") ? 2 : 1
                self.startLine()
            case UInt8(ascii: "#"):
                self.skipComment()
            case 0xEF where self.byte(ahead: 1) == 0xBB && self.byte(ahead: 2) == 0xBF:
                self.position += 3
                self.columnBase += 2
            default:
                return
            }
        }
    }

    private mutating func skipComment() {
        while self.position < self.source.count {
            let byte = self.source[self.position]
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return }
            self.skipContent(byte)
        }
    }
}
