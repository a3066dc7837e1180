import Testing

@testable import ConformanceKit

@Suite struct KnownFailuresTests {
    private static let signature = "expectation close close 1000"

    private func outcomes() throws -> [CaseOutcome] {
        try ["a/one", "a/two", "b/three"].enumerated().map { index, id in
            let expanded = try Cases.expanded(id, uid: "GC-000\(index)")
            return CaseOutcome(expanded, results: [Cases.result(index == 1 ? .pass : .fail, of: expanded)])
        }
    }

    private func entries(_ lines: String...) throws -> KnownFailures {
        try KnownFailures.read(lines.joined(separator: "\n"), file: "known.yaml")
    }

    private static func line(
        _ pattern: String, verdict: String = "fail", signature: String = signature, until: String = "2027-01-01"
    ) -> String {
        "- {case: \"\(pattern)\", verdict: \(verdict), signature: \"\(signature)\", "
            + "issue: \"https://example.org/1\", until: \(until)}"
    }

    @Test func anEntryExcusesExactlyItsFailure() throws {
        var outcomes = try self.outcomes()
        let problems = try self.entries(Self.line("a/one")).apply(to: &outcomes, today: "2026-11-21")
        #expect(problems.isEmpty)
        #expect(outcomes.map { $0.standing(strict: false) } == [.known, .passed, .failed])
        let totals = RunTotals(outcomes, strict: false)
        #expect(totals.line == "1 passed, 1 failed, 1 skipped")
        #expect(totals.exitCode == .failure)
        #expect(totals.known == 1)
    }

    @Test func whenEveryFailureIsKnownTheRunSucceedsButTheServerIsNotConformant() throws {
        var outcomes = try self.outcomes()
        let known = try self.entries(Self.line("a/one"), Self.line("b/*", signature: "expectation * close *"))
        #expect(known.apply(to: &outcomes, today: "2026-11-21").isEmpty)
        let totals = RunTotals(outcomes, strict: false)
        #expect(totals.exitCode == .good)
        #expect(totals.status == .nonconformant)
    }

    @Test(
        arguments: [
            (line("a/two"), "known.yaml:1: a/two is stale: a/two is pass now"),
            (line("a/one", until: "2026-11-20"), "known.yaml:1: a/one expired on 2026-11-20"),
            (line("c/none"), "known.yaml:1: c/none matches no case of the suite"),
            (line("a/one", signature: "liveness recovery"), "a/one fails in another way than line 1"),
        ])
    func anEntryThatIsNoLongerRightFailsTheRun(entry: String, problem: String) throws {
        var outcomes = try self.outcomes()
        let problems = try self.entries(entry).apply(to: &outcomes, today: "2026-11-21")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(problem) == true, "\(problems)")
        #expect(outcomes.allSatisfy { $0.known == nil })
        let cases = outcomes.map {
            RunReport.Case($0, strict: false, reproduction: Reproduction(profile: "p", suite: nil, seed: 1))
        }
        #expect(RunTotals([cases[1]], strict: false, brokenEntries: problems.count).exitCode == .failure)
    }

    @Test func twoEntriesForOneCaseAreAProblem() throws {
        var outcomes = try self.outcomes()
        let known = try self.entries(Self.line("a/one"), Self.line("a/o*"))
        #expect(known.apply(to: &outcomes, today: "2026-11-21") == ["known.yaml:2: a/o* and line 1 both name a/one"])
    }

    @Test(
        arguments: [
            ("a: b", "known.yaml:1:1: known failures have to be a list"),
            ("- {case: a, verdict: fail, signature: s}", "known.yaml:1:3: the key issue is missing"),
            (line("a", verdict: "pass"), "known.yaml:1:24: pass is no verdict that can be known (one of fail,"),
            (line("a", until: "soon"), "known.yaml:1:112: until has to be a day (for example 2027-03-01)"),
        ])
    func aMistakeIsShownWithItsPlace(text: String, expected: String) throws {
        let errors = try #require(
            #expect(throws: ScenarioErrors.self) { try KnownFailures.read(text, file: "known.yaml") })
        #expect(errors.description.hasPrefix(expected), "\(errors.description)")
    }
}
