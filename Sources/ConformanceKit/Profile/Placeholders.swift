/// `{{name}}` in the texts of a profile.
enum Placeholders {
    /// The names in the order of the text; an opening without an end is none.
    static func names(in text: String) -> [String] {
        self.pieces(of: text).compactMap { if case .name(let name) = $0 { name } else { nil } }
    }

    /// The text with every known name replaced; unknown ones stay as they are.
    static func fill(_ text: String, _ values: [String: String]) -> String {
        self.pieces(of: text).map { piece in
            switch piece {
            case .text(let text): text
            case .name(let name): values[name] ?? "{{\(name)}}"
            }
        }.joined()
    }

    private enum Piece {
        case text(String)
        case name(String)
    }

    private static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{"), let end = rest[open.upperBound...].firstRange(of: "}}") {
            pieces.append(.text(String(rest[..<open.lowerBound])))
            let name = rest[open.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
            pieces.append(.name(String(name)))
            rest = rest[end.upperBound...]
        }
        pieces.append(.text(String(rest)))
        return pieces
    }
}
