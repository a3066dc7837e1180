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
    /// The part of the suite that `selected` is, as `1/3`; `nil` for a selection of another kind.
    package var shard: String?
    /// Failures that are known; `nil` for none.
    package var known: KnownFailures?
    /// The catalogue of requirements, for the report.
    package var catalogue = RequirementCatalogue(requirements: [])
    /// Called before every step of the outermost list with the step's number (from 1) and place; the step waits for it.
    package var beforeStep: (@Sendable (ExpandedCase, Int, String) async -> Void)?
    /// Gathers what the report draws.
    package let book = TraceBook()

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
        var setting = self.setting
        setting.note = { progress.note($0) }
        var staging = try await Staging(
            self.profile, setting: setting, mutant: self.mutant, attach: self.attach)
        if staging.main.servers.isEmpty {
            do throws(HarnessError) {
                try await FirstContact(staging.main.target, note: setting.note).make()
            } catch {
                await staging.stop()
                throw error
            }
        }
        let startedAt = Timestamp.now()
        let started = ContinuousClock.now
        let problems = Problems()
        var target = staging.main.target
        let features = await self.probe(&target)
        target.beforeStep = self.beforeStep
        try await staging.prepare(for: self.cases.filter { self.selected.contains($0.name) }, besides: target)
        var outcomes = await self.outcomes(
            on: staging, target, features, progress: progress, stop: stop, problems: problems, keep: keep)
        await staging.stop()
        progress.end()
        if let reason = stop.reason { problems.add("The run ended early: \(reason).") }
        let wrong = self.known?.apply(to: &outcomes, today: String(startedAt.prefix(10))) ?? []
        for entry in wrong { problems.add(entry) }
        var facts = RunReport.Facts(
            profile: self.profile, suiteDirectory: self.suiteDirectory, scenarios: self.scenarios, seed: self.seed,
            mutant: self.mutant, startedAt: startedAt, duration: started.duration(to: .now),
            commandLine: self.commandLine, strict: self.strict)
        facts.shard = self.shard
        facts.features = features
        facts.catalogue = self.catalogue
        facts.brokenEntries = wrong.count
        return RunReport(facts, outcomes: outcomes, problems: problems.all, reproduction: reproduction)
    }

    /// An outcome for every case of the suite, in the order of the suite.
    private func outcomes(
        on staging: Staging, _ target: Target, _ features: [RunReport.Feature], progress: RunProgress,
        stop: StopSwitch, problems: Problems, keep: @escaping @Sendable (HistoryRecord) -> Void
    ) async -> [CaseOutcome] {
        let player = StagedPlayer(staging, target: target, keep: keep)
        var outcomes: [String: CaseOutcome] = [:]
        var playable: [ExpandedCase] = []
        for expanded in self.cases {
            guard self.selected.contains(expanded.name) else {
                outcomes[expanded.name] = CaseOutcome(expanded, skipped: .notSelected)
                continue
            }
            let wrong = features.filter { $0.isMisdeclared && expanded.scenario.requires.contains($0.name) }
            let missing = player.missing(for: expanded)
            if let first = wrong.first {
                outcomes[expanded.name] = CaseOutcome(expanded, results: [Self.misdeclared(expanded, first)])
            } else if missing.isEmpty {
                playable.append(expanded)
            } else {
                outcomes[expanded.name] = CaseOutcome(expanded, skipped: .unsupported(missing))
            }
        }
        progress.begin(total: playable.count * self.repetitions)
        let engine = RunEngine(
            jobs: self.jobs, repetitions: self.repetitions, untilFail: self.untilFail, strict: self.strict, stop: stop,
            play: { await player.play($0) }, loss: { staging.loss() },
            observe: { event in
                if case .lost(let error) = event { problems.add(error.message) }
                if case .finished(_, let result, let history) = event { self.book.take(result, history) }
                progress.observe(event)
            })
        let order = CaseOrder.shuffled(playable, seed: self.seed)
        let played = await withTaskGroup(of: [CaseOutcome]?.self) { group in
            group.addTask { await engine.run(order) }
            group.addTask {
                // Ends when the run has ended.
                while (try? await Task.sleep(for: .milliseconds(500))) != nil { progress.tick() }
                return nil
            }
            // When the run is interrupted the clock ends first; what was played still counts.
            for await outcomes in group {
                guard let outcomes else { continue }
                group.cancelAll()
                return outcomes
            }
            return []
        }
        for outcome in played { outcomes[outcome.expanded.name] = outcome }
        return self.cases.compactMap { outcomes[$0.name] }
    }

    /// Looks which of the needed features the server has; those that the profile does not mention count as seen.
    private func probe(_ target: inout Target) async -> [RunReport.Feature] {
        let needed = Set(self.cases.filter { self.selected.contains($0.name) }.flatMap(\.scenario.requires))
            .filter {
                !$0.hasPrefix("profile.")
                    && !["stream", "emit", "redis", "replicas", "server", "auth", "tenancy"].contains($0)
            }
        guard !needed.isEmpty else { return [] }
        let seen = await FeatureProbe(target, player: SuitePlayer(target)).look(for: needed)
        for (name, isThere) in seen where target.features[name] == nil && !name.hasPrefix("transport.") {
            target.features[name] = isThere
        }
        return needed.sorted().map {
            RunReport.Feature(name: $0, declared: self.declares($0), seen: seen[$0])
        }
    }

    /// Whoever names an endpoint promises its transport.
    private func declares(_ feature: String) -> Bool? {
        if let flag = self.profile.features[feature] { return flag }
        guard feature.hasPrefix("transport.") else { return nil }
        let transport = feature.dropFirst("transport.".count)
        return self.profile.endpoints.contains { endpoint in
            switch transport {
            case "sse": endpoint.transport == "sse" && endpoint.mode != .single
            case "sse-single": endpoint.transport == "sse" && endpoint.mode != .distinct
            default: endpoint.transport == transport
            }
        } ? true : nil
    }

    private static func misdeclared(_ expanded: ExpandedCase, _ feature: RunReport.Feature) -> CaseResult {
        let isDeclared = feature.declared == true
        let reason = CaseResult.Reason(
            verdict: .misdeclared, facet: .behaviour, check: "features",
            message: isDeclared
                ? "the profile says that the server has \(feature.name), and the server lacks it"
                : "the profile says that the server lacks \(feature.name), and the server has it",
            expected: ["\(feature.name): \(isDeclared)"], actual: "\(feature.name): \(!isDeclared)")
        return CaseResult(
            caseName: expanded.name, verdict: .misdeclared, facets: [.behaviour: .misdeclared], reasons: [reason])
    }

    private final class Problems: Sendable {
        private let list = Mutex<[String]>([])

        var all: [String] { self.list.withLock { $0 } }

        func add(_ problem: String) { self.list.withLock { $0.append(problem) } }
    }
}
