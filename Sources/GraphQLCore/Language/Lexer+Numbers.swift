extension Lexer {
    /// An integer or a float (GraphQL §2.9.1, §2.9.2). Neither may be followed by a name or a dot, so that `0xF1` and
    /// `1.2.3` are errors and not two tokens.
    mutating func number() throws(GraphQLError) -> Token {
        let location = self.here
        let start = self.position
        var isFloat = false
        if self.byte(ahead: 0) == UInt8(ascii: "-") { self.position += 1 }
        if self.byte(ahead: 0) == UInt8(ascii: "0") {
            self.position += 1
            if let byte = self.byte(ahead: 0), Lexer.isDigit(byte) {
                throw self.error(
                    "Invalid number, unexpected digit after 0: \(self.characterText(at: self.position)).")
            }
        } else {
            try self.skipDigits()
        }
        if self.byte(ahead: 0) == UInt8(ascii: ".") {
            isFloat = true
            self.position += 1
            try self.skipDigits()
        }
        if let byte = self.byte(ahead: 0), byte | 0x20 == UInt8(ascii: "e") {
            isFloat = true
            self.position += 1
            if let sign = self.byte(ahead: 0), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                self.position += 1
            }
            try self.skipDigits()
        }
        if let byte = self.byte(ahead: 0), byte == UInt8(ascii: ".") || Lexer.startsName(byte) {
            throw self.expectedDigit()
        }
        return Token(kind: isFloat ? .float : .int, value: self.text(from: start), location: location)
    }

    private mutating func skipDigits() throws(GraphQLError) {
        guard let first = self.byte(ahead: 0), Lexer.isDigit(first) else { throw self.expectedDigit() }
        while let byte = self.byte(ahead: 0), Lexer.isDigit(byte) { self.position += 1 }
    }

    private func expectedDigit() -> GraphQLError {
        self.error("Invalid number, expected digit but got: \(self.characterText(at: self.position)).")
    }
}
