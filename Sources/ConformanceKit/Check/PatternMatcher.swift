/// Compares JSON with a pattern.
package enum PatternMatcher {
    /// The operators, and what each takes.
    static let operators: [String: String] = [
        "$any": "true", "$type": "a type or a list of types", "$absent": "true", "$exact": "a value",
        "$regex": "a regular expression", "$one_of": "a list of patterns", "$not": "a pattern",
        "$each": "a pattern", "$keys": "a list of names", "$length": "{min:, max:}", "$all": "a list of patterns",
        "$repeat": "a string, with times", "$nest": "a number",
    ]

    static let types = ["null", "boolean", "integer", "number", "string", "array", "object"]

    /// Nil if the value fits, otherwise the first difference, with its path.
    package static func mismatch(_ value: JSON?, _ pattern: JSON, at path: String = "") -> String? {
        let place = path.isEmpty ? "the value" : "`\(path)`"
        if let name = self.operatorName(pattern) {
            return self.apply(name, pattern, to: value, at: path, place: place)
        }
        guard let value else { return "\(place) is missing" }
        switch (pattern, value) {
        case (.object(let expected), .object):
            for member in expected {
                let inner = path.isEmpty ? member.name : "\(path).\(member.name)"
                if let difference = self.mismatch(value[member.name], member.value, at: inner) { return difference }
            }
            return nil
        case (.array(let expected), .array(let items)):
            guard expected.count == items.count else {
                return "\(place) has \(items.count) items instead of \(expected.count)"
            }
            for (index, pair) in zip(expected, items).enumerated() {
                if let difference = self.mismatch(pair.1, pair.0, at: "\(path).\(index)") { return difference }
            }
            return nil
        default:
            return value.isEquivalent(to: pattern)
                ? nil : "\(place) is \(self.brief(value)) instead of \(self.brief(pattern))"
        }
    }

    /// The operator of an object that is one.
    static func operatorName(_ pattern: JSON) -> String? {
        pattern.members?.first { $0.name.hasPrefix("$") }?.name
    }

    private static func apply(
        _ name: String, _ pattern: JSON, to value: JSON?, at path: String, place: String
    ) -> String? {
        let operand = pattern[name] ?? .null
        if name == "$absent" { return value == nil ? nil : "\(place) should not be there" }
        guard let value else { return "\(place) is missing" }
        switch name {
        case "$any": return nil
        case "$type":
            let names = operand.arrayValue?.compactMap(\.stringValue) ?? [operand.plainText]
            let fits = names.contains(value.typeName) || (names.contains("number") && value.typeName == "integer")
            return fits ? nil : "\(place) is \(self.article(value)) instead of \(names.joined(separator: " or "))"
        case "$exact":
            return value.isEquivalent(to: operand)
                ? nil : "\(place) is \(self.brief(value)) instead of \(self.brief(operand))"
        case "$regex":
            guard let text = value.stringValue else { return "\(place) is \(self.article(value)), not a string" }
            guard let regex = try? Regex(operand.plainText) else { return "\(operand.plainText) is no expression" }
            return text.firstMatch(of: regex) != nil
                ? nil : "\(place) is \(self.brief(value)), without /\(operand.plainText)/"
        case "$one_of":
            let options = operand.arrayValue ?? []
            return options.contains { self.mismatch(value, $0, at: path) == nil }
                ? nil : "\(place) is \(self.brief(value)), none of \(self.brief(operand))"
        case "$all":
            for option in operand.arrayValue ?? [] {
                if let difference = self.mismatch(value, option, at: path) { return difference }
            }
            return nil
        case "$not":
            return self.mismatch(value, operand, at: path) == nil ? "\(place) is \(self.brief(value))" : nil
        case "$each":
            guard let items = value.arrayValue else { return "\(place) is \(self.article(value)), not an array" }
            if let difference = self.bounds(items.count, pattern, place, "items") { return difference }
            for (index, item) in items.enumerated() {
                if let difference = self.mismatch(item, operand, at: "\(path).\(index)") { return difference }
            }
            return nil
        case "$keys":
            guard let members = value.members else { return "\(place) is \(self.article(value)), not an object" }
            let names = members.map(\.name)
            let expected = operand.arrayValue?.compactMap(\.stringValue) ?? []
            return names == expected ? nil : "\(place) has the keys \(names) instead of \(expected)"
        case "$length":
            if let text = value.stringValue { return self.bounds(text.utf8.count, operand, place, "bytes") }
            if let items = value.arrayValue { return self.bounds(items.count, operand, place, "items") }
            return "\(place) is \(self.article(value)), which has no length"
        case "$repeat":
            return value.stringValue == Generator.string(pattern) ? nil : "\(place) is another string than the long one"
        default: return "the pattern has an unknown operator \(name)"
        }
    }

    private static func bounds(_ count: Int, _ bounds: JSON, _ place: String, _ unit: String) -> String? {
        if let least = bounds["min"]?.integer, count < least {
            return "\(place) has \(count) \(unit), fewer than \(least)"
        }
        if let most = bounds["max"]?.integer, count > most { return "\(place) has \(count) \(unit), more than \(most)" }
        return nil
    }

    private static func article(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .array, .object: "an \(value.typeName)"
        default: "\(self.brief(value))"
        }
    }

    /// At most 160 characters of JSON text.
    package static func brief(_ value: JSON) -> String {
        let text = value.text
        // Counting the characters of a long text takes long.
        let shown = text.prefix(160)
        return shown.endIndex == text.endIndex ? text : "\(shown)…"
    }
}

extension MessagePattern {
    /// Nil if the message fits, otherwise the first difference.
    package func mismatch(_ message: JSON) -> String? {
        if let difference = PatternMatcher.mismatch(message, self.message) { return difference }
        if let only = self.only, let extra = message.members?.first(where: { !only.contains($0.name) }) {
            return "the message has a member `\(extra.name)`"
        }
        return nil
    }

    /// For reports.
    package var summary: String {
        let type = self.message["type"].map(\.plainText)
        let rest = self.message.members?.filter { $0.name != "type" } ?? []
        let detail = rest.isEmpty ? "" : " " + PatternMatcher.brief(.object(rest))
        return (type ?? "a message") + detail + (self.only.map { " with only \($0.joined(separator: ", "))" } ?? "")
    }
}
