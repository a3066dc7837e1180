/// Which case kills which known fault of a server.
package struct KillMatrix: Sendable, Codable {
    /// The version of this form.
    package var schema = 1
    /// One row for each fault.
    package var rows: [Row]
    /// Cases that are not good on the server without a fault, with their verdicts.
    package var notGreen: [String: Verdict]
    /// Scenarios that claim no fault.
    package var claimless: [String]
    /// Claims of faults that the server does not know, one sentence each.
    package var unknownClaims: [String]
    /// How it was made; `nil` if nobody says.
    package var made: Made?

    /// A run whose rows were kept.
    package struct Earlier: Sendable, Codable, Equatable {
        /// The command line.
        package var command: String
        /// The date, as 2026-02-01.
        package var day: String
        /// How many of its rows were kept.
        package var rows: Int
    }

    /// How a matrix was made.
    package struct Made: Sendable, Codable {
        /// The command line.
        package var command: String
        /// The program and its version.
        package var tool: String
        /// The date, as 2026-02-01.
        package var day: String
        /// How long it took, in seconds.
        package var seconds: Int
        /// How many scenarios took part.
        package var scenarios: Int
        /// How many cases were played on the server without a fault.
        package var cases: Int
        /// How many of them were good.
        package var good: Int
        /// Whether each fault met only the scenarios that claim it.
        package var claimedOnly: Bool
        /// The run whose rows were kept; empty or `nil` if there is none.
        package var earlier: [Earlier]?

        /// What is said of a matrix.
        package init(
            command: String, tool: String, day: String, seconds: Int, scenarios: Int, cases: Int, good: Int,
            claimedOnly: Bool
        ) {
            self.command = command
            self.tool = tool
            self.day = day
            self.seconds = seconds
            self.scenarios = scenarios
            self.cases = cases
            self.good = good
            self.claimedOnly = claimedOnly
        }
    }

    /// A matrix.
    package init(
        rows: [Row], notGreen: [String: Verdict], claimless: [String], unknownClaims: [String] = [], made: Made? = nil
    ) {
        self.made = made
        self.unknownClaims = unknownClaims
        self.rows = rows
        self.notGreen = notGreen
        self.claimless = claimless
    }

    /// What the suite makes of one fault.
    package struct Row: Sendable, Codable {
        /// The fault.
        package var mutant: String
        /// What is wrong, in one sentence.
        package var summary: String
        /// Scenarios that claim to kill it.
        package var claimedBy: [String]
        /// How many cases were played against it.
        package var played = 0
        /// Cases whose verdict is worse than on the server without a fault, with the verdict.
        package var killedBy: [String: Verdict] = [:]
        /// Scenarios that claim to kill it and did not, in any cell.
        package var missedClaims: [String] = []
        /// Why the server could not be judged; `nil` if it was.
        package var problem: String?
        /// How the server ended while it was judged; `nil` if it did not.
        package var lost: String?

        /// A row without results.
        package init(mutant: Mutant, claimedBy: [String]) {
            self.mutant = mutant.name
            self.summary = mutant.summary
            self.claimedBy = claimedBy
        }

        /// What became of the fault.
        package var fate: Fate {
            if self.problem != nil { return .unknown }
            if self.played == 0 { return .unclaimed }
            if self.killedBy.isEmpty { return .survived }
            return self.missedClaims.isEmpty ? .killed : .claimMissed
        }

        /// Whether a verdict on the faulty server shows the fault: it is worse than on the good one, and it says something
        /// about the server. An error or something undecided says only that the case could not be played.
        package static func isKill(_ verdict: Verdict, insteadOf good: Verdict) -> Bool {
            switch verdict {
            case .fail, .misdeclared, .nonstrict: verdict != good && Verdict.worse(verdict, good) == verdict
            case .pass, .info, .notSelected, .unsupported, .inconclusive, .error: false
            }
        }

        /// Enters the verdicts of the cases that were played.
        mutating func take(_ verdicts: [String: Verdict], baseline: [String: Verdict], scenarios: [Scenario]) {
            self.played = verdicts.count
            for (name, verdict) in verdicts {
                let good = baseline[name] ?? .pass
                if Self.isKill(verdict, insteadOf: good) { self.killedBy[name] = verdict }
            }
            for scenario in scenarios where scenario.kills.contains(self.mutant) {
                let names = scenario.expanded().map(\.name)
                // What the profile of the server leaves out cannot see anything.
                guard names.contains(where: { verdicts[$0] != nil }) else { continue }
                if !names.contains(where: { self.killedBy[$0] != nil }) { self.missedClaims.append(scenario.id) }
            }
        }
    }

    /// What became of a fault.
    package enum Fate: String, Sendable, Codable {
        /// Every scenario that claims it sees it, and at least one case does.
        case killed
        /// A scenario that claims it does not see it, though another does.
        case claimMissed = "claim missed"
        /// No case sees it.
        case survived
        /// No scenario that took part claims it, so nothing was played.
        case unclaimed
        /// The server could not be judged.
        case unknown
    }

    /// The exit code: a server that is not green, a survivor, a missed or an unknown claim is a failure.
    package var exitCode: RunExit {
        let fates = Set(self.rows.map(\.fate))
        if !self.notGreen.isEmpty || !self.unknownClaims.isEmpty { return .failure }
        if !fates.isDisjoint(with: [.survived, .claimMissed, .unclaimed]) { return .failure }
        if fates.contains(.unknown) { return .harness }
        return self.rows.isEmpty ? .inconclusive : .good
    }
}
