/// Reads typed values out of the nodes of one file and gathers every mistake with its place.
struct ProfileReader {
    let file: String
    private(set) var errors: [ScenarioError] = []
    private(set) var notices: [ScenarioError] = []

    init(file: String) {
        self.file = file
    }

    mutating func fail(_ node: ScenarioNode, _ problem: String, hint: String = "") {
        self.fail(line: node.line, column: node.column, problem, hint: hint)
    }

    mutating func fail(line: Int, column: Int, _ problem: String, hint: String = "") {
        self.errors.append(
            ScenarioError(file: self.file, line: line, column: column, problem: problem, hint: hint))
    }

    /// Notes that a key is understood but has no effect.
    mutating func unsupported(_ key: String, at node: ScenarioNode, hint: String = "") {
        self.notices.append(
            ScenarioError(
                file: self.file, line: node.line, column: node.column, problem: "not supported yet: \(key)", hint: hint)
        )
    }

    /// The entries of a mapping whose keys are all among `known`; an empty one after a mistake.
    mutating func fields(_ node: ScenarioNode?, of owner: String, known: [String]) -> Fields {
        let entries = self.entries(node, of: owner)
        for entry in entries where !known.contains(entry.key) {
            let name = owner.isEmpty ? entry.key : "\(owner).\(entry.key)"
            self.fail(
                line: entry.line, column: entry.column, "unknown key \(name)",
                hint: Suggestion.hint(for: entry.key, among: known))
        }
        return Fields(owner: owner, entries: entries)
    }

    /// The entries of a mapping with free keys.
    mutating func entries(_ node: ScenarioNode?, of owner: String) -> [ScenarioNode.Entry] {
        guard let node else { return [] }
        guard case .map(let entries) = node.content else {
            self.fail(node, "\(owner.isEmpty ? "the profile" : owner) has to be a mapping")
            return []
        }
        return entries
    }

    mutating func string(_ node: ScenarioNode?, _ key: String) -> String? {
        guard let node else { return nil }
        switch node.content {
        case .value(.string(let text)) where !text.isEmpty: return text
        case .value(.number(let digits)): return digits
        default:
            self.fail(node, "\(key) has to be a text that is not empty")
            return nil
        }
    }

    mutating func strings(_ node: ScenarioNode?, _ key: String) -> [String]? {
        guard let node else { return nil }
        guard case .list(let items) = node.content else {
            self.fail(node, "\(key) has to be a list", hint: "one item a word: [./server, --port, \"{{port}}\"]")
            return nil
        }
        return items.compactMap { self.string($0, "an item of \(key)") }
    }

    mutating func integer(_ node: ScenarioNode?, _ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node else { return nil }
        guard case .value(let value) = node.content, let number = value.intValue, range.contains(number) else {
            self.fail(node, "\(key) has to be an integer from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func flag(_ node: ScenarioNode?, _ key: String) -> Bool? {
        guard let node else { return nil }
        guard case .value(let value) = node.content, let flag = value.boolValue else {
            self.fail(node, "\(key) has to be true or false")
            return nil
        }
        return flag
    }

    mutating func duration(_ node: ScenarioNode?, _ key: String) -> Duration? {
        guard let node else { return nil }
        guard case .value(let value) = node.content, let text = value.stringValue,
            let nanoseconds = DurationText.nanoseconds(text), nanoseconds > 0
        else {
            self.fail(node, "\(key) has to be a duration with a unit", hint: "for example 500ms, 3s or 2m")
            return nil
        }
        return .nanoseconds(nanoseconds)
    }

    /// A duration in nanoseconds.
    mutating func nanoseconds(_ node: ScenarioNode?, _ key: String) -> UInt64? {
        self.duration(node, key).map { UInt64($0.wholeMilliseconds) * 1_000_000 }
    }

    /// One of a closed set of words. With `owner` the key has to be there.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ node: ScenarioNode?, _ key: String, in owner: ScenarioNode? = nil
    ) -> Choice? {
        guard let node else {
            if let owner { self.fail(owner, "the key \(key) is missing", hint: Self.list(Choice.self)) }
            return nil
        }
        guard let text = self.string(node, key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            self.fail(node, "unknown \(key) \(text)", hint: Self.list(Choice.self))
            return nil
        }
        return choice
    }

    private static func list<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> String {
        "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }
}

/// The entries of one mapping.
struct Fields {
    let owner: String
    let entries: [ScenarioNode.Entry]

    subscript(key: String) -> ScenarioNode? {
        self.entries.first { $0.key == key }?.value
    }
}
