/// Finds mistakes inside the steps of a scenario that was read.
struct ScenarioLint {
    /// Nil for a fragment.
    private let scenario: Scenario?
    private let decoder: StepDecoder
    private var errors: [ScenarioError] = []
    /// Every name that a template may have.
    private var names: Set<String> = ["u"]
    /// Connections that a fence was set on so far.
    private var fenced: Set<String> = []
    private var expectations = 0
    private var depth = 0
    /// A fragment was found that uses itself, if only through others.
    private var isEndless = false

    /// Names of emitters and of faults.
    private var emitters: Set<String> = []
    private var faults: Set<String> = []
    private let fragments: [String: Fragment]

    static func mistakes(in scenario: Scenario) -> [ScenarioError] {
        var lint = ScenarioLint(scenario)
        lint.run()
        return lint.errors
    }

    /// Mistakes inside a fragment, which may use others.
    static func mistakes(in fragment: Fragment, among fragments: [String: Fragment]) -> [ScenarioError] {
        var lint = ScenarioLint(fragment, fragments)
        for node in fragment.steps { lint.collectNames(node) }
        lint.check(fragment.steps, inFinally: false)
        return lint.errors
    }

    private init(_ scenario: Scenario) {
        self.scenario = scenario
        self.fragments = scenario.fragments
        self.decoder = StepDecoder(
            context: DecodeContext(
                file: scenario.file, isLint: true, level: scenario.level, timing: Target.Timing()))
        self.names.formUnion(scenario.matrix.map(\.name))
    }

    private init(_ fragment: Fragment, _ fragments: [String: Fragment]) {
        self.scenario = nil
        self.fragments = fragments
        self.decoder = StepDecoder(
            context: DecodeContext(file: fragment.file, isLint: true, level: .must, timing: Target.Timing()))
        self.names.formUnion(fragment.parameters.map(\.name))
    }

    private mutating func run() {
        guard let scenario = self.scenario else { return }
        for node in scenario.steps + scenario.finally { self.collectNames(node) }
        do throws(ScenarioError) {
            _ = try self.decoder.patterns(scenario.allow)
        } catch {
            self.errors.append(error)
        }
        for node in scenario.allow { self.checkTemplates(node) }
        self.check(scenario.steps, inFinally: false)
        if self.errors.isEmpty && self.expectations == 0 {
            self.errors.append(
                ScenarioError(
                    file: scenario.file, line: scenario.line, column: 1,
                    problem: "the scenario expects nothing", hint: "add expect, expect_close, assert or another"))
        }
        self.check(scenario.finally, inFinally: true)
    }

    /// `as` gives a name, wherever it stands.
    private mutating func collectNames(_ node: ScenarioNode) {
        switch node.content {
        case .value: return
        case .list(let items): for item in items { self.collectNames(item) }
        case .map(let entries):
            for entry in entries {
                if entry.key == "as", case .value(let value) = entry.value.content {
                    self.names.insert(value.plainText)
                }
                self.collectNames(entry.value)
            }
        }
    }

    private mutating func check(_ nodes: [ScenarioNode], inFinally: Bool) {
        for node in nodes {
            do throws(ScenarioError) {
                let step = try self.decoder.decode(node, scope: nil)
                self.checkUse(of: step, at: node, inFinally: inFinally)
            } catch {
                self.errors.append(error)
            }
            self.checkTemplates(node)
        }
    }

    private mutating func checkUse(of step: Step, at node: ScenarioNode, inFinally: Bool) {
        switch step.action {
        case .fence(let connection): self.fenced.insert(connection)
        case .loop(_, _, _, let steps): self.check(steps, inFinally: inFinally)
        case .parallel(let branches): for branch in branches { self.check(branch, inFinally: inFinally) }
        case .branch(let condition, let then, let otherwise):
            if case .values(let values) = condition {
                for (name, _) in values { self.checkName(name, line: node.line, column: node.column) }
            }
            let before = self.fenced
            self.check(then, inFinally: inFinally)
            let afterThen = self.fenced
            self.fenced = before
            self.check(otherwise, inFinally: inFinally)
            self.fenced.formUnion(afterThen)
        case .policy(_, let branches):
            let before = self.fenced
            var after = before
            for branch in branches {
                self.fenced = before
                self.check(branch.steps, inFinally: inFinally)
                after.formUnion(self.fenced)
            }
            self.fenced = after
        case .use(let use): self.check(use, at: node, inFinally: inFinally)
        case .emitter(let arguments): self.emitters.insert(arguments.emit.name)
        case .stop(let name): self.checkKnown(name, among: self.emitters, "emitter", at: node)
        case .fault(let arguments): self.faults.insert(arguments.name)
        case .heal(let name):
            if name != "all" { self.checkKnown(name, among: self.faults, "fault", at: node) }
        case .always(_, _, let span, _):
            self.expectations += 1
            if case .fault(let name) = span { self.checkKnown(name, among: self.faults, "fault", at: node) }
            if inFinally { self.report(node, "`\(step.verb)` cannot stand in `finally`") }
        case .expectNone(let expectation):
            self.expectations += 1
            if case .messages(let connection, _, _) = expectation.subject, !self.fenced.contains(connection),
                !Template.isTemplate(connection)
            {
                self.report(
                    node, "`expect_none` on `\(connection)` has no fence before it",
                    "add `- fence: {conn: \(connection)}`")
            }
            if inFinally { self.report(node, "`\(step.verb)` cannot stand in `finally`") }
        case .expect, .run, .value, .live:
            self.expectations += 1
            if inFinally { self.report(node, "`\(step.verb)` cannot stand in `finally`") }
        default: return
        }
    }

