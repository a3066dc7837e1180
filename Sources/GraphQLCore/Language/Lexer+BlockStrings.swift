extension Lexer {
    /// A block string (GraphQL §2.9.4); its only escape is `\"""`.
    mutating func blockString() throws(GraphQLError) -> Token {
        let location = self.here
        self.position += 3
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var chunkStart = self.position
        while let byte = self.byte(ahead: 0) {
            switch byte {
            case UInt8(ascii: "\"") where self.starts(with: "\"\"\""):
                line += self.source[chunkStart..<self.position]
                lines.append(line)
                self.position += 3
                return Token(kind: .blockString, value: BlockString.value(of: lines), location: location)
            case UInt8(ascii: "\\") where self.starts(with: "\\\"\"\""):
                line += self.source[chunkStart..<self.position]
                chunkStart = self.position + 1
                self.position += 4
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                line += self.source[chunkStart..<self.position]
                lines.append(line)
                line = []
                let isPair = byte == UInt8(ascii: "\r") && self.byte(ahead: 1) == UInt8(ascii: "\n")
                self.position += isPair ? 2 : 1
                chunkStart = self.position
                self.startLine()
            default:
                self.skipContent(byte)
            }
        }
        throw self.error("Unterminated string.")
    }
}

/// The layout of block strings.
enum BlockString {
    /// The value of a block string (GraphQL §2.9.4, "BlockStringValue"): without the indentation that all lines but the
    /// first have in common, and without blank lines at either end.
    static func value(of lines: [[UInt8]]) -> String {
        var commonIndent = Int.max
        var firstLine: Int?
        var lastLine = -1
        for (number, line) in lines.enumerated() {
            let indent = line.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
            if indent == line.count { continue }
            if firstLine == nil { firstLine = number }
            lastLine = number
            if number > 0 { commonIndent = min(commonIndent, indent) }
        }
        guard let firstLine else { return "" }
        var value: [UInt8] = []
        for number in firstLine...lastLine {
            if number > firstLine { value.append(UInt8(ascii: "\n")) }
            value += number == 0 ? lines[number][...] : lines[number].dropFirst(commonIndent)
        }
        return String(decoding: value, as: UTF8.self)
    }
}
