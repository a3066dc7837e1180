/// The sum of a run.
package struct RunTotals: Sendable, Equatable, Codable {
    /// Cases that passed: strictly, acceptably (unless the run is strict) or as an observation.
    package var passed = 0
    /// Cases that failed, were misdeclared, inconclusive, in error or not reached.
    package var failed = 0
    /// Cases that are unsupported, not selected, or fail in a known way.
    package var skipped = 0
    /// The number of cases that fail in a known way, by verdict; they are counted in `byVerdict` too.
    package var knownByVerdict: [String: Int] = [:]
    /// Known failures that are stale, expired, or match nothing.
    package var brokenEntries = 0
    /// The number of cases by verdict; verdicts that did not occur are left out.
    package var byVerdict: [String: Int] = [:]
    /// Cases that were played at least once.
    package var played = 0
    /// Whether merely acceptable outcomes count as failures.
    package var strict: Bool

    /// The sum of the cases of a report.
    package init(_ cases: [RunReport.Case], strict: Bool, brokenEntries: Int = 0) {
        self.strict = strict
        self.brokenEntries = brokenEntries
        for entry in cases { self.add(entry.standing, entry.verdict, isPlayed: !entry.plays.isEmpty) }
    }

    /// The sum of the outcomes of a run.
    package init(_ outcomes: [CaseOutcome], strict: Bool) {
        self.strict = strict
        for outcome in outcomes {
            self.add(outcome.standing(strict: strict), outcome.verdict, isPlayed: !outcome.results.isEmpty)
        }
    }

    private mutating func add(_ standing: CaseOutcome.Standing, _ verdict: Verdict, isPlayed: Bool) {
        switch standing {
        case .passed: self.passed += 1
        case .failed: self.failed += 1
        case .skipped: self.skipped += 1
        case .known:
            self.skipped += 1
            self.knownByVerdict[verdict.rawValue, default: 0] += 1
        }
        self.byVerdict[verdict.rawValue, default: 0] += 1
        if isPlayed { self.played += 1 }
    }

    /// The last line of every run.
    package var line: String { "\(self.passed) passed, \(self.failed) failed, \(self.skipped) skipped" }

    /// How many cases have the verdict.
    package func count(_ verdict: Verdict) -> Int { self.byVerdict[verdict.rawValue] ?? 0 }

    /// The status of the run in one word.
    package var status: RunStatus {
        if self.count(.fail) + self.count(.misdeclared) > 0 { return .nonconformant }
        if self.strict, self.count(.nonstrict) > 0 { return .nonconformant }
        if self.count(.error) + self.count(.inconclusive) > 0 || self.played == 0 { return .inconclusive }
        return self.skipped > 0 ? .partial : .conformant
    }

    /// The exit code; the first that applies of harness, failure, inconclusive, good. Nothing played is never good.
    package var exitCode: RunExit {
        if self.open(.error) > 0 { return .harness }
        let failures = self.open(.fail) + self.open(.misdeclared) + (self.strict ? self.open(.nonstrict) : 0)
        if self.brokenEntries > 0 || failures > 0 { return .failure }
        if self.open(.inconclusive) > 0 || self.played == 0 { return .inconclusive }
        return .good
    }

    /// How many cases fail in a known way.
    package var known: Int { self.knownByVerdict.values.reduce(0, +) }

    /// How many cases have the verdict and are not known to.
    private func open(_ verdict: Verdict) -> Int {
        self.count(verdict) - (self.knownByVerdict[verdict.rawValue] ?? 0)
    }
}

/// What a run says about the server.
package enum RunStatus: String, Sendable, Codable {
    /// Every case was played and is good.
    case conformant
    /// Every case that was played is good, but some were not played.
    case partial
    /// A requirement is broken.
    case nonconformant
    /// Nothing was played, or something could not be decided.
    case inconclusive
}

/// The exit codes of `gqlconform`.
package enum RunExit: Int32, Sendable {
    /// All good.
    case good = 0
    /// A requirement is broken, or the profile is wrong about the server.
    case failure = 1
    /// Nothing was played, or something could not be decided.
    case inconclusive = 2
    /// The harness or its environment broke.
    case harness = 3
    /// Wrong usage, or a pattern that matches nothing.
    case usage = 64
    /// A scenario or a profile is invalid.
    case invalidInput = 65
}
