extension Lexer {
    /// A block string (GraphQL §2.9.4); its only escape is `\"""`.
    mutating func blockString() throws(GraphQLError) -> Token {
        let location = self.here
        self.position += 3
        var content: [UInt8] = []
        var lineStarts = [0]
        var chunkStart = self.position
        while let byte = self.byte(ahead: 0) {
            switch byte {
            case UInt8(ascii: "\"") where self.starts(with: "\"\"\""):
                content += self.source[chunkStart..<self.position]
                self.position += 3
                let value = BlockString.value(of: content, lineStarts: lineStarts)
                return Token(kind: .blockString, value: value, location: location)
            case UInt8(ascii: "\\") where self.starts(with: "\\\"\"\""):
                content += self.source[chunkStart..<self.position]
                chunkStart = self.position + 1
                self.position += 4
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                content += self.source[chunkStart..<self.position]
                lineStarts.append(content.count)
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
    ///
    /// - Parameters:
    ///   - content: all lines, without what ends them.
    ///   - lineStarts: where each line starts in the content.
    static func value(of content: [UInt8], lineStarts: [Int]) -> String {
        func line(_ number: Int) -> ArraySlice<UInt8> {
            content[lineStarts[number]..<(number + 1 < lineStarts.count ? lineStarts[number + 1] : content.count)]
        }
        var commonIndent = Int.max
        var firstLine: Int?
        var lastLine = -1
        for number in lineStarts.indices {
            let text = line(number)
            let indent = text.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
            if indent == text.count { continue }
            if firstLine == nil { firstLine = number }
            lastLine = number
            if number > 0 { commonIndent = min(commonIndent, indent) }
        }
        guard let firstLine else { return "" }
        var value: [UInt8] = []
        for number in firstLine...lastLine {
            if number > firstLine { value.append(UInt8(ascii: "\n")) }
            value += number == 0 ? line(number) : line(number).dropFirst(commonIndent)
        }
        return String(decoding: value, as: UTF8.self)
    }
}
