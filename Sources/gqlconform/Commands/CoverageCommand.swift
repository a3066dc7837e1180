import ArgumentParser
import ConformanceKit

/// `gqlconform coverage`: which requirements have a scenario.
struct CoverageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage", abstract: "Show which requirements the scenarios cover and which they do not.",
        discussion: """
            A requirement that no scenario covers is missing, and fails the command (exit code 1), unless the catalogue \
            says under `excluded` why it has none.
            """)

    @OptionGroup var suite: SuiteOptions

    @Flag(help: "Fail only if a MUST has no scenario.")
    var requireMust = false

    func run() async throws {
        try await Console.reporting {
            let scenarios = try self.suite.scenarios()
            let catalogue = try RequirementCatalogue.load(suite: self.suite.suite)
            guard !catalogue.requirements.isEmpty else {
                throw UsageError(message: "There are no requirements in \(self.suite.suite)/requirements.")
            }
            let coverage = Coverage(scenarios, catalogue)
            try ScenarioErrors.throwing(coverage.mistakes)
            var families: [String] = []
            for requirement in catalogue.requirements {
                let family = Self.family(requirement)
                if !families.contains(family) { families.append(family) }
            }
            for family in families { self.show(family, coverage) }
            let total = catalogue.requirements.count
            Console.print(
                "\(coverage.covered.count) of \(total) requirements covered, \(coverage.excluded.count) excluded, "
                    + "\(coverage.missing.count) missing")
            let decisive = coverage.missing.filter { !self.requireMust || $0.level == .must }
            guard decisive.isEmpty else { throw RunExit.failure.code }
        }
    }

    private func show(_ family: String, _ coverage: Coverage) {
        let covered = coverage.covered.filter { Self.family($0) == family }
        let excluded = coverage.excluded.filter { Self.family($0) == family }
        let missing = coverage.missing.filter { Self.family($0) == family }
        Console.print("\(family): \(covered.count) covered, \(excluded.count) excluded, \(missing.count) missing")
        for requirement in excluded {
            Console.print(
                "  excluded  \(requirement.level.rawValue)  \(requirement.id)  \(requirement.exclusion ?? "")")
        }
        for level in Scenario.Level.allCases {
            for requirement in missing where requirement.level == level {
                Console.print("  missing   \(level.rawValue)  \(requirement.id)  \(requirement.text)")
            }
        }
    }

    private static func family(_ requirement: RequirementCatalogue.Requirement) -> String {
        requirement.id.split(separator: "/").first.map(String.init) ?? requirement.id
    }
}
