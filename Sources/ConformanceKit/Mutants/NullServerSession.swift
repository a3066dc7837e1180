/// Plays a suite against servers that do nothing: a case that passes there proves nothing.
package struct NullServerSession: Sendable {
    /// The profile that says what the cases may ask for; its server is not started.
    package var profile: Profile
    /// The cases to play.
    package var cases: [ExpandedCase]
    /// How many cases are played at a time.
    package var jobs: Int
    /// The environment and the paths of the runner.
    package var setting: TestBed.Setting

    /// A session.
    package init(profile: Profile, cases: [ExpandedCase], jobs: Int, setting: TestBed.Setting) {
        self.profile = profile
        self.cases = cases
        self.jobs = jobs
        self.setting = setting
    }

    /// What the suite made of one null server.
    package struct Outcome: Sendable {
        /// What the server does.
        package var kind: NullServer.Kind
        /// How many cases were played.
        package var played: Int
        /// The cases that passed, with their verdicts.
        package var passes: [(expanded: ExpandedCase, verdict: Verdict)]
    }

    /// Plays all cases against one kind.
    package func run(_ kind: NullServer.Kind, stop: StopSwitch) async throws(HarnessError) -> Outcome {
        let server = try await NullServer(kind)
        let http = HTTPClient(threads: 1)
        let bed: TestBed
        do {
            bed = try await TestBed.start(
                self.profile, setting: self.setting, attach: "ws://127.0.0.1:\(server.port)/", http: http)
            await http.shutdown()
        } catch {
            await http.shutdown()
            await server.stop()
            throw error
        }
        var target = bed.target
        // Nothing will come, so there is no point in waiting for it as long as for a real answer.
        target.timing.reply = min(target.timing.reply, 400_000_000)
        let playable = self.cases.filter { target.missing(for: $0).isEmpty }
        let player = SuitePlayer(target)
        let engine = RunEngine(jobs: self.jobs, stop: stop.branch(), play: { await player.play($0) })
        let outcomes = await engine.run(playable)
        await server.stop()
        let played = outcomes.filter { !$0.results.isEmpty }
        return Outcome(
            kind: kind, played: played.count,
            passes: played.filter(\.verdict.isGood).map { ($0.expanded, $0.verdict) })
    }
}
