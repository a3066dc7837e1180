/// Scenarios with one expectation taken out, to show that it is this expectation that sees a fault.
package struct WeakenedScenario: Sendable {
    /// What was taken out: `file:line verb`, or the name of a check.
    package var removed: String
    /// The scenario without it.
    package var scenario: Scenario

    private static let verbs = [
        "expect", "expect_close", "expect_none", "expect_http", "expect_events", "assert", "eventually",
    ]

    /// One weakened scenario for each expectation, in the order of the file, then one for each check.
    package static func all(of scenario: Scenario) -> [WeakenedScenario] {
        var places: [ScenarioNode] = []
        for step in scenario.steps { self.collect(step, into: &places) }
        let byStep = places.map { place in
            var weaker = scenario
            weaker.steps = scenario.steps.compactMap { self.without(place, in: $0) }
            return WeakenedScenario(
                removed: "\(scenario.file):\(place.line) \(self.verb(of: place) ?? "")", scenario: weaker)
        }
        let byCheck = scenario.checks.indices.map { index in
            var weaker = scenario
            weaker.checks.remove(at: index)
            return WeakenedScenario(removed: "the check \(scenario.checks[index].name)", scenario: weaker)
        }
        return byStep + byCheck
    }

    private static func verb(of node: ScenarioNode) -> String? {
        guard case .map(let entries) = node.content, entries.count == 1, let key = entries.first?.key else {
            return nil
        }
        return self.verbs.contains(key) ? key : nil
    }

    private static func collect(_ node: ScenarioNode, into places: inout [ScenarioNode]) {
        if self.verb(of: node) != nil {
            places.append(node)
            return
        }
        switch node.content {
        case .value: break
        case .list(let items): for item in items { self.collect(item, into: &places) }
        case .map(let entries): for entry in entries { self.collect(entry.value, into: &places) }
        }
    }

    /// The node without the expectation. What only looks at messages still takes them, whatever they are: otherwise they
    /// would be unexpected, and the fault would be seen by that.
    private static func without(_ place: ScenarioNode, in node: ScenarioNode) -> ScenarioNode? {
        if node == place {
            guard let verb = self.verb(of: node), verb == "expect" || verb == "expect_close" else { return nil }
            return self.accepting(node, verb)
        }
        var node = node
        switch node.content {
        case .value: break
        case .list(let items): node.content = .list(items.compactMap { self.without(place, in: $0) })
        case .map(let entries):
            node.content = .map(
                entries.compactMap { entry in
                    var entry = entry
                    guard let value = self.without(place, in: entry.value) else { return nil }
                    entry.value = value
                    return entry
                })
        }
        return node
    }

    private static func accepting(_ node: ScenarioNode, _ verb: String) -> ScenarioNode {
        let kept = ["conn", "id", "lane", "within", "as"]
        guard case .map(var entries) = node.content, let arguments = entries.first?.value,
            case .map(let members) = arguments.content
        else { return node }
        func at<Content>(_ content: Content, _ make: (Content) -> ScenarioNode.Content) -> ScenarioNode {
            ScenarioNode(content: make(content), line: node.line, column: node.column)
        }
        let anything = ScenarioNode.Entry(
            key: "anything", line: node.line, column: node.column, value: at(JSON.bool(true), { .value($0) }))
        let pass = ScenarioNode.Entry(
            key: "verdict", line: node.line, column: node.column, value: at(JSON.string("pass"), { .value($0) }))
        let outcome = at([pass, anything], { .map($0) })
        let oneOf = ScenarioNode.Entry(
            key: "one_of", line: node.line, column: node.column, value: at([outcome], { .list($0) }))
        entries[0].value = ScenarioNode(
            content: .map(members.filter { kept.contains($0.key) } + [oneOf]), line: arguments.line,
            column: arguments.column)
        return ScenarioNode(content: .map(entries), line: node.line, column: node.column)
    }
}
