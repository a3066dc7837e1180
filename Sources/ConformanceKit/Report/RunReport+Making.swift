import COpenSSL
import Foundation

extension RunReport {
    /// What a report says about a run apart from its cases.
    package struct Facts: Sendable {
        /// The profile that the run used.
        package var profile: Profile
        /// The suite's directory as given.
        package var suiteDirectory: String
        /// Every scenario of the suite.
        package var scenarios: [Scenario]
        /// The seed of the run.
        package var seed: UInt64
        /// The known fault of the server; `nil` for none.
        package var mutant: String?
        /// When the run began, ISO 8601 in UTC.
        package var startedAt: String
        /// How long it took.
        package var duration: Duration
        /// The command line, program first.
        package var commandLine: [String]
        /// Whether merely acceptable outcomes count as failures.
        package var strict: Bool
        /// The part of the suite that was played, as `1/3`.
        package var shard: String?
        /// What the features turned out to be.
        package var features: [Feature] = []
        /// The catalogue of requirements.
        package var catalogue = RequirementCatalogue(requirements: [])
        /// How many entries of the known failures are wrong.
        package var brokenEntries = 0

        /// Facts of a run.
        package init(
            profile: Profile, suiteDirectory: String, scenarios: [Scenario], seed: UInt64, mutant: String?,
            startedAt: String, duration: Duration, commandLine: [String], strict: Bool
        ) {
            self.profile = profile
            self.suiteDirectory = suiteDirectory
            self.scenarios = scenarios
            self.seed = seed
            self.mutant = mutant
            self.startedAt = startedAt
            self.duration = duration
            self.commandLine = commandLine
            self.strict = strict
        }
    }

    /// The report of a run with an outcome for every case of the suite.
    package init(_ facts: Facts, outcomes: [CaseOutcome], problems: [String], reproduction: Reproduction) {
        let cases = outcomes.map { Case($0, strict: facts.strict, reproduction: reproduction) }
        let totals = RunTotals(cases, strict: facts.strict, brokenEntries: facts.brokenEntries)
        let covered = Set(cases.flatMap(\.covers))
        self.init(
            tool: Tool(name: "gqlconform", version: ToolVersion.text),
            server: Server(name: facts.profile.name, version: facts.profile.version, mutant: facts.mutant),
            profile: ProfileFacts(file: facts.profile.file, sha256: facts.profile.digest),
            suite: Suite(
                directory: facts.suiteDirectory, scenarios: facts.scenarios.count, cases: outcomes.count,
                sha256: Self.digest(of: facts.scenarios)),
            seed: facts.seed, startedAt: facts.startedAt, seconds: facts.duration.inSeconds, machine: .current(),
            commandLine: facts.commandLine, status: totals.status, totals: totals, problems: problems,
            shard: facts.shard, features: facts.features,
            requirements: facts.catalogue.requirements.filter { covered.contains($0.id) }.map {
                Requirement(id: $0.id, level: $0.level, text: $0.text, source: $0.source)
            },
            cases: cases)
    }

    private static func digest(of scenarios: [Scenario]) -> String {
        let files = Set(scenarios.map(\.file)).sorted()
        var bytes: [UInt8] = []
        for file in files { bytes += FileManager.default.contents(atPath: file) ?? Data() }
        return SHA256Text.digest(of: bytes)
    }
}

/// The version of the runner.
package enum ToolVersion {
    /// Semantic version.
    package static let text = "0.1.0"
}

/// SHA-256 as text.
enum SHA256Text {
    /// 64 lower-case hexadecimal digits.
    static func digest(of bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(bytes, bytes.count, &digest)
        return Bytes.hex(digest)
    }
}
