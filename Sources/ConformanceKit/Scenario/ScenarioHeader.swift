/// Reads everything of a scenario but the inside of its steps.
enum ScenarioHeader {
    static func read(_ node: ScenarioNode, file: String) throws(ScenarioError) -> Scenario {
        let context = DecodeContext(file: file, isLint: true, level: .must, timing: Target.Timing())
        var reader = try ArgumentReader(node, what: "a scenario", context: context)
        let id = try self.id(&reader)
        let uid = try self.uid(&reader)
        guard let title = try reader.string("title"), !title.isEmpty else { throw reader.missing("title") }
        guard let level = try reader.choice("level", Scenario.Level.self) else {
            throw reader.missing("level", "one of " + Scenario.Level.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard let source = try reader.string("source") else {
            throw reader.missing("source", "the document and section of the rule")
        }
        let scenario = Scenario(
            file: file, line: node.line, id: id, uid: uid, title: title, level: level,
            covers: try reader.strings("covers") ?? [id], source: source,
            requires: try reader.strings("requires") ?? [], matrix: try self.matrix(&reader),
            budget: try self.budget(&reader), exclusive: try reader.strings("exclusive") ?? [],
            kills: try reader.strings("kills") ?? [], allow: try self.list("allow", &reader),
            steps: try self.list("steps", &reader), checks: try self.checks(&reader),
            finally: try self.list("finally", &reader))
        try reader.finish()
        guard !scenario.steps.isEmpty else { throw reader.missing("steps", "a scenario without steps shows nothing") }
        return scenario
    }

    private static func id(_ reader: inout ArgumentReader) throws(ScenarioError) -> String {
        guard let node = reader.node("id"), case .value(let value) = node.content, value != .null else {
            throw reader.missing("id")
        }
        let id = value.plainText
        guard id.wholeMatch(of: /[a-z0-9][a-zA-Z0-9.-]*(\/[a-zA-Z0-9][a-zA-Z0-9._-]*)+/) != nil else {
            throw reader.wrong("id", node, "family and rule, such as transport-ws/duplicate-id")
        }
        return id
    }

    private static func uid(_ reader: inout ArgumentReader) throws(ScenarioError) -> String {
        guard let node = reader.node("uid"), case .value(let value) = node.content, value != .null else {
            throw reader.missing("uid", "GC- and four digits, used nowhere else")
        }
        guard value.plainText.wholeMatch(of: /GC-[0-9]{4,}/) != nil else {
            throw reader.wrong("uid", node, "GC- and four digits")
        }
        return value.plainText
    }

    private static func budget(_ reader: inout ArgumentReader) throws(ScenarioError) -> UInt64 {
        let budget = try reader.duration("budget") ?? 10_000_000_000
        guard budget > 0 else {
            throw reader.wrong("budget", reader.node("budget") ?? reader.node, "more than nothing")
        }
        return budget
    }

    private static func list(_ key: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> [ScenarioNode] {
        guard let node = reader.node(key) else { return [] }
        guard case .list(let items) = node.content else { throw reader.wrong(key, node, "a list") }
        return items
    }

    private static func matrix(_ reader: inout ArgumentReader) throws(ScenarioError) -> [Scenario.Axis] {
        guard let node = reader.node("matrix") else { return [] }
        guard case .map(let entries) = node.content else {
            throw reader.wrong("matrix", node, "a mapping from axis to a list of values")
        }
        var axes: [Scenario.Axis] = []
        for entry in entries {
            guard case .list(let items) = entry.value.content, !items.isEmpty else {
                throw reader.wrong("matrix.\(entry.key)", entry.value, "a list of values, not empty")
            }
            guard !["u", "profile"].contains(entry.key) else {
                throw reader.context.error(at: node, "an axis cannot be called `\(entry.key)`")
            }
            var names: Set<String> = []
            for item in items {
                if case .map = item.content, item["name"] == nil {
                    throw reader.context.error(at: item, "a mapping as a cell needs a `name`")
                }
                if case .list = item.content {
                    throw reader.context.error(at: item, "a list cannot be a cell", "use a mapping with a `name`")
                }
                guard names.insert(item.json.cellName).inserted else {
                    throw reader.context.error(at: item, "the cell `\(item.json.cellName)` stands twice on this axis")
                }
            }
            axes.append(.init(name: entry.key, values: items.map(\.json)))
        }
        return axes
    }

    private static func checks(_ reader: inout ArgumentReader) throws(ScenarioError) -> [CheckRequest] {
        var requests: [CheckRequest] = []
        for node in try self.list("checks", &reader) {
            var name = ""
            var options = JSON.object([])
            switch node.content {
            case .value(.string(let word)): name = word
            case .map(let entries) where entries.count == 1:
                name = entries[0].key
                options = entries[0].value.json
                if options == .null { options = .object([]) }
            default: throw reader.wrong("checks", node, "a name, or a name with options")
            }
            guard let known = CheckCatalogue.options[name] else {
                throw reader.context.error(
                    at: node, "unknown check `\(name)`",
                    Suggestion.hint(for: name, among: Array(CheckCatalogue.options.keys)))
            }
            guard let members = options.members else {
                throw reader.context.error(
                    at: node, "the options of `\(name)` are \(node.summary)", "expected a mapping")
            }
            for member in members where !known.contains(member.name) {
                throw reader.context.error(
                    at: node, "the check `\(name)` knows no option `\(member.name)`",
                    Suggestion.hint(for: member.name, among: known))
            }
            if name == "gap-only-in", options["window"] == nil {
                throw reader.context.error(at: node, "the check `gap-only-in` needs `window`", "the name of a fault")
            }
            if let until = options["until"], until != .string("delivery") || options["margin"] != nil {
                throw reader.context.error(
                    at: node, "`until` of `gap-only-in` is `delivery`, and then there is no `margin`",
                    "leave `until` out, or `margin`")
            }
            requests.append(CheckRequest(name: name, options: options, line: node.line))
        }
        return requests
    }
}

/// The checks that a scenario can ask for.
enum CheckCatalogue {
    /// Options by name of the check.
    static let options: [String: [String]] = [
        "subscriptions-return-to-baseline": [],
        "exactly-once": ["events"],
        "no-duplicates": ["events"],
        "order-per-topic": ["events"],
        "never-delivered": ["events", "to"],
        "no-cross-talk": [],
        "no-secrets-on-wire": ["words"],
        "gap-only-in": ["events", "window", "margin", "until"],
        "bounded-memory": ["growth"],
    ]
}

extension JSON {
    /// How a cell of the matrix is called: its `name` if it is a mapping.
    package var cellName: String { self["name"]?.plainText ?? self.plainText }
}
