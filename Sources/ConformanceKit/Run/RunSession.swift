import Synchronization

/// One run of a suite against one server, from its start to its report.
package struct RunSession: Sendable {
    /// The profile of the server.
    package var profile: Profile
    /// The suite's directory as given.
    package var suiteDirectory: String
    /// Every scenario of the suite.
    package var scenarios: [Scenario]
    /// Every case of the suite.
    package var cases: [ExpandedCase]
    /// The cases to play, by name.
    package var selected: Set<String>
    /// How many cases are played at a time.
    package var jobs: Int
    /// How many times each is played.
    package var repetitions = 1
    /// Whether the first failure ends the run.
    package var untilFail = false
    /// Whether merely acceptable outcomes count as failures.
    package var strict = false
    /// `nil` to start the server; otherwise it already runs, at this URL or (if empty) at those of the profile.
    package var attach: String?
    /// The known fault that the server is started with; `nil` for none.
    package var mutant: String?
    /// Decides the order in which the cases start.
    package var seed: UInt64
    /// The command line, for the report.
    package var commandLine: [String]
    /// The environment and the paths of the runner.
    package var setting: TestBed.Setting

    /// A session.
    package init(
        profile: Profile, suiteDirectory: String, scenarios: [Scenario], cases: [ExpandedCase], selected: Set<String>,
        jobs: Int, seed: UInt64, commandLine: [String], setting: TestBed.Setting
    ) {
        self.profile = profile
        self.suiteDirectory = suiteDirectory
        self.scenarios = scenarios
        self.cases = cases
        self.selected = selected
        self.jobs = jobs
        self.seed = seed
        self.commandLine = commandLine
        self.setting = setting
    }

    /// Starts the server, plays the selected cases and stops the server.
    ///
    /// - Parameters:
    ///   - stop: Ends the run early; the report then covers what was played. Cancel the task as well.
    ///   - keep: Receives every record.
    /// - Throws: If the server cannot be started.
    package func run(
        progress: RunProgress, stop: StopSwitch, reproduction: Reproduction,
        keep: @escaping @Sendable (HistoryRecord) -> Void
    ) async throws(HarnessError) -> RunReport {
        let http = HTTPClient(threads: 1)
        let bed: TestBed
        do {
            bed = try await TestBed.start(
                self.profile, setting: self.setting, mutant: self.mutant, attach: self.attach, http: http)
            await http.shutdown()
        } catch {
            await http.shutdown()
            throw error
        }
        let startedAt = Timestamp.now()
        let started = ContinuousClock.now
        let problems = Problems()
        let outcomes = await self.outcomes(on: bed, progress: progress, stop: stop, problems: problems, keep: keep)
        await bed.stop()
        progress.end()
        if let reason = stop.reason { problems.add("The run ended early: \(reason).") }
        let facts = RunReport.Facts(
            profile: self.profile, suiteDirectory: self.suiteDirectory, scenarios: self.scenarios, seed: self.seed,
            mutant: self.mutant, startedAt: startedAt, duration: started.duration(to: .now),
            commandLine: self.commandLine, strict: self.strict)
        return RunReport(facts, outcomes: outcomes, problems: problems.all, reproduction: reproduction)
    }

    /// An outcome for every case of the suite, in the order of the suite.
    private func outcomes(
        on bed: TestBed, progress: RunProgress, stop: StopSwitch, problems: Problems,
        keep: @escaping @Sendable (HistoryRecord) -> Void
    ) async -> [CaseOutcome] {
        var outcomes: [String: CaseOutcome] = [:]
        var playable: [ExpandedCase] = []
        for expanded in self.cases {
            guard self.selected.contains(expanded.name) else {
                outcomes[expanded.name] = CaseOutcome(expanded, skipped: .notSelected)
                continue
            }
            let missing = bed.target.missing(for: expanded.scenario)
            if missing.isEmpty {
                playable.append(expanded)
            } else {
                outcomes[expanded.name] = CaseOutcome(expanded, skipped: .unsupported(missing))
            }
        }
        progress.begin(total: playable.count * self.repetitions)
        let player = SuitePlayer(bed.target, keep: keep)
        let name = self.profile.name
        let engine = RunEngine(
            jobs: self.jobs, repetitions: self.repetitions, untilFail: self.untilFail, strict: self.strict, stop: stop,
            play: { await player.play($0) }, loss: { bed.loss(name: name) },
            observe: { event in
                if case .lost(let error) = event { problems.add(error.message) }
                progress.observe(event)
            })
        for outcome in await engine.run(CaseOrder.shuffled(playable, seed: self.seed)) {
            outcomes[outcome.expanded.name] = outcome
        }
        return self.cases.compactMap { outcomes[$0.name] }
    }

    private final class Problems: Sendable {
        private let list = Mutex<[String]>([])

        var all: [String] { self.list.withLock { $0 } }

        func add(_ problem: String) { self.list.withLock { $0.append(problem) } }
    }
}
