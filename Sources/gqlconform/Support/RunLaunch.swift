import ArgumentParser
import ConformanceKit
import Foundation

/// One run as the command line asks for it, from reading its files to its last line.
struct RunLaunch {
    var profile: ProfileOptions
    var suite: SuiteOptions
    var selection = Selection()
    /// How many cases are played at a time; `nil` for what the profile says.
    var jobs: Int?
    var out: String?
    var repetitions = 1
    var untilFail = false
    var strict = false
    /// `nil` to start the server; `""` or a URL for one that runs.
    var attach: String?
    var mutant: String?
    /// By what means faults are brought about; `nil` for what fits the profile.
    var backend: Backend?
    /// A duration: how much longer every byte of clients takes in each direction; `nil` for the plain way.
    var linkLatency: String?
    var seed: UInt64?
    var noColor = false
    /// Whether every message is shown as it comes.
    var trace = false
    /// Where the run waits for the user.
    var breakpoint: Breakpoint?

    func run() async throws -> RunExit {
        let profile = try self.profile.load()
        let scenarios = try self.suite.scenarios()
        let cases = scenarios.flatMap { $0.expanded() }
        var selected = try self.selection.names(of: cases)
        let seed = self.seed ?? .random(in: 0...999_999_999)
        let known = try self.profile.knownFailures(profile)
        let catalogue = try RequirementCatalogue.load(suite: self.suite.suite)
        if let breakpoint = self.breakpoint {
            selected.formIntersection(try breakpoint.cases(among: cases).map(\.name))
        }
        let folder = try RunFolder(path: self.out ?? "reports/\(Timestamp.folderName())-\(getpid())")
        var session = RunSession(
            profile: profile, suiteDirectory: self.suite.suite, scenarios: scenarios, cases: cases,
            selected: selected, jobs: self.jobs ?? profile.jobs ?? 24, seed: seed, commandLine: CommandLine.arguments,
            setting: Here.setting(logDirectory: folder.path))
        session.repetitions = self.repetitions
        session.untilFail = self.untilFail
        session.strict = self.strict
        session.attach = self.attach
        session.mutant = self.mutant
        session.setting.backend = self.backend
        session.setting.linkLatency = self.linkLatency.flatMap { DurationText.nanoseconds($0) } ?? 0
        session.known = known
        session.catalogue = catalogue
        session.shard = self.selection.shard?.description
        session.beforeStep = self.breakpoint?.hook
        let reproduction = self.reproduction(seed: seed)
        var options = RunProgress.Options(
            isTerminal: Console.isTerminal && !self.trace && self.breakpoint == nil, environment: Here.environment,
            noColour: self.noColor, strict: self.strict)
        options.known = known
        let progress = RunProgress(
            options: options, reproduction: reproduction, write: { Console.write($0) })
        let isTraced = self.trace
        let report = try await Interruptible.run { [session] stop in
            try await session.run(progress: progress, stop: stop, reproduction: reproduction) { record in
                folder.append(record)
                if isTraced, let line = RecordText.line(record) { Console.print("\(record.caseName)  \(line)") }
            }
        }
        try folder.finish(report, traces: session.book.traces)
        self.appendStepSummary(from: folder)
        RunText.conclude(report, folder: folder.path)
        return report.totals.exitCode
    }

    private func reproduction(seed: UInt64) -> Reproduction {
        Reproduction(
            profile: self.profile.profile ?? "", suite: self.suite.given,
            seed: seed, mutant: self.mutant, linkLatency: self.linkLatency)
    }

    /// GitHub shows the file that `GITHUB_STEP_SUMMARY` names on the page of the run.
    private func appendStepSummary(from folder: RunFolder) {
        guard let path = Here.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty,
            let summary = FileManager.default.contents(atPath: folder.path + "/summary.md")
        else { return }
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else { return }
        defer { try? file.close() }
        guard (try? file.seekToEnd()) != nil else { return }
        try? file.write(contentsOf: summary)
    }
}

/// The last lines of a run.
enum RunText {
    static func conclude(_ report: RunReport, folder: String) {
        for problem in report.problems { Console.print("problem: \(problem)") }
        for entry in report.cases where entry.plays.count > 1 {
            let counts = Verdict.allCases.compactMap { verdict -> String? in
                let count = entry.plays.filter { $0 == verdict }.count
                return count == 0 ? nil : "\(verdict.rawValue) \(count) of \(entry.plays.count)"
            }
            if counts.count > 1 || report.totals.played == 1 {
                Console.print("\(entry.name): \(counts.joined(separator: ", "))")
            }
        }
        let totals = report.totals
        let verdicts = Verdict.allCases.filter { totals.count($0) > 0 }.map { "\(totals.count($0)) \($0.rawValue)" }
        Console.print("")
        Console.print("\(report.server.name) \(report.server.version): \(report.status.rawValue)")
        Console.print("\(verdicts.joined(separator: ", ")); seed \(report.seed); report in \(folder)")
        if let missing = report.missingLine { Console.print(missing) }
        if totals.known > 0 { Console.print("\(totals.known) of the skipped fail as the known failures say") }
        if totals.played == 0 { Console.print("Nothing was played, so nothing is known.") }
        Console.print(totals.line)
    }

    /// Runs the body; whatever happens, the last line says what was judged.
    static func lastLine(_ body: () async throws -> RunExit) async throws {
        let exit: RunExit
        do {
            exit = try await Console.reporting { try await body() }
        } catch let error as ExitCode {
            Console.print("0 passed, 0 failed, 0 skipped")
            throw error
        }
        guard exit == .good else { throw exit.code }
    }
}
