/// The judgement of one case, computed from its records alone.
package struct CaseResult: Sendable, Codable, Equatable {
    /// `id[k=v,…]`, as `ExpandedCase.name`.
    package var caseName: String
    /// The worst of the facets.
    package var verdict: Verdict
    /// A verdict for each facet that was looked at.
    package var facets: [Facet: Verdict]
    /// Why the verdict is not `pass`, worst first; also what an `info` case observed.
    package var reasons: [Reason]
    /// Nanoseconds from the first record to the last.
    package var duration: UInt64
    /// How many records were judged.
    package var records: Int
    /// Steps whose outcome was looked at.
    package var expectationsEvaluated: Int

    /// One finding.
    package struct Reason: Sendable, Codable, Equatable {
        package var verdict: Verdict
        package var facet: Facet
        /// The check that found it: `expectation`, or the name of a check such as `liveness`.
        package var check: String
        /// Where in the scenario, as `file:line verb`; nil for a check over the whole history.
        package var step: String?
        /// The requirement rows that the finding is about.
        package var requirements: [String]
        /// One sentence.
        package var message: String
        /// The acceptable outcomes, best first.
        package var expected: [String]
        /// What came instead.
        package var actual: String
        /// The connection in question.
        package var connection: String?
        /// Sequence numbers of the records that show it.
        package var records: [Int]

        package init(
            verdict: Verdict, facet: Facet, check: String, step: String? = nil, requirements: [String] = [],
            message: String, expected: [String] = [], actual: String = "", connection: String? = nil,
            records: [Int] = []
        ) {
            self.verdict = verdict
            self.facet = facet
            self.check = check
            self.step = step
            self.requirements = requirements
            self.message = message
            self.expected = expected
            self.actual = actual
            self.connection = connection
            self.records = records
        }

        /// A short stable text that tells this finding from another of the same case, free of tokens and times:
        /// check, facet and the kind of thing that came.
        package var signature: String {
            ([self.check, self.facet.rawValue] + (self.actualKind.isEmpty ? [] : [self.actualKind]))
                .joined(separator: " ")
        }

        /// The first words of `actual` up to the first colon: `close 4400`, `next`, `nothing`.
        private var actualKind: String {
            String(self.actual.prefix { $0 != ":" })
        }
    }

    package init(
        caseName: String, verdict: Verdict, facets: [Facet: Verdict] = [:], reasons: [Reason] = [],
        duration: UInt64 = 0, records: Int = 0, expectationsEvaluated: Int = 0
    ) {
        self.caseName = caseName
        self.verdict = verdict
        self.facets = facets
        self.reasons = reasons
        self.duration = duration
        self.records = records
        self.expectationsEvaluated = expectationsEvaluated
    }
}
