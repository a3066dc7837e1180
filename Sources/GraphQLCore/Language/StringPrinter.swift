/// Turns string values into literals (GraphQL §2.9.4).
package enum StringPrinter {
    /// The literal of a string, as a block string where asked for.
    static func print(_ value: String, isBlock: Bool) -> String {
        isBlock ? self.block(value) : self.quoted(value)
    }

    /// The literal in single quotation marks; control characters, also those of Latin-1, are escaped.
    package static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{8}": text += "\\b"
            case "\t": text += "\\t"
            case "\n": text += "\\n"
            case "\u{C}": text += "\\f"
            case "\r": text += "\\r"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    /// The literal as a block string. The quotation marks get their own lines where the text is long, has lines, or
    /// could not be told from them.
    static func block(_ value: String) -> String {
        let escaped = StringPrinter.escapingTripleQuotes(in: value)
        let lines = StringPrinter.lines(of: escaped)
        let first = value.unicodeScalars.first
        let isSingleLine = lines.count == 1
        // With all further lines indented, the indentation would be taken for common and be lost.
        let needsLineBefore =
            !isSingleLine
            && lines.dropFirst().allSatisfy { line in
                line.first.map { $0 == " " || $0 == "\t" } ?? true
            }
        let endsInEscape = escaped.hasSuffix("\\\"\"\"")
        let needsLineAfter =
            (value.utf8.last == UInt8(ascii: "\"") && !endsInEscape)
            || value.utf8.last == UInt8(ascii: "\\")
        let isSpread =
            !isSingleLine || value.unicodeScalars.count > 70 || needsLineBefore || needsLineAfter || endsInEscape
        // A line before a single indented line would make its indentation common.
        let keepsFirstLine = isSingleLine && (first == " " || first == "\t")
        let before = isSpread && !keepsFirstLine || needsLineBefore ? "\n" : ""
        let after = isSpread || needsLineAfter ? "\n" : ""
        return "\"\"\"" + before + escaped + after + "\"\"\""
    }

    private static func escapingTripleQuotes(in value: String) -> String {
        guard value.utf8.contains(UInt8(ascii: "\"")) else { return value }
        var bytes: [UInt8] = []
        var run = 0
        for byte in value.utf8 {
            bytes.append(byte)
            run = byte == UInt8(ascii: "\"") ? run + 1 : 0
            if run == 3 {
                bytes.insert(UInt8(ascii: "\\"), at: bytes.count - 3)
                run = 0
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func lines(of text: String) -> [Substring.UnicodeScalarView] {
        var lines: [Substring.UnicodeScalarView] = []
        let scalars = Substring(text).unicodeScalars
        var start = scalars.startIndex
        var index = start
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let next = scalars.index(after: index)
            if scalar == "\n" || scalar == "\r" {
                lines.append(scalars[start..<index])
                start =
                    scalar == "\r" && next < scalars.endIndex && scalars[next] == "\n"
                    ? scalars.index(after: next) : next
                index = start
            } else {
                index = next
            }
        }
        lines.append(scalars[start...])
        return lines
    }
}
