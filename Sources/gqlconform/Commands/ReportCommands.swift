import ArgumentParser
import ConformanceKit
import Foundation

/// `gqlconform diff`: what changed between two reports.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what changed from one report to another.",
        discussion: "Exit codes: 0 nothing became worse; 1 something did; 3 a report cannot be read.")

    @Argument(help: "The older report: report.json or the folder of a run.")
    var old: String

    @Argument(help: "The newer one.")
    var new: String

    func run() async throws {
        let exit = try await Console.reporting { () -> RunExit in
            let difference = ReportDifference(from: try ReportFiles.read(self.old), to: try ReportFiles.read(self.new))
            for line in difference.lines { Console.print(line) }
            return difference.exitCode
        }
        guard exit == .good else { throw exit.code }
    }
}

/// `gqlconform merge`: joins the reports of shards.
struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Join the reports of the parts of a run (--shard).",
        discussion: "The exit code is that of the whole run.")

    @Argument(help: "Folders of runs.")
    var folders: [String]

    @Option(help: ArgumentHelp("Where the report of the whole goes.", valueName: "folder"))
    var out: String

    @OptionGroup var suite: SuiteOptions

    func run() async throws {
        try await RunText.lastLine {
            let report = try ReportMerge.merge(try self.folders.map { try ReportFiles.read($0) })
            let folder = try RunFolder(path: self.out)
            let book = TraceBook()
            let cases = Dictionary(
                try self.suite.cases().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            for path in self.folders {
                for (name, plays) in try StoredRun.load(path).plays {
                    for history in plays {
                        for record in history.records { folder.append(record) }
                        if let expanded = cases[name] { book.take(Judge.judge(expanded, history), history) }
                    }
                }
            }
            try folder.finish(report, traces: book.traces)
            RunText.conclude(report, folder: self.out)
            return report.totals.exitCode
        }
    }
}

/// `gqlconform compare`: servers side by side.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Put the reports of several servers side by side.")

    @Argument(help: "Two or more reports: report.json or folders of runs.")
    var reports: [String]

    @Option(
        help: ArgumentHelp(
            "Where compare.html and compare.md go; Markdown is printed if it is left out.", valueName: "folder"))
    var out: String?

    func validate() throws {
        guard self.reports.count >= 2 else { throw ValidationError("compare takes two reports or more.") }
    }

    func run() async throws {
        try await Console.reporting {
            let comparison = ReportComparison(try self.reports.map { try ReportFiles.read($0) })
            guard let out = self.out else {
                Console.write(comparison.markdown)
                return
            }
            let page = try comparison.html()
            do {
                try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
                try Data(page.utf8).write(to: URL(fileURLWithPath: out + "/compare.html"))
                try Data(comparison.markdown.utf8).write(to: URL(fileURLWithPath: out + "/compare.md"))
            } catch {
                throw HarnessError("The comparison cannot be written to \(out): \(error.localizedDescription)")
            }
            Console.print("\(out)/compare.html and \(out)/compare.md")
        }
    }
}
