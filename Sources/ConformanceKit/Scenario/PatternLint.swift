/// Refuses patterns that can never have been meant.
enum PatternLint {
    static func check(_ node: ScenarioNode, context: DecodeContext) throws(ScenarioError) {
        switch node.content {
        case .value: return
        case .list(let items):
            for item in items { try self.check(item, context: context) }
        case .map(let entries):
            let operators = entries.filter { $0.key.hasPrefix("$") }
            guard let first = operators.first else {
                for entry in entries { try self.check(entry.value, context: context) }
                return
            }
            try self.check(operator: first, among: entries, context: context)
        }
    }

    private static func check(
        operator entry: ScenarioNode.Entry, among entries: [ScenarioNode.Entry], context: DecodeContext
    ) throws(ScenarioError) {
        let known = PatternMatcher.operators
        guard let takes = known[entry.key] else {
            throw ScenarioError(
                file: context.file, line: entry.line, column: entry.column,
                problem: "unknown pattern operator `\(entry.key)`",
                hint: Suggestion.hint(for: entry.key, among: Array(known.keys)))
        }
        let companions: Set<String> =
            switch entry.key {
            case "$each": ["min", "max"]
            case "$repeat": Generator.companions
            default: []
            }
        for other in entries where other.key != entry.key && !companions.contains(other.key) {
            throw ScenarioError(
                file: context.file, line: other.line, column: other.column,
                problem: "`\(other.key)` cannot stand beside the operator `\(entry.key)`",
                hint: companions.isEmpty
                    ? "join them with $all" : "allowed: " + companions.sorted().joined(separator: ", "))
        }
        let operand = entry.value
        func wrong() -> ScenarioError {
            context.error(at: operand, "`\(entry.key)` is \(operand.summary)", "expected \(takes)")
        }
        switch entry.key {
        case "$one_of", "$all":
            guard case .list(let items) = operand.content, !items.isEmpty else { throw wrong() }
            for item in items { try self.check(item, context: context) }
        case "$not", "$each": try self.check(operand, context: context)
        case "$type":
            let names: [String] =
                switch operand.json {
                case .array(let items): items.map(\.plainText)
                // The type `null` needs no quotes.
                case .null: ["null"]
                case let value: [value.plainText]
                }
            for name in names where !PatternMatcher.types.contains(name) && !Template.isTemplate(name) {
                throw context.error(
                    at: operand, "`\(name)` is no type", Suggestion.hint(for: name, among: PatternMatcher.types))
            }
        case "$regex":
            guard case .value(.string(let text)) = operand.content else { throw wrong() }
            if !Template.isTemplate(text), (try? Regex(text)) == nil {
                throw context.error(at: operand, "`\(text)` is not a regular expression")
            }
        case "$keys":
            guard case .list = operand.content else { throw wrong() }
        case "$length":
            guard case .map(let bounds) = operand.content, !bounds.isEmpty,
                bounds.allSatisfy({ ["min", "max"].contains($0.key) })
            else { throw wrong() }
        case "$any", "$absent":
            guard case .value(.bool(true)) = operand.content else { throw wrong() }
        default: return
        }
    }
}
