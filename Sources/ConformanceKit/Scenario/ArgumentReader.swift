/// What reading a step needs to know besides the step.
struct DecodeContext: Sendable {
    /// The scenario's file, for messages.
    var file: String
    /// When the suite is loaded, templates are not filled in yet: any value may be one, and what it will become is not
    /// judged.
    var isLint: Bool
    var level: Scenario.Level
    var timing: Target.Timing

    func error(at node: ScenarioNode, _ problem: String, _ hint: String = "") -> ScenarioError {
        ScenarioError(file: self.file, line: node.line, column: node.column, problem: problem, hint: hint)
    }
}

/// Takes the arguments of a step out of a mapping. Every key that is asked for is a known key; `finish` refuses others.
struct ArgumentReader {
    let context: DecodeContext
    let node: ScenarioNode
    /// For messages: "`open`".
    let what: String
    private let entries: [ScenarioNode.Entry]
    private var asked: [String] = []

    init(_ node: ScenarioNode, what: String, context: DecodeContext) throws(ScenarioError) {
        self.context = context
        self.node = node
        self.what = what
        switch node.content {
        case .map(let entries): self.entries = entries
        case .value(.null): self.entries = []
        default: throw context.error(at: node, "\(what) takes a mapping of arguments", "such as {conn: c1}")
        }
    }

    /// The argument's node; marks the key as known.
    mutating func node(_ key: String) -> ScenarioNode? {
        self.asked.append(key)
        return self.entries.first { $0.key == key }?.value
    }

    /// Refuses keys that nobody asked for.
    func finish() throws(ScenarioError) {
        for entry in self.entries where !self.asked.contains(entry.key) {
            throw ScenarioError(
                file: self.context.file, line: entry.line, column: entry.column,
                problem: "\(self.what) knows no key `\(entry.key)`",
                hint: Suggestion.hint(for: entry.key, among: self.asked))
        }
    }

    func missing(_ key: String, _ hint: String = "") -> ScenarioError {
        self.context.error(at: self.node, "\(self.what) needs `\(key)`", hint)
    }

    func wrong(_ key: String, _ node: ScenarioNode, _ expected: String) -> ScenarioError {
        self.context.error(at: node, "`\(key)` of \(self.what) is \(node.summary)", "expected \(expected)")
    }

    /// Whether a value is a template that is filled in later.
    func isDeferred(_ node: ScenarioNode) -> Bool {
        guard self.context.isLint, case .value(.string(let text)) = node.content else { return false }
        return Template.isTemplate(text)
    }

    // MARK: Kinds of values

    mutating func string(_ key: String) throws(ScenarioError) -> String? {
        guard let node = self.node(key) else { return nil }
        switch node.content {
        case .value(.string(let text)): return text
        case .value(.number(let digits)): return digits
        case .map:
            if let text = Generator.string(node.json) { return text }
            if self.context.isLint, Generator.isGenerator(node.json) { return "" }
            throw self.wrong(key, node, "a string")
        default: throw self.wrong(key, node, "a string")
        }
    }

    mutating func int(_ key: String, in range: ClosedRange<Int>) throws(ScenarioError) -> Int? {
        guard let node = self.node(key) else { return nil }
        if self.isDeferred(node) { return range.lowerBound }
        let value: Int? =
            switch node.content {
            case .value(.number(let digits)), .value(.string(let digits)): Int(digits)
            default: nil
            }
        guard let value, range.contains(value) else {
            throw self.wrong(key, node, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    mutating func bool(_ key: String) throws(ScenarioError) -> Bool? {
        guard let node = self.node(key) else { return nil }
        if self.isDeferred(node) { return true }
        switch node.content {
        case .value(.bool(let flag)): return flag
        case .value(.string("true")): return true
        case .value(.string("false")): return false
        default: throw self.wrong(key, node, "true or false")
        }
    }

    /// Nanoseconds.
    mutating func duration(_ key: String) throws(ScenarioError) -> UInt64? {
        guard let node = self.node(key) else { return nil }
        if self.isDeferred(node) { return 0 }
        guard case .value(.string(let text)) = node.content, let duration = DurationText.nanoseconds(text) else {
            throw self.wrong(key, node, "a duration with a unit, such as 250ms or 2s")
        }
        return duration
    }

    /// Bytes.
    mutating func size(_ key: String) throws(ScenarioError) -> Int? {
        guard let node = self.node(key) else { return nil }
        if self.isDeferred(node) { return 0 }
        guard case .value(let value) = node.content, let bytes = DurationText.bytes(value.plainText) else {
            throw self.wrong(key, node, "a size, such as 64KiB")
        }
        return bytes
    }

    mutating func json(_ key: String) -> JSON? { self.node(key)?.json }

    /// A pattern, checked for its operators.
    mutating func pattern(_ key: String) throws(ScenarioError) -> JSON? {
        guard let node = self.node(key) else { return nil }
        try PatternLint.check(node, context: self.context)
        return node.json
    }

    /// A list of strings; one string is a list of one.
    mutating func strings(_ key: String) throws(ScenarioError) -> [String]? {
        guard let node = self.node(key) else { return nil }
        if self.isDeferred(node) { return [] }
        switch node.content {
        case .value(.string(let text)): return [text]
        case .list(let items):
            var strings: [String] = []
            for item in items {
                guard case .value(let value) = item.content, value != .null else {
                    throw self.wrong(key, item, "a string")
                }
                strings.append(value.plainText)
            }
            return strings
        default: throw self.wrong(key, node, "a string or a list of strings")
        }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) throws(ScenarioError) -> Choice? where Choice.RawValue == String {
        guard let node = self.node(key) else { return nil }
        if self.isDeferred(node) { return type.allCases.first }
        let names = type.allCases.map(\.rawValue)
        guard case .value(let value) = node.content else {
            throw self.wrong(key, node, "one of " + names.joined(separator: ", "))
        }
        guard let choice = Choice(rawValue: value.plainText) else {
            throw self.context.error(
                at: node, "`\(key)` of \(self.what) cannot be `\(value.plainText)`",
                Suggestion.nearest(to: value.plainText, among: names).map { "did you mean `\($0)`?" }
                    ?? "expected one of " + names.joined(separator: ", "))
        }
        return choice
    }
}

extension ScenarioNode {
    /// For messages: "the string `abc`", "a list", "a mapping".
    var summary: String {
        switch self.content {
        case .value(.string(let text)): "the string `\(text.prefix(40))`"
        case .value(let value): "`\(value.text.prefix(40))`"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}
