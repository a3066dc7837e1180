import ArgumentParser
import ConformanceKit

/// `gqlconform replay`: plays failures of a stored run again.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play the failing cases of an earlier run again, with its profile, seed and fault.",
        discussion: "Shows what was recorded then, and every message as it comes now. Exit codes as those of `run`.")

    @Argument(help: ArgumentHelp("The folder of the run.", valueName: "folder"))
    var folder: String

    @Argument(help: "Which cases; all that failed if there is none.")
    var patterns: [String] = []

    @OptionGroup var profile: ProfileOptions
    @OptionGroup var suite: SuiteOptions

    @Option(help: "The URL of a server that already runs.")
    var url: String?

    @Option(help: ArgumentHelp("Where the report goes; reports/TIME by default.", valueName: "folder"))
    var out: String?

    func run() async throws {
        try await RunText.lastLine {
            let stored = try StoredRun.load(self.folder)
            let failed = stored.report.cases.filter {
                self.patterns.isEmpty ? $0.standing == .failed : !$0.plays.isEmpty
            }
            var launch = RunLaunch(profile: self.profile, suite: self.suite)
            launch.profile.profile = self.profile.profile ?? stored.report.profile.file
            launch.selection.patterns = self.patterns
            launch.selection.only = Set(failed.map(\.name))
            launch.selection.extent = .soak
            launch.jobs = 1
            launch.seed = stored.report.seed
            launch.mutant = self.url == nil ? stored.report.server.mutant : nil
            launch.attach = self.url
            launch.out = self.out
            launch.trace = true
            let chosen = try launch.selection.names(of: try self.suite.cases())
            for entry in failed where chosen.contains(entry.name) {
                Console.print("then: \(entry.name), \(entry.verdict.rawValue)")
                for line in (stored.plays[entry.name]?.last?.records ?? []).compactMap(RecordText.line) {
                    Console.print("  \(line)")
                }
            }
            Console.print("now:")
            return try await launch.run()
        }
    }
}
