import ArgumentParser
import ConformanceKit
import Foundation
import Synchronization

/// `gqlconform mutants`: shows that the cases can fail.
struct MutantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutants", abstract: "Play the suite against servers with one known fault each.",
        discussion: """
            The server without a fault has to be green, every fault has to be seen by at least one case, and every scenario \
            has to see the faults that it claims under `kills`.

            Exit codes: 0 all of this; 1 not; 2 nothing was played; 3 a server could not be judged.
            """)

    @Argument(help: "Which scenarios take part; all of them if there is none.")
    var patterns: [String] = []

    @OptionGroup var profile: ProfileOptions
    @OptionGroup var suite: SuiteOptions

    @Option(help: ArgumentHelp("Only this fault; may be given several times.", valueName: "name"))
    var only: [String] = []

    @Flag(help: "Play only the scenarios that claim the fault.")
    var claimedOnly = false

    @Option(
        help: ArgumentHelp(
            "Show that this scenario's expectation is what sees its faults: without it one of them has to survive.",
            valueName: "id"))
    var withoutExpectation: [String] = []

    @Flag(help: "Turn every expectation into its contrary, one at a time, and require that the good server then fails.")
    var expectations = false

    @Option(help: "How many cases are played at a time against one server.")
    var jobs = 16

    @Option(help: "How many servers run at a time.")
    var servers = 2

    @Option(help: ArgumentHelp("No further fault is begun after this time, such as 20m.", valueName: "duration"))
    var budget: String?

    @Option(
        help: ArgumentHelp(
            "Keep what this mutants.json says of faults that were killed, as long as the same scenarios claim them.",
            valueName: "file"))
    var after: String?

    @Option(help: ArgumentHelp("Where mutants.json goes.", valueName: "folder"))
    var out: String?

    @Option(help: ArgumentHelp("Where the matrix goes as a document.", valueName: "file"))
    var markdown: String?

    @Option(help: ArgumentHelp("Play nothing: write the document of this mutants.json.", valueName: "file"))
    var from: String?

    func run() async throws {
        let exit = try await Console.reporting { try await self.play() }
        guard exit == .good else { throw exit.code }
    }

    private func play() async throws -> RunExit {
        if let from = self.from { return try self.rewrite(from) }
        let profile = try self.profile.load()
        let all = try self.suite.scenarios()
        let chosen = Set(try CasePattern.select(all.flatMap { $0.expanded() }, self.patterns).map(\.scenario.id))
        let scenarios = all.filter { chosen.contains($0.id) }
        guard
            let known = try await MutantList.load(profile, environment: Here.environment, gqlconform: Here.executable)
        else {
            throw UsageError(
                message: "\(profile.file) names no start.mutants.list: there is no server to play against.")
        }
        let unknown = MutantList.unknownClaims(in: scenarios, known).map(\.description)
        for name in self.only where !known.contains(where: { $0.name == name }) {
            throw UsageError(message: "\(profile.name) knows no fault \(name); its start.mutants.list shows all.")
        }
        let earlier = try self.after.map(self.read)
        let kept = earlier?.stillTrue(of: known, scenarios: scenarios) ?? []
        let isKept = Set(kept.map(\.mutant))
        let mutants = known.filter { mutant in
            !isKept.contains(mutant.name) && (self.only.isEmpty || self.only.contains(mutant.name))
        }
        var deadline: ContinuousClock.Instant?
        if let budget = self.budget {
            guard let nanoseconds = DurationText.nanoseconds(budget) else {
                throw UsageError(message: "--budget takes a duration with a unit, such as 20m.")
            }
            deadline = .now + .nanoseconds(nanoseconds)
        }
        // Nothing else will be asked, so nothing else has to be good.
        let chosenFaults = Set(mutants.map(\.name))
        let isPartial =
            self.claimedOnly && !(self.only.isEmpty && kept.isEmpty) && self.withoutExpectation.isEmpty
            && !self.expectations
        let asked =
            isPartial ? scenarios.filter { !chosenFaults.isDisjoint(with: $0.kills) } : scenarios
        let session = MutantSession(
            profile: profile, scenarios: asked, claimedOnly: self.claimedOnly, jobs: self.jobs,
            servers: self.servers, deadline: deadline, setting: Here.setting(logDirectory: nil))
        return try await Interruptible.run { stop in
            if self.expectations { return try await self.flip(session, stop) }
            if self.withoutExpectation.isEmpty {
                let played = try await self.matrix(session, mutants, unknown, stop)
                return try self.finish(played.after(earlier, keeping: kept, of: known, scenarios: scenarios))
            }
            return try await self.weaken(session, mutants, stop)
        }
    }

    private func matrix(
        _ session: MutantSession, _ mutants: [Mutant], _ unknown: [String], _ stop: StopSwitch
    ) async throws -> KillMatrix {
        let begin = ContinuousClock.now
        Console.print("the server without a fault:")
        let failure = FailureText(
            style: TextStyle(colours: false),
            reproduction: Reproduction(
                profile: self.profile.profile ?? "", suite: self.suite.given,
                seed: 0))
        let baseline = try await session.baseline(stop: stop) { event in
            guard case .finished(let expanded, let result, let history) = event, !result.verdict.isGood else { return }
            Console.print("\n" + failure.lines(expanded, result, history).joined(separator: "\n") + "\n")
        }
        let notGreen = baseline.filter { !$0.value.isGood }
        Console.print("  \(baseline.count - notGreen.count) of \(baseline.count) cases are good")
        let rows = await session.rows(for: mutants, baseline: baseline, stop: stop) { row in
            Console.print(MutantText.line(row))
        }
        let claimless = session.scenarios.filter { $0.kills.isEmpty && $0.level != .info }.map(\.id)
        let made = KillMatrix.Made(
            command: (["gqlconform"] + CommandLine.arguments.dropFirst()).joined(separator: " "),
            tool: "gqlconform \(ToolVersion.text)", day: String(Date().ISO8601Format().prefix(10)),
            seconds: Int((ContinuousClock.now - begin).components.seconds), scenarios: session.scenarios.count,
            cases: baseline.count, good: baseline.count - notGreen.count, claimedOnly: session.claimedOnly)
        return KillMatrix(
            rows: rows, notGreen: notGreen, claimless: claimless, unknownClaims: unknown, made: made)
    }

    private func finish(_ matrix: KillMatrix) throws -> RunExit {
        for claim in matrix.unknownClaims { Console.print("unknown claim: \(claim)") }
        for id in matrix.claimless { Console.print("claims no fault: \(id)") }
        if let out = self.out { try self.write(matrix, to: out) }
        try self.writeDocument(matrix)
        Console.print(MutantText.summary(matrix))
        return matrix.exitCode
    }

    /// Plays the good server once and judges its records with each expectation turned.
    private func flip(_ session: MutantSession, _ stop: StopSwitch) async throws -> RunExit {
        let flips = Flips()
        _ = try await session.baseline(stop: stop) { event in
            guard case .finished(let expanded, _, let history) = event else { return }
            flips.take(expanded, history)
        }
        // Judging takes processor time that the cases would miss, so it waits until they are over.
        let (flipped, dead, notGood) = flips.judge()
        for expectation in dead {
            Console.print("decides nothing: \(expectation.caseName), \(expectation.step): \(expectation.expected)")
        }
        Console.print(
            "\(flipped) expectations turned, \(dead.count) of them decide nothing, \(notGood) cases were not good")
        if !dead.isEmpty || notGood > 0 { return .failure }
        return flipped == 0 ? .inconclusive : .good
    }

    private func read(_ file: String) throws -> KillMatrix {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw UsageError(message: "\(file) cannot be read.")
        }
        guard let matrix = try? JSONDecoder().decode(KillMatrix.self, from: data) else {
            throw UsageError(message: "\(file) is no mutants.json.")
        }
        return matrix
    }

    private func rewrite(_ file: String) throws -> RunExit {
        let matrix = try self.read(file)
        guard self.markdown != nil else { throw UsageError(message: "--from needs --markdown.") }
        try self.writeDocument(matrix)
        Console.print(MutantText.summary(matrix))
        return matrix.exitCode
    }

    private func writeDocument(_ matrix: KillMatrix) throws {
        guard let file = self.markdown else { return }
        do {
            try Data(matrix.markdown.utf8).write(to: URL(fileURLWithPath: file))
        } catch {
            throw HarnessError("The matrix cannot be written to \(file).")
        }
    }

    private func write(_ matrix: KillMatrix, to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try encoder.encode(matrix).write(to: URL(fileURLWithPath: folder + "/mutants.json"))
        } catch {
            throw HarnessError("The matrix cannot be written to \(folder).")
        }
    }

    private func weaken(_ session: MutantSession, _ mutants: [Mutant], _ stop: StopSwitch) async throws -> RunExit {
        var allShown = true
        for id in self.withoutExpectation {
            guard let scenario = session.scenarios.first(where: { $0.id == id || $0.uid == id }) else {
                throw UsageError(message: "There is no scenario \(id).")
            }
            let claimed = mutants.filter { scenario.kills.contains($0.name) }
            guard !claimed.isEmpty else { throw UsageError(message: "\(id) claims none of the chosen faults.") }
            var isShown = false
            for mutant in claimed where !isShown {
                let finding = try await session.decisiveExpectation(of: scenario, for: mutant, stop: stop)
                Console.print(MutantText.line(finding, scenario, mutant))
                isShown = finding.isDecisive
            }
            allShown = allShown && isShown
        }
        return allShown ? .good : .failure
    }
}

