import ArgumentParser
import ConformanceKit

/// `gqlconform null-servers`: shows that nothing passes by accident.
struct NullServersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "null-servers", abstract: "Play the suite against servers that do nothing; nothing may pass.",
        discussion: """
            A case that passes with good reason is listed, with the reason, in targets/null-servers.yaml of the suite. \
            Exit codes: 0 nothing else passes; 1 something does, or an entry of the list is stale; 2 nothing was played.
            """)

    @Argument(help: "Which cases take part; all of them if there is none.")
    var patterns: [String] = []

    @OptionGroup var profile: ProfileOptions
    @OptionGroup var suite: SuiteOptions

    @Option(help: "How many cases are played at a time.")
    var jobs = 64

    func run() async throws {
        let exit = try await Console.reporting { try await self.play() }
        guard exit == .good else { throw exit.code }
    }

    private func play() async throws -> RunExit {
        let profile = try self.profile.load()
        let cases = try CasePattern.select(self.suite.cases(), self.patterns)
        let honest = try HonestPasses.load(suite: self.suite.suite)
        let session = NullServerSession(
            profile: profile, cases: cases, jobs: self.jobs, setting: Here.setting(logDirectory: nil))
        return try await Interruptible.run { stop in
            var unexplained = 0
            var played = 0
            var used: Set<String> = []
            for kind in NullServer.Kind.allCases {
                let outcome = try await session.run(kind, stop: stop)
                played += outcome.played
                Console.print("\(kind.rawValue): \(outcome.passes.count) of \(outcome.played) cases pass")
                for (expanded, verdict) in outcome.passes {
                    if let entry = honest.entry(for: expanded, on: kind) {
                        used.insert(entry.place)
                        Console.print("  honest   \(expanded.name)  \(entry.because)")
                    } else {
                        unexplained += 1
                        Console.print(
                            "  \(verdict.rawValue.uppercased())  \(expanded.name)  \(expanded.scenario.title)")
                    }
                }
            }
            // Only a run of the whole suite can tell that an entry is of no use.
            let stale = self.patterns.isEmpty ? honest.entries.filter { !used.contains($0.place) } : []
            for entry in stale { Console.print("stale entry: \(entry.place) \(entry.pattern.text)") }
            Console.print("\(unexplained) passes that prove nothing")
            if stop.reason != nil { return .harness }
            if unexplained > 0 || !stale.isEmpty { return .failure }
            return played == 0 ? .inconclusive : .good
        }
    }
}
