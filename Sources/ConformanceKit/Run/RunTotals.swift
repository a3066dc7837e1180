/// The sum of a run.
package struct RunTotals: Sendable, Equatable, Codable {
    /// Cases that passed: strictly, acceptably (unless the run is strict) or as an observation.
    package var passed = 0
    /// Cases that failed, were misdeclared, inconclusive, in error or not reached.
    package var failed = 0
    /// Cases that are unsupported or not selected.
    package var skipped = 0
    /// The number of cases by verdict; verdicts that did not occur are left out.
    package var byVerdict: [String: Int] = [:]
    /// Cases that were played at least once.
    package var played = 0
    /// Whether merely acceptable outcomes count as failures.
    package var strict: Bool

    /// The sum of the outcomes.
    package init(_ outcomes: [CaseOutcome], strict: Bool) {
        self.strict = strict
        for outcome in outcomes {
            switch outcome.standing(strict: strict) {
            case .passed: self.passed += 1
            case .failed: self.failed += 1
            case .skipped: self.skipped += 1
            }
            self.byVerdict[outcome.verdict.rawValue, default: 0] += 1
            if !outcome.results.isEmpty { self.played += 1 }
        }
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
        if self.count(.error) > 0 { return .harness }
        if self.status == .nonconformant { return .failure }
        if self.status == .inconclusive { return .inconclusive }
        return .good
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
