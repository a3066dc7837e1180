/// Values as they appear in error messages: like JavaScript literals, shortened so that a message stays readable and
/// never much longer than what it is about.
enum Inspection {
    private static let longestText = 240
    private static let longestList = 10
    private static let deepest = 2

    static func text(of value: JSONValue) -> String {
        self.text(of: value, level: 0)
    }

    static func text(of value: ResolvedValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .double(let value): self.text(of: value)
        case .string(let value): self.text(of: .string(value), level: 0)
        case .list(let elements): self.list(elements.map { self.text(of: $0) })
        case .record(let record): "{ \(record.typeName ?? record.names.prefix(3).joined(separator: ", ")) }"
        case .object(let object): "{ \(object.typeName ?? "object") }"
        case .json(let value): self.text(of: value, level: 0)
        case .failure(let error): "[Error: \(error.message)]"
        }
    }

    private static func text(of value: JSONValue, level: Int) -> String {
        switch value {
        case .null: return "null"
        case .bool(let value): return String(value)
        case .int(let value): return String(value)
        case .double(let value): return self.text(of: value)
        case .number(let text): return self.shortened(text)
        case .string(let text): return self.shortened(JSONValue.string(text).text)
        case .array(let elements):
            guard !elements.isEmpty else { return "[]" }
            guard level <= self.deepest else { return "[Array]" }
            return self.list(
                elements.prefix(self.longestList).map { self.text(of: $0, level: level + 1) }, of: elements.count)
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            guard level <= self.deepest else { return "[Object]" }
            let texts = members.prefix(self.longestList).map { key, value in
                "\(self.shortened(key)): \(self.text(of: value, level: level + 1))"
            }
            let rest = members.count - texts.count
            return "{ \(texts.joined(separator: ", "))\(rest > 0 ? ", ... \(rest) more" : "") }"
        }
    }

    private static func text(of value: Double) -> String {
        if let whole = Int64(exactly: value) {
            return String(whole)
        }
        return value.description
    }

    private static func list(_ texts: [String]) -> String {
        self.list(Array(texts.prefix(self.longestList)), of: texts.count)
    }

    private static func list(_ texts: [String], of count: Int) -> String {
        let rest = count - texts.count
        let ending = rest == 0 ? "" : rest == 1 ? ", ... 1 more item" : ", ... \(rest) more items"
        return "[\(texts.joined(separator: ", "))\(ending)]"
    }

    /// The text, or its beginning and end when it has more than 240 characters.
    static func shortened(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard text.utf8.count > self.longestText, scalars.count > self.longestText else { return text }
        let half = (self.longestText - 3) / 2
        return String(scalars.prefix(half)) + "..." + String(scalars.suffix(half + 1))
    }
}
