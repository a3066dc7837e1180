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

    @Option(
        help: ArgumentHelp(
            "A Markdown page to write, with a folder of its name beside it that has the transcripts of what failed; what stands in the page above its mark is kept.",
            valueName: "file"))
    var markdown: String?

    func validate() throws {
        if let markdown = self.markdown, !markdown.hasSuffix(".md") {
            throw ValidationError("--markdown takes a file that ends in .md.")
        }
        guard self.reports.count >= 2 else { throw ValidationError("compare takes two reports or more.") }
    }

    func run() async throws {
        try await Console.reporting {
            let reports = try self.reports.map { try ReportFiles.read($0) }
            if let markdown = self.markdown { try self.write(reports, to: markdown) }
            let comparison = ReportComparison(reports)
            guard let out = self.out else {
                guard self.markdown == nil else { return }
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

    /// Writes the table, and beside it a page for each server.
    private func write(_ reports: [RunReport], to path: String) throws {
        let transcripts = try zip(self.reports, reports).map { folder, report in
            try StoredRun.transcripts(
                in: folder, of: Set(report.cases.filter(ComparisonPages.isBad).map(\.name)), limit: 40)
        }
        let pages = ComparisonPages(reports, transcripts: transcripts)
        let folder = String(path.dropLast(".md".count))
        let existing = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        let name = URL(fileURLWithPath: folder).lastPathComponent
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for page in pages.pages {
                try Data(page.text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(page.file)"))
            }
            try Data(pages.table(folder: name, existing: existing).utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            throw HarnessError("The pages cannot be written to \(path): \(error.localizedDescription)")
        }
        Console.print("\(path) and \(folder)/")
    }
}
