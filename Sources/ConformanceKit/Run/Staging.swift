/// The set-ups of one server that a run needs: that of its profile, and those of its variants that some case asks for.
package struct Staging: Sendable {
    /// As the profile says.
    package let main: TestBed
    /// The variants that were started, in the order of the profile.
    private var variants: [(name: String, bed: TestBed, target: Target)] = []
    private let profile: Profile
    private let setting: TestBed.Setting
    private let mutant: String?
    private let isAttached: Bool

    /// Starts the server as the profile says; variants come with `prepare`.
    ///
    /// - Parameters:
    ///   - mutant: The known fault of the server, which its variants have as well; `nil` for none.
    ///   - attach: As for `TestBed.start`. A server that already runs has no variants.
    package init(
        _ profile: Profile, setting: TestBed.Setting, mutant: String? = nil, attach: String? = nil
    ) async throws(HarnessError) {
        self.profile = profile
        self.setting = setting
        self.mutant = mutant
        self.isAttached = attach != nil || (setting.backend ?? Backend(for: profile.start)) != .process
        self.main = try await Self.start(profile, setting: setting, mutant: mutant, attach: attach)
    }

    /// Starts the variants that can play cases which the main set-up cannot.
    ///
    /// - Parameter target: The main set-up with the features that were seen; variants have the same.
    package mutating func prepare(for cases: [ExpandedCase], besides target: Target) async throws(HarnessError) {
        guard !self.isAttached else { return }
        var open = Self.needs(of: cases, lackedBy: target)
        for variant in self.profile.variants where open.contains(where: { $0.allSatisfy(variant.offers) }) {
            let bed: TestBed
            do throws(HarnessError) {
                bed = try await Self.start(variant, setting: self.setting, mutant: self.mutant, attach: nil)
            } catch {
                await self.stop()
                throw error
            }
            var its = bed.target
            its.features.merge(target.features) { own, _ in own }
            its.beforeStep = target.beforeStep
            self.variants.append((variant.file, bed, its))
            open = open.filter { !$0.allSatisfy(its.has) }
        }
    }

    /// What the cases need and the set-up lacks, for each case; cases that lack nothing are left out.
    private static func needs(of cases: [ExpandedCase], lackedBy target: Target) -> Set<[String]> {
        Set(cases.map { target.missing(for: $0.scenario) }).filter { !$0.isEmpty }
    }

    /// The first set-up that a case can be played on; `nil` for the main one, which may lack something all the same.
    package func variant(for scenario: Scenario, besides target: Target) -> Target? {
        guard !target.missing(for: scenario).isEmpty else { return nil }
        return self.variants.first { $0.target.missing(for: scenario).isEmpty }?.target
    }

    /// Why the server can no longer be judged; `nil` while it can.
    package func loss() -> HarnessError? {
        if let loss = self.main.loss(name: self.profile.name) { return loss }
        for variant in self.variants {
            if let loss = variant.bed.loss(name: "\(self.profile.name) (\(variant.name))") { return loss }
        }
        return nil
    }

    /// Stops everything.
    package func stop() async {
        for variant in self.variants { await variant.bed.stop() }
        await self.main.stop()
    }

    private static func start(
        _ profile: Profile, setting: TestBed.Setting, mutant: String?, attach: String?
    ) async throws(HarnessError) -> TestBed {
        let http = HTTPClient(threads: 1)
        do throws(HarnessError) {
            let bed = try await TestBed.start(profile, setting: setting, mutant: mutant, attach: attach, http: http)
            await http.shutdown()
            return bed
        } catch {
            await http.shutdown()
            throw error
        }
    }
}

/// Plays each case on the set-up that has what it needs.
package struct StagedPlayer: Sendable {
    private let staging: Staging
    private let target: Target
    private let main: SuitePlayer
    private let clock: RunClock
    private let keep: @Sendable (HistoryRecord) -> Void

    /// - Parameters:
    ///   - target: The main set-up.
    ///   - keep: Receives every record as it is written, under a lock.
    package init(
        _ staging: Staging, target: Target, keep: @escaping @Sendable (HistoryRecord) -> Void = { _ in }
    ) {
        self.staging = staging
        self.target = target
        self.clock = RunClock()
        self.keep = keep
        self.main = SuitePlayer(target, clock: self.clock, keep: keep)
    }

    /// What the case needs and no set-up has.
    package func missing(for expanded: ExpandedCase) -> [String] {
        self.staging.variant(for: expanded.scenario, besides: self.target) == nil
            ? self.target.missing(for: expanded) : []
    }

    /// Plays the case once and judges what happened.
    package func play(_ expanded: ExpandedCase) async -> (CaseResult, History) {
        guard let variant = self.staging.variant(for: expanded.scenario, besides: self.target) else {
            return await self.main.play(expanded)
        }
        return await self.main.play(expanded, on: variant)
    }
}

extension Profile {
    /// Whether the set-up may have what a case requires, as far as that can be said before it is started.
    func offers(_ requirement: String) -> Bool {
        if requirement == "replicas" {
            guard case .command(let command) = self.start else { return false }
            return command.replicas > 1
        }
        guard requirement.hasPrefix("profile.") else { return false }
        switch self.value.at(String(requirement.dropFirst("profile.".count))) {
        case nil, .null, .bool(false): return false
        default: return true
        }
    }
}
