/// Turns nodes into steps. The same code reads a step when the suite is loaded (to find mistakes) and when it is played
/// (with its templates filled in).
struct StepDecoder {
    let context: DecodeContext

    /// Stands for all arguments of a verb.
    static let everything = "*"

    /// Every verb, and the arguments that hold steps or items, whose templates are filled in later.
    static let verbs: [String: Set<String>] = [
        "connect": [], "open": [], "init": [], "close": [], "drop": [], "reading": [], "start": [], "run": [],
        "subscribe": [], "complete": [], "send": [], "send_raw": [], "burst": ["items"], "expect": [],
        "http": [], "expect_close": [], "expect_none": [], "expect_http": [], "expect_events": [], "fence": [],
        "live": [], "redis": [],
        "wait_until": [], "emit": [], "observe": [], "assert": [], "eventually": [], "repeat": ["steps"],
        "parallel": ["branches"], "when": ["steps", "otherwise"], "mint": [], "revoke": [], "emitter": [], "stop": [],
        "fault": [],
        "heal": [], "always": [], "policy": [everything], "use": [],
    ]

    /// The verb of a step and its arguments.
    func head(of node: ScenarioNode) throws(ScenarioError) -> ScenarioNode.Entry {
        guard case .map(let entries) = node.content else {
            throw self.context.error(at: node, "a step is \(node.summary)", "expected a verb with its arguments")
        }
        guard let entry = entries.first, entries.count == 1 else {
            throw self.context.error(
                at: node, "a step has \(entries.count) keys: \(entries.map(\.key).joined(separator: ", "))",
                "one verb a step; arguments are indented below it or stand in {braces}")
        }
        guard Self.verbs[entry.key] != nil else {
            throw ScenarioError(
                file: self.context.file, line: entry.line, column: entry.column,
                problem: "unknown verb `\(entry.key)`",
                hint: Suggestion.hint(for: entry.key, among: Array(Self.verbs.keys)))
        }
        return entry
    }

    /// A step whose own templates are filled in (or that is only looked at).
    /// - Parameter scope: Fills in the items of a `burst`; nil when only looking.
    func decode(_ node: ScenarioNode, scope: TemplateScope?) throws(ScenarioError) -> Step {
        let head = try self.head(of: node)
        let place = "\(self.context.file):\(head.line) \(head.key)"
        var reader = try ArgumentReader(head.value, what: "`\(head.key)`", context: self.context)
        let action = try self.action(head.key, &reader, scope: scope)
        try reader.finish()
        return Step(verb: head.key, place: place, action: action)
    }

    private func action(
        _ verb: String, _ reader: inout ArgumentReader, scope: TemplateScope?
    ) throws(ScenarioError) -> Step.Action {
        switch verb {
        case "connect": .connect(try self.connection(&reader))
        case "open": try self.open(&reader)
        case "close": try self.close(&reader)
        case "drop": try self.drop(&reader)
        case "reading": try self.reading(&reader)
        case "init", "start", "subscribe", "complete", "send", "send_raw": try self.single(verb, &reader)
        case "burst": try self.burst(&reader, scope: scope)
        case "run": try self.run(&reader)
        case "http": try self.http(&reader)
        case "expect": try self.expect(&reader)
        case "expect_close": try self.expectClose(&reader)
        case "expect_none": try self.expectNone(&reader)
        case "expect_http": try self.expectHTTP(&reader)
        case "expect_events": try self.expectEvents(&reader)
        case "fence": .fence(connection: try self.name("conn", &reader))
        case "live":
            .live(
                connection: try self.name("conn", &reader), id: try reader.string("id") ?? "1",
                probe: try self.probe(&reader),
                within: try reader.duration("within") ?? self.context.timing.delivery * 2)
        case "redis": .redis(try self.redisCommand(&reader))
        case "wait_until": try self.wait(&reader)
        case "emit": try self.emit(&reader)
        case "observe": try self.observe(&reader)
        case "assert": try self.value(&reader, isEventual: false)
        case "eventually": try self.value(&reader, isEventual: true)
        case "mint": try self.mint(&reader)
        case "revoke":
            .revoke(token: try self.required("token", &reader))
        case "emitter": try self.emitter(&reader)
        case "stop": try self.stop(&reader)
        case "fault": try self.fault(&reader)
        case "heal": try self.heal(&reader)
        case "always": try self.always(&reader)
        case "policy": try self.policy(&reader)
        case "use": try self.use(&reader)
        case "repeat": try self.loop(&reader)
        case "parallel": try self.parallel(&reader)
        default: try self.branch(&reader)
        }
    }

    /// The name of a connection; `c1` when left out.
    func name(_ key: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> String {
        let name = try reader.string(key) ?? "c1"
        if name.hasPrefix("~") || name.isEmpty {
            throw reader.context.error(at: reader.node, "`\(name)` cannot be the name of a connection")
        }
        return name
    }

    private func required(_ key: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> String {
        guard let text = try reader.string(key) else { throw reader.missing(key) }
        return text
    }

    private func emit(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        enum Outcome: String, CaseIterable { case ok, failed, any }
        guard let topic = try reader.string("topic") else { throw reader.missing("topic") }
        let outcome = try reader.choice("outcome", Outcome.self) ?? .ok
        return .emit(
            EmitArguments(
                name: try reader.string("as") ?? "events", topic: topic,
                count: try reader.int("count", in: 1...100_000) ?? 1,
                wanted: outcome == .any ? nil : outcome == .ok ? .ok : .failed,
                tenant: try reader.string("tenant")))
    }
}
