/// What became of one case of a run.
package struct CaseOutcome: Sendable {
    /// The case.
    package var expanded: ExpandedCase
    /// One result for each time that the case was played; empty if it was not played.
    package var results: [CaseResult]
    /// The verdict of a case that was not played; `nil` if it was.
    package var skipped: Skip?
    /// The known failure that the case shows; `nil` for every other case.
    package var known: Known?

    /// A failure that is written down beside the profile.
    package struct Known: Sendable, Equatable, Codable {
        /// Where it is written down.
        package var issue: String
        /// What tells it from other failures of the case.
        package var signature: String
        /// The last day on which it is excused; `nil` for no end.
        package var until: String?
    }

    /// Why a case was not played.
    package enum Skip: Sendable, Equatable {
        /// The server lacks these features, according to its profile.
        case unsupported([String])
        /// A filter left it out.
        case notSelected
        /// The run ended before its turn, for this reason.
        case notReached(String)
    }

    /// An outcome of a case that was played.
    package init(_ expanded: ExpandedCase, results: [CaseResult]) {
        self.expanded = expanded
        self.results = results
    }

    /// An outcome of a case that was not played.
    package init(_ expanded: ExpandedCase, skipped: Skip) {
        self.expanded = expanded
        self.results = []
        self.skipped = skipped
    }

    /// The worst verdict of all times that the case was played. A case that was not reached is an error of the run.
    package var verdict: Verdict {
        switch self.skipped {
        case .unsupported: .unsupported
        case .notSelected: .notSelected
        case .notReached: .error
        case nil: self.results.reduce(.notSelected) { Self.worse($0, $1.verdict) }
        }
    }

    /// `notSelected` stands for nothing yet.
    private static func worse(_ left: Verdict, _ right: Verdict) -> Verdict {
        left == .notSelected ? right : Verdict.worse(left, right)
    }

    /// The result with the worst verdict, the first of several.
    package var worst: CaseResult? {
        self.results.first { $0.verdict == self.verdict }
    }

    /// Whether the case was played several times with different verdicts.
    package var isFlaky: Bool {
        Set(self.results.map(\.verdict)).count > 1
    }

    /// Whether the case counts as passed, failed or skipped; a strict run fails what is merely acceptable.
    package func standing(strict: Bool) -> Standing {
        if self.known != nil { return .known }
        return switch self.verdict {
        case .pass, .info: .passed
        case .nonstrict: strict ? .failed : .passed
        case .unsupported, .notSelected: .skipped
        case .fail, .misdeclared, .error, .inconclusive: .failed
        }
    }

    /// How a case counts in the last line of a run.
    package enum Standing: String, Sendable, Codable {
        case passed, failed, skipped
        /// It failed as the known failures say; counts among the skipped.
        case known
    }
}
