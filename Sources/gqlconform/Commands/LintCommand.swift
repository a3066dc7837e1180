import ArgumentParser
import ConformanceKit

/// `gqlconform lint`: every mistake of a suite and of a profile, without running anything.
struct LintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check scenarios, requirements and a profile, without running anything.",
        discussion: """
            Scenarios above INFO that name no fault under `kills` are told of: nothing shows that they can fail. With a profile \
            whose server lists its known faults, the names are checked too. Waits without a \
            reason and silence without a fence are mistakes of a scenario and found here as in every run.
            """)

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var profile: ProfileOptions

    @Flag(help: "Take a scenario above INFO that names no fault for a mistake.")
    var requireKills = false

    func run() async throws {
        try await Console.reporting {
            let scenarios = try self.suite.scenarios()
            let catalogue = try RequirementCatalogue.load(suite: self.suite.suite)
            var mistakes = catalogue.requirements.isEmpty ? [] : Coverage(scenarios, catalogue).mistakes
            let claimless = MutantList.claimless(in: scenarios)
            if self.requireKills {
                mistakes += claimless
            } else {
                for mistake in claimless { Console.complain("note: \(mistake.problem)") }
            }
            if self.profile.profile != nil {
                let profile = try self.profile.load()
                if let mutants = try await MutantList.load(
                    profile, environment: Here.environment, gqlconform: Here.executable)
                {
                    mistakes += MutantList.unknownClaims(in: scenarios, mutants)
                    let claimed = Set(scenarios.flatMap(\.kills))
                    for mutant in mutants where !claimed.contains(mutant.name) {
                        Console.complain("note: no scenario claims to kill \(mutant.name) (\(mutant.summary))")
                    }
                }
            }
            try ScenarioErrors.throwing(mistakes)
            let cases = scenarios.flatMap { $0.expanded() }
            let files = Set(scenarios.map(\.file)).count
            Console.print(
                "\(scenarios.count) scenarios in \(files) files, \(cases.count) cases, "
                    + "\(catalogue.requirements.count) requirements: no mistakes")
        }
    }
}
