import ArgumentParser
import ConformanceKit
import Foundation

/// `gqlconform recheck`: judges a stored run again.
struct RecheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recheck", abstract: "Judge the records of an earlier run again, without a server.",
        discussion: """
            Exit codes: 0 every verdict is the same; 1 one is another; 2 a case can no longer be judged; 3 the folder cannot be \
            read.
            """)

    @Argument(help: ArgumentHelp("The folder of the run.", valueName: "folder"))
    var folder: String

    @OptionGroup var suite: SuiteOptions

    @Option(help: ArgumentHelp("Where the report with the new verdicts goes; none by default.", valueName: "folder"))
    var out: String?

    func run() async throws {
        let exit = try await Console.reporting { try self.judge() }
        guard exit == .good else { throw exit.code }
    }

    private func judge() throws -> RunExit {
        let stored = try StoredRun.load(self.folder)
        let again = stored.judgeAgain(
            with: try self.suite.cases(),
            reproduction: Reproduction(
                profile: stored.report.profile.file, suite: self.suite.given,
                seed: stored.report.seed, mutant: stored.report.server.mutant))
        for difference in again.differences {
            Console.print("\(difference.name): \(difference.stored.rawValue) → \(difference.judged.rawValue)")
        }
        for name in again.unknown { Console.print("\(name): cannot be judged, for the suite or the history lacks it") }
        if let out = self.out {
            let folder = try RunFolder(path: out)
            try folder.finish(again.report, traces: again.traces)
        }
        Console.print(
            "\(again.judged) cases judged again, \(again.differences.count) verdicts differ, "
                + "\(again.unknown.count) cannot be judged")
        Console.print(again.report.totals.line)
        if !again.differences.isEmpty { return .failure }
        return again.unknown.isEmpty && again.judged > 0 ? .good : .inconclusive
    }
}
