/// A lexical token (GraphQL §2.1.6).
struct Token {
    /// The kinds of tokens; the raw value is how messages call the kind.
    enum Kind: String {
        case endOfFile = "<EOF>"
        case bang = "!"
        case dollar = "$"
        case ampersand = "&"
        case leftParenthesis = "("
        case rightParenthesis = ")"
        case spread = "..."
        case colon = ":"
        case equals = "="
        case at = "@"
        case leftBracket = "["
        case rightBracket = "]"
        case leftBrace = "{"
        case pipe = "|"
        case rightBrace = "}"
        case name = "Name"
        case int = "Int"
        case float = "Float"
        case string = "String"
        case blockString = "BlockString"

        /// The kind as messages call it: punctuators in quotes.
        var text: String {
            switch self {
            case .endOfFile, .name, .int, .float, .string, .blockString: return self.rawValue
            default: return "\"\(self.rawValue)\""
            }
        }
    }

    let kind: Kind
    /// Names and numbers as written, strings after their escapes; empty for punctuators.
    let value: String
    let location: SourceLocation

    /// The token as messages call it.
    var text: String {
        switch self.kind {
        case .name, .int, .float, .string, .blockString: return "\(self.kind.text) \"\(self.value)\""
        default: return self.kind.text
        }
    }

    /// Whether the token is this name.
    func isKeyword(_ keyword: String) -> Bool {
        self.kind == .name && self.value == keyword
    }
}
