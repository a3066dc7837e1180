extension Lexer {
    /// A syntax error at the next byte.
    func error(_ message: String) -> GraphQLError {
        self.error(message, at: self.position)
    }

    /// A syntax error at a place in the source.
    func error(_ message: String, at place: Int) -> GraphQLError {
        GraphQLError(message: "Syntax Error: " + message, location: self.location(of: place))
    }

    /// The error for a character that starts no token.
    func unexpectedCharacter() -> GraphQLError {
        if self.byte(ahead: 0) == UInt8(ascii: "'") {
            return self.error("Unexpected single quote character ('), did you mean to use a double quote (\")?")
        }
        return self.error("Unexpected character: \(self.characterText(at: self.position)).")
    }

    /// A code point as messages show it: printable ASCII in quotes, others as `U+1234`.
    func characterText(at place: Int) -> String {
        guard let scalar = self.snippet(from: place, codePoints: 1).unicodeScalars.first else { return "<EOF>" }
        if scalar == "\"" { return "'\"'" }
        if (0x20...0x7E).contains(scalar.value) { return "\"\(scalar)\"" }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// At most so many code points of the source, from a place on.
    func snippet(from place: Int, codePoints: Int) -> String {
        var end = place
        var left = codePoints
        while end < self.source.count {
            if self.source[end] & 0b1100_0000 != 0b1000_0000 {
                if left == 0 { break }
                left -= 1
            }
            end += 1
        }
        return String(decoding: self.source[place..<end], as: UTF8.self)
    }

    /// The location of a place, found by reading from the start: exact also in the midst of a token, but slow.
    private func location(of place: Int) -> SourceLocation {
        var line = 1
        var column = 1
        for index in 0..<min(place, self.source.count) {
            let byte = self.source[index]
            let endsLine =
                byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r")
                    && !(index + 1 < self.source.count && self.source[index + 1] == UInt8(ascii: "\n"))
            if endsLine {
                line += 1
                column = 1
            } else if byte & 0b1100_0000 != 0b1000_0000 {
                column += 1
            }
        }
        return SourceLocation(line: line, column: column)
    }
}