/// Keeps what was played until it is judged with its expectations turned.
private final class Flips: Sendable {
    private let plays = Mutex<[(ExpandedCase, History)]>([])

    func take(_ expanded: ExpandedCase, _ history: History) {
        self.plays.withLock { $0.append((expanded, history)) }
    }

    func judge() -> (flipped: Int, dead: [ExpectationFlip.Dead], notGood: Int) {
        var sum = (flipped: 0, dead: [ExpectationFlip.Dead](), notGood: 0)
        for (expanded, history) in self.plays.withLock({ $0 }) {
            guard let finding = ExpectationFlip.check(expanded, history) else {
                sum.notGood += 1
                continue
            }
            sum.flipped += finding.flipped
            sum.dead += finding.dead
        }
        return sum
    }
}

/// Lines about known faults.
enum MutantText {
    static func line(_ row: KillMatrix.Row) -> String {
        let name = row.mutant.padding(toLength: max(36, row.mutant.count), withPad: " ", startingAt: 0)
        let killers = row.killedBy.keys.sorted()
        let shown =
            killers.prefix(3).joined(separator: ", ") + (killers.count > 3 ? " and \(killers.count - 3) more" : "")
        let lost = row.lost.map { " [\($0)]" } ?? ""
        switch row.fate {
        case .killed: return "killed        \(name) by \(shown)\(lost)"
        case .survived:
            let claim =
                row.claimedBy.isEmpty ? "nobody claims it" : "claimed by \(row.claimedBy.joined(separator: ", "))"
            return "SURVIVED      \(name) \(claim): \(row.summary)\(lost)"
        case .unclaimed: return "UNCLAIMED     \(name) \(row.summary)"
        case .claimMissed:
            return
                "CLAIM MISSED  \(name) not seen by \(row.missedClaims.joined(separator: ", ")), seen by \(shown)\(lost)"
        case .unknown: return "UNKNOWN       \(name) \(row.problem ?? "")"
        }
    }

    static func summary(_ matrix: KillMatrix) -> String {
        func count(_ fate: KillMatrix.Fate) -> Int { matrix.rows.filter { $0.fate == fate }.count }
        return "\(count(.killed)) of \(matrix.rows.count) faults killed, \(count(.survived)) survived, "
            + "\(count(.unclaimed)) claimed by nobody, "
            + "\(count(.claimMissed)) with a missed claim, \(count(.unknown)) not judged, "
            + "\(matrix.unknownClaims.count) unknown claims, \(matrix.notGreen.count) cases not green"
    }

    static func line(_ finding: MutantSession.Decisive, _ scenario: Scenario, _ mutant: Mutant) -> String {
        let head = "\(scenario.id), \(mutant.name): "
        switch finding {
        case .survives(let removed): return head + "the fault survives the suite without \(removed)"
        case .seenByOthers(let removed, let others):
            return head
                + "without \(removed) the scenario no longer sees it, but \(others.joined(separator: ", ")) does"
        case .neverKilled: return head + "the scenario does not see the fault in the first place"
        case .seenByEveryRest: return head + "no single expectation decides: the rest of the scenario sees it as well"
        }
    }
}
