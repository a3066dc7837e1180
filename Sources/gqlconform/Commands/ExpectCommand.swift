import ArgumentParser
import ConformanceKit

/// `gqlconform expect`: writes a report's failures down as known ones.
struct ExpectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expect", abstract: "Print the failures of a report as a file of known failures.",
        discussion: "Name the file in the profile (`expectations: ./known.yaml`), or give it to `run --expect`.")

    @Argument(help: "The report: report.json or the folder of a run.")
    var report: String

    @Option(help: "Where the failures are written down.")
    var issue: String

    @Option(help: ArgumentHelp("The last day on which they are excused, such as 2027-03-01.", valueName: "day"))
    var until: String?

    func run() async throws {
        try await Console.reporting {
            let text = KnownFailures.text(of: try ReportFiles.read(self.report), issue: self.issue, until: self.until)
            // What is printed has to be readable again.
            _ = try KnownFailures.read(text, file: "known failures")
            Console.write(text)
        }
    }
}
