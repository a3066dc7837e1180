/// The content of `report.json`. `schema` rises with every change that a reader could notice.
package struct RunReport: Sendable, Codable {
    /// The version of this form.
    package var schema = 2
    package var tool: Tool
    package var server: Server
    package var profile: ProfileFacts
    package var suite: Suite
    /// The seed of the run.
    package var seed: UInt64
    /// When the run began, ISO 8601 in UTC.
    package var startedAt: String
    /// Seconds from the first case to the last.
    package var seconds: Double
    package var machine: Machine
    /// The command line that made the report.
    package var commandLine: [String]
    package var status: RunStatus
    package var totals: RunTotals
    /// What went wrong around the cases, one sentence each.
    package var problems: [String]
    /// The part of the suite that was played, as `1/3`; `nil` for all of it.
    package var shard: String?
    /// Features that a selected case needs, with what the profile says and what was seen.
    package var features: [Feature]
    /// The requirements that the cases cover.
    package var requirements: [Requirement]
    package var cases: [Case]

    /// A feature that the server has or lacks.
    package struct Feature: Sendable, Codable, Equatable {
        package var name: String
        /// `nil` if the profile does not mention it.
        package var declared: Bool?
        /// `nil` if it cannot be told from outside.
        package var seen: Bool?

        /// Whether the profile says one thing and the server shows another.
        package var isMisdeclared: Bool {
            guard let declared = self.declared, let seen = self.seen else { return false }
            return declared != seen
        }

        package init(name: String, declared: Bool?, seen: Bool?) {
            self.name = name
            self.declared = declared
            self.seen = seen
        }
    }

    /// One rule.
    package struct Requirement: Sendable, Codable, Equatable {
        package var id: String
        package var level: Scenario.Level
        /// The rule in one sentence.
        package var text: String
        /// Where it is written.
        package var source: String
    }

    /// What made the report.
    package struct Tool: Sendable, Codable {
        package var name: String
        package var version: String
    }

    /// What was judged.
    package struct Server: Sendable, Codable {
        package var name: String
        package var version: String
        /// The known fault that it was started with.
        package var mutant: String?
    }

    /// The profile that the cases ran with.
    package struct ProfileFacts: Sendable, Codable {
        package var file: String
        /// SHA-256 in lower-case hexadecimal.
        package var sha256: String
    }

    /// The scenarios.
    package struct Suite: Sendable, Codable {
        package var directory: String
        package var scenarios: Int
        package var cases: Int
        /// SHA-256 over the scenario files in the order of their paths.
        package var sha256: String
    }

    /// Where the run took place.
    package struct Machine: Sendable, Codable {
        package var system: String
        package var processors: Int
        package var memoryBytes: UInt64
    }

    /// One case.
    package struct Case: Sendable, Codable {
        package var uid: String
        package var id: String
        /// The id with its cell.
        package var name: String
        package var title: String
        package var level: Scenario.Level
        package var covers: [String]
        /// Where the rule is written.
        package var source: String
        package var file: String
        package var line: Int
        package var verdict: Verdict
        package var standing: CaseOutcome.Standing
        package var facets: [String: Verdict]
        /// The findings of the worst result.
        package var reasons: [CaseResult.Reason]
        /// Seconds of the worst result.
        package var seconds: Double
        /// The verdict of every time that the case was played.
        package var plays: [Verdict]
        /// Features that the server lacks, if the case is unsupported.
        package var missing: [String]
        /// Why the case was not played although it was selected.
        package var notReached: String?
        /// What tells the worst finding from others of the case, for a file of known failures; `nil` without a finding.
        package var signature: String?
        /// The known failure that excuses it.
        package var known: CaseOutcome.Known?
        /// A command line that plays the case again.
        package var reproduce: String
    }
}

extension RunReport {
    /// The cases that took longest, slowest first.
    package var slowest: [Case] {
        Array(self.cases.filter { !$0.plays.isEmpty }.sorted { $0.seconds > $1.seconds }.prefix(10))
    }
}

extension RunReport.Case {
    /// `transport-ws`, the first part of the id.
    package var family: String { self.id.split(separator: "/").first.map(String.init) ?? self.id }

    /// The cell of the matrix, without brackets; empty for a scenario without a matrix.
    package var cell: String { String(self.name.dropFirst(self.id.count).dropFirst().dropLast()) }

    /// The entry of one outcome.
    package init(_ outcome: CaseOutcome, strict: Bool, reproduction: Reproduction) {
        let scenario = outcome.expanded.scenario
        let worst = outcome.worst
        var missing: [String] = []
        var notReached: String?
        switch outcome.skipped {
        case .unsupported(let features): missing = features
        case .notReached(let reason): notReached = reason
        case .notSelected, nil: break
        }
        self.init(
            uid: scenario.uid, id: scenario.id, name: outcome.expanded.name, title: scenario.title,
            level: scenario.level, covers: scenario.covers, source: scenario.source, file: scenario.file,
            line: scenario.line, verdict: outcome.verdict, standing: outcome.standing(strict: strict),
            facets: Dictionary(uniqueKeysWithValues: (worst?.facets ?? [:]).map { ($0.key.rawValue, $0.value) }),
            reasons: worst?.reasons ?? [], seconds: Double(worst?.duration ?? 0) / 1e9,
            plays: outcome.results.map(\.verdict), missing: missing, notReached: notReached,
            signature: worst?.verdict.isGood == false ? worst?.reasons.first?.signature : nil, known: outcome.known,
            reproduce: reproduction.line(for: outcome.expanded))
    }
}
