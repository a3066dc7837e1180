import ArgumentParser
import ConformanceKit

/// `gqlconform explain`: everything about a scenario.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show the rule, the requirements and the steps of scenarios.")

    @Argument(help: "An id, a uid or a glob.")
    var pattern: String

    @OptionGroup var suite: SuiteOptions

    func run() async throws {
        try await Console.reporting {
            let cases = try CasePattern.select(self.suite.cases(), [self.pattern])
            let catalogue = try RequirementCatalogue.load(suite: self.suite.suite)
            var shown: Set<String> = []
            for expanded in cases where shown.insert(expanded.scenario.id).inserted {
                let cells = cases.filter { $0.scenario.id == expanded.scenario.id }
                Console.print(self.text(expanded.scenario, cells, catalogue) + "\n")
            }
        }
    }

    private func text(_ scenario: Scenario, _ cells: [ExpandedCase], _ catalogue: RequirementCatalogue) -> String {
        var lines = [
            "\(scenario.id)  \(scenario.uid)  \(scenario.level.rawValue)", "  \(scenario.title)", "",
            "  rule       \(scenario.source)", "  file       \(scenario.file):\(scenario.line)",
        ]
        for id in scenario.covers {
            lines.append("  covers     \(id)")
            guard let requirement = catalogue[id] else { continue }
            lines.append("             \(requirement.level.rawValue): \(requirement.text) (\(requirement.source))")
        }
        if !scenario.requires.isEmpty { lines.append("  requires   \(scenario.requires.joined(separator: ", "))") }
        if cells.count > 1 || cells.first?.values.isEmpty == false {
            lines += cells.enumerated().map { ($0.offset == 0 ? "  cells      " : "             ") + $0.element.name }
        }
        if !scenario.exclusive.isEmpty { lines.append("  alone with \(scenario.exclusive.joined(separator: ", "))") }
        lines.append(
            "  kills      \(scenario.kills.isEmpty ? "no known fault" : scenario.kills.joined(separator: ", "))")
        lines.append("  budget     \(scenario.budget / 1_000_000) ms")
        lines.append("  steps")
        for step in scenario.steps { lines.append("    \(step.line): \(step.json.text)") }
        if !scenario.checks.isEmpty {
            lines.append("  checks     \(scenario.checks.map(\.name).joined(separator: ", "))")
        }
        return lines.joined(separator: "\n")
    }
}
