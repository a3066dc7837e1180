/// Finds mistakes inside the steps of a scenario that was read.
struct ScenarioLint {
    private let scenario: Scenario
    private let decoder: StepDecoder
    private var errors: [ScenarioError] = []
    /// Every name that a template may have.
    private var names: Set<String> = ["u"]
    /// Connections that a fence was set on so far.
    private var fenced: Set<String> = []
    private var expectations = 0

    static func mistakes(in scenario: Scenario) -> [ScenarioError] {
        var lint = ScenarioLint(scenario)
        lint.run()
        return lint.errors
    }

    private init(_ scenario: Scenario) {
        self.scenario = scenario
        self.decoder = StepDecoder(
            context: DecodeContext(
                file: scenario.file, isLint: true, level: scenario.level, timing: Target.Timing()))
        self.names.formUnion(scenario.matrix.map(\.name))
    }

    private mutating func run() {
        for node in self.scenario.steps + self.scenario.finally { self.collectNames(node) }
        do throws(ScenarioError) {
            _ = try self.decoder.patterns(self.scenario.allow)
        } catch {
            self.errors.append(error)
        }
        for node in self.scenario.allow { self.checkTemplates(node) }
        self.check(self.scenario.steps, inFinally: false)
        if self.errors.isEmpty && self.expectations == 0 {
            self.errors.append(
                ScenarioError(
                    file: self.scenario.file, line: self.scenario.line, column: 1,
                    problem: "the scenario expects nothing", hint: "add expect, expect_close, assert or another"))
        }
        self.check(self.scenario.finally, inFinally: true)
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
        case .loop(_, _, let steps): self.check(steps, inFinally: inFinally)
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
                if ["steps", "otherwise", "branches"].contains(entry.key) { continue }
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
                file: self.scenario.file, line: line, column: column, problem: "nothing is known as `{{\(name)}}`",
                hint: Suggestion.hint(for: head, among: self.names.union(["profile"]).sorted())))
    }
}
