import ArgumentParser
import ConformanceKit
import Foundation

/// `gqlconform run`: judges a server.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Judge a server.",
        discussion: """
            A pattern is an id (transport-ws/ack-once), one cell of it, a uid (GC-0117), a family (transport-ws) or a glob: \
            * stands for anything but a slash, ** for anything.

            Exit codes: 0 good; 1 a requirement is broken; 2 something could not be decided, or nothing was played; 3 the \
            server or its environment failed; 64 wrong usage, or a pattern that matches nothing; 65 an invalid scenario or \
            profile.
            """)

    @Argument(help: "What to play; everything if there is none.")
    var patterns: [String] = []

    @OptionGroup var profile: ProfileOptions
    @OptionGroup var suite: SuiteOptions

    @Option(help: "How many cases are played at a time; a case mostly waits.")
    var jobs = 24

    @Option(help: ArgumentHelp("Where the report goes; reports/TIME by default.", valueName: "folder"))
    var out: String?

    @Option(help: "How many times each case is played.")
    var `repeat`: Int?

    @Flag(help: "Play until a case fails, at most --repeat times or 1000 times.")
    var untilFail = false

    @Flag(help: "Outcomes that are merely acceptable count as failures.")
    var strict = false

    @Flag(help: "Judge a server that already runs, at the URLs of the profile or at --url.")
    var attach = false

    @Option(help: "The URL of a server that already runs; implies --attach.")
    var url: String?

    @Option(help: ArgumentHelp("Start the server with this known fault.", valueName: "name"))
    var mutant: String?

    @Option(help: "Decides the order in which the cases start; a random one by default.")
    var seed: UInt64?

    @Flag(help: "No colours.")
    var noColor = false

    func validate() throws {
        guard self.jobs >= 1, self.jobs <= 1000 else { throw ValidationError("--jobs takes 1 to 1000.") }
        guard (self.repeat ?? 1) >= 1 else { throw ValidationError("--repeat takes 1 or more.") }
        if self.mutant != nil, self.attach || self.url != nil {
            throw ValidationError("A server that already runs cannot be given a known fault.")
        }
    }

    func run() async throws {
        let exit: RunExit
        do {
            exit = try await Console.reporting { try await self.play() }
        } catch let error as ExitCode {
            // Whatever happened, a reader of the last line learns what was judged.
            Console.print("0 passed, 0 failed, 0 skipped")
            throw error
        }
        guard exit == .good else { throw exit.code }
    }

    private func play() async throws -> RunExit {
        let profile = try self.profile.load()
        let scenarios = try self.suite.scenarios()
        let cases = scenarios.flatMap { $0.expanded() }
        let selected = try CasePattern.select(cases, self.patterns)
        let seed = self.seed ?? .random(in: 0...999_999_999)
        let folder = try RunFolder(path: self.out ?? "reports/\(Timestamp.folderName())-\(getpid())")
        var session = RunSession(
            profile: profile, suiteDirectory: self.suite.suite, scenarios: scenarios, cases: cases,
            selected: Set(selected.map(\.name)), jobs: self.jobs, seed: seed, commandLine: CommandLine.arguments,
            setting: Here.setting(logDirectory: folder.path))
        session.repetitions = self.repeat ?? (self.untilFail ? 1000 : 1)
        session.untilFail = self.untilFail
        session.strict = self.strict
        session.attach = self.url ?? (self.attach ? "" : nil)
        session.mutant = self.mutant
        let reproduction = Reproduction(
            profile: self.profile.profile ?? "", suite: self.suite.suite == "conformance" ? nil : self.suite.suite,
            seed: seed, mutant: self.mutant)
        let progress = RunProgress(
            options: .init(
                isTerminal: Console.isTerminal, environment: Here.environment, noColour: self.noColor,
                strict: self.strict),
            reproduction: reproduction, write: { Console.write($0) })
        let report = try await Interruptible.run { [session] stop in
            try await session.run(
                progress: progress, stop: stop, reproduction: reproduction, keep: { folder.append($0) })
        }
        try folder.finish(report)
        self.conclude(report, folder: folder)
        return report.totals.exitCode
    }

    private func conclude(_ report: RunReport, folder: RunFolder) {
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
        Console.print("\(verdicts.joined(separator: ", ")); seed \(report.seed); report in \(folder.path)")
        if totals.played == 0 { Console.print("Nothing was played, so nothing is known.") }
        Console.print(totals.line)
    }
}
