/// Plays a suite against a server with one known fault at a time: the proof that its cases can fail.
package struct MutantSession: Sendable {
    /// The profile of the server; it has to name the arguments that choose a fault.
    package var profile: Profile
    /// The scenarios to play.
    package var scenarios: [Scenario]
    /// Whether a fault meets only the scenarios that claim to kill it.
    package var claimedOnly: Bool
    /// How many cases are played at a time against one server.
    package var jobs: Int
    /// How many servers run at a time.
    package var servers: Int
    /// When no further fault is begun; `nil` for no limit.
    package var deadline: ContinuousClock.Instant?
    /// The environment and the paths of the runner.
    package var setting: TestBed.Setting

    /// A session.
    package init(
        profile: Profile, scenarios: [Scenario], claimedOnly: Bool, jobs: Int, servers: Int,
        deadline: ContinuousClock.Instant?, setting: TestBed.Setting
    ) {
        self.profile = profile
        self.scenarios = scenarios
        self.claimedOnly = claimedOnly
        self.jobs = jobs
        self.servers = servers
        self.deadline = deadline
        self.setting = setting
    }

    /// The verdict of every playable case on the server without a fault, by name.
    ///
    /// - Parameter observe: Told of every event, from any thread.
    package func baseline(
        stop: StopSwitch, observe: @escaping @Sendable (RunEngine.Event) -> Void
    ) async throws(HarnessError) -> [String: Verdict] {
        try await self.verdicts(of: self.scenarios, mutant: nil, stop: stop, observe: observe).verdicts
    }

    /// What the suite makes of each fault, in the order given.
    ///
    /// - Parameter report: Called after each fault, from any thread.
    package func rows(
        for mutants: [Mutant], baseline: [String: Verdict], stop: StopSwitch,
        report: @escaping @Sendable (KillMatrix.Row) -> Void
    ) async -> [KillMatrix.Row] {
        await withTaskGroup(of: (Int, KillMatrix.Row).self) { group in
            var rows = [KillMatrix.Row?](repeating: nil, count: mutants.count)
            var next = 0
            var running = 0
            while true {
                while running < max(1, self.servers), next < mutants.count {
                    let index = next
                    next += 1
                    running += 1
                    group.addTask { (index, await self.row(for: mutants[index], baseline: baseline, stop: stop)) }
                }
                guard let (index, row) = await group.next() else { break }
                running -= 1
                rows[index] = row
                report(row)
            }
            return rows.compactMap { $0 }
        }
    }

    private func row(for mutant: Mutant, baseline: [String: Verdict], stop: StopSwitch) async -> KillMatrix.Row {
        let claiming = self.scenarios.filter { $0.kills.contains(mutant.name) }
        var row = KillMatrix.Row(mutant: mutant, claimedBy: claiming.map(\.id))
        if stop.reason != nil || self.deadline.map({ ContinuousClock.now >= $0 }) == true {
            row.problem = "not played: \(stop.reason ?? "the time was over")"
            return row
        }
        let played = self.claimedOnly ? claiming : self.scenarios
        guard !played.isEmpty else { return row }
        do throws(HarnessError) {
            let result = try await self.verdicts(of: played, mutant: mutant.name, stop: stop)
            row.take(result.verdicts, baseline: baseline, scenarios: played)
            row.lost = result.loss
        } catch {
            row.problem = error.message
        }
        return row
    }

    /// Plays the scenarios against a server of its own.
    func verdicts(
        of scenarios: [Scenario], mutant: String?, stop: StopSwitch,
        observe: @escaping @Sendable (RunEngine.Event) -> Void = { _ in }
    ) async throws(HarnessError) -> (verdicts: [String: Verdict], loss: String?) {
        var preparing = try await Staging(self.profile, setting: self.setting, mutant: mutant)
        let target = preparing.main.target
        try await preparing.prepare(for: scenarios.flatMap { $0.expanded() }, besides: target)
        let staging = preparing
        let player = StagedPlayer(staging, target: target)
        let cases = scenarios.flatMap { $0.expanded() }.filter { player.missing(for: $0).isEmpty }
        let engine = RunEngine(
            jobs: self.jobs, stop: stop.branch(), play: { await player.play($0) }, loss: { staging.loss() },
            observe: observe)
        let outcomes = await engine.run(cases)
        let loss = staging.loss()?.message
        await staging.stop()
        var verdicts: [String: Verdict] = [:]
        for outcome in outcomes where !outcome.results.isEmpty { verdicts[outcome.expanded.name] = outcome.verdict }
        return (verdicts, loss)
    }
}