    private mutating func check(_ use: FragmentUse, at node: ScenarioNode, inFinally: Bool) {
        guard let fragment = self.fragments[use.name] else {
            self.report(
                node, "there is no fragment `\(use.name)`",
                Suggestion.hint(for: use.name, among: Array(self.fragments.keys)))
            return
        }
        let known = fragment.parameters.map(\.name)
        for argument in use.arguments where !known.contains(argument.name) {
            self.report(
                node, "the fragment `\(use.name)` takes no `\(argument.name)`",
                Suggestion.hint(for: argument.name, among: known))
        }
        for parameter in fragment.parameters where parameter.fallback == nil {
            guard !use.arguments.contains(where: { $0.name == parameter.name }) else { continue }
            self.report(node, "the fragment `\(use.name)` needs `\(parameter.name)`")
        }
        // What a fragment saves is known behind it, and what it fences is fenced.
        for step in fragment.steps { self.collectNames(step) }
        var inner = ScenarioLint(fragment, self.fragments)
        inner.fenced = self.fenced
        inner.depth = self.depth + 1
        guard inner.depth < 16 else {
            self.isEndless = true
            return
        }
        for step in fragment.steps { inner.collectNames(step) }
        inner.check(fragment.steps, inFinally: inFinally)
        // Said once, where it begins.
        if inner.isEndless {
            if self.depth == 0 { self.report(node, "fragments use each other without an end") }
            self.isEndless = true
        }
        self.fenced.formUnion(inner.fenced)
        self.emitters.formUnion(inner.emitters)
        self.faults.formUnion(inner.faults)
        self.expectations += inner.expectations
    }

    private mutating func checkKnown(_ name: String, among known: Set<String>, _ what: String, at node: ScenarioNode) {
        guard !known.contains(name), !Template.isTemplate(name) else { return }
        self.report(
            node, "there is no \(what) `\(name)` before this step",
            Suggestion.hint(for: name, among: known.sorted()))
    }

    private mutating func report(_ node: ScenarioNode, _ problem: String, _ hint: String = "") {
        self.errors.append(self.decoder.context.error(at: node, problem, hint))
    }

    private mutating func checkTemplates(_ node: ScenarioNode) {
        switch node.content {
        case .value(.string(let text)):
            for name in Template.names(in: text) where !["host", "path", "key"].contains(name) {
                self.checkName(name, line: node.line, column: node.column)
            }
        case .value: return
        case .list(let items): for item in items { self.checkTemplates(item) }
        case .map(let entries):
            for entry in entries {
                // Nested steps are looked at on their own.
                if ["steps", "otherwise", "branches", "policy"].contains(entry.key) { continue }
                self.checkTemplates(entry.value)
            }
        }
    }

    private mutating func checkName(_ name: String, line: Int, column: Int) {
        let head = String(name.prefix { $0 != "." })
        if head == "profile" || self.names.contains(head) { return }
        // A name that is itself made of a template (`as: "c{{i}}"`) cannot be known before the case is played.
        if self.names.contains(where: { Template.isTemplate($0) && head.hasPrefix($0.prefix { $0 != "{" }) }) { return }
        self.errors.append(
            ScenarioError(
                file: self.decoder.context.file, line: line, column: column,
                problem: "nothing is known as `{{\(name)}}`",
                hint: Suggestion.hint(for: head, among: self.names.union(["profile"]).sorted())))
    }
}
