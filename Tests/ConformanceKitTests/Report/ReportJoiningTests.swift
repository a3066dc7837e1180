import Testing

@testable import ConformanceKit

@Suite struct ReportJoiningTests {
    private func report(_ verdicts: [Verdict?], suite: String = "s") throws -> RunReport {
        try self.report(
            outcomes: verdicts.enumerated().map { index, verdict in
                let expanded = try Cases.expanded("a/c\(index)")
                return verdict.map { CaseOutcome(expanded, results: [Cases.result($0, of: expanded)]) }
                    ?? CaseOutcome(expanded, skipped: .notSelected)
            }, suite: suite)
    }

    private func report(outcomes: [CaseOutcome], suite: String = "s") throws -> RunReport {
        let facts = RunReport.Facts(
            profile: try ProfileLoader.read(ProfileLoaderTests.smallest, file: "p.yaml"), suiteDirectory: suite,
            scenarios: [], seed: 1, mutant: nil, startedAt: "2026-11-21T00:00:00Z", duration: .seconds(1),
            commandLine: [], strict: false)
        return RunReport(
            facts, outcomes: outcomes, problems: [], reproduction: Reproduction(profile: "p", suite: nil, seed: 1))
    }

    @Test func theShardsOfASuiteAreItsCasesOnce() throws {
        let cases = try (0..<10).map { try Cases.expanded("a/c\($0)") }
        let parts = try (1...3).map { try #require(Shard("\($0)/3")).part(of: cases).map(\.name) }
        #expect(parts.map(\.count) == [4, 3, 3])
        #expect(Set(parts.flatMap { $0 }) == Set(cases.map(\.name)))
        for text in ["0/3", "4/3", "1", "a/b", "1/0", "1/2/3"] { #expect(Shard(text) == nil) }
    }

    @Test func whatAServerLacksIsSaidInALine() throws {
        let lacks = [["replicas"], ["replicas"], ["fixture.hello", "replicas"]]
        let outcomes = try lacks.enumerated().map { index, names in
            CaseOutcome(try Cases.expanded("a/c\(index)"), skipped: .unsupported(names))
        }
        let partial = try self.report(outcomes: outcomes)
        #expect(partial.missingLine == "3 unsupported for want of: replicas, fixture.hello (1)")
        let many = try (0..<9).map { index in
            CaseOutcome(try Cases.expanded("a/c\(index)"), skipped: .unsupported(["f\(index)"]))
        }
        #expect(try self.report(outcomes: many).missingLine?.hasSuffix("f5 (1), 3 more, see the report") == true)
        #expect(try self.report([.pass, .fail, nil]).missingLine == nil)
    }

    @Test func mergedShardsAreTheWhole() throws {
        let verdicts: [Verdict] = [.pass, .fail, .info, .pass]
        let parts = try (0..<2).map { part in
            try self.report(verdicts.enumerated().map { $0.offset % 2 == part ? $0.element : nil })
        }
        let merged = try ReportMerge.merge(parts)
        let whole = try self.report(verdicts)
        #expect(merged.cases.map(\.verdict) == whole.cases.map(\.verdict))
        #expect(merged.totals == whole.totals)
        #expect(merged.status == .nonconformant)
    }

    @Test func overlappingShardsAreRefused() throws {
        let error = #expect(throws: HarnessError.self) {
            try ReportMerge.merge([try self.report([.pass, nil]), try self.report([.pass, .pass])])
        }
        #expect(error?.message == "a/c0 is in two of the reports.")
    }

    @Test func aDifferenceTellsWorseFromBetter() throws {
        let difference = ReportDifference(
            from: try self.report([.pass, .fail, .pass, .fail]),
            to: try self.report([.fail, .pass, .info, .fail, .pass]))
        #expect(
            difference.lines == [
                "worse    a/c0: pass → fail", "better   a/c1: fail → pass", "better   a/c2: pass → info",
                "added    a/c4",
                "1 worse, 2 better, 0 failing in another way, 1 added, 0 removed, 1 the same",
            ])
        #expect(difference.exitCode == .failure)
        #expect(ReportDifference(from: try self.report([.fail]), to: try self.report([.pass])).exitCode == .good)
    }

    @Test func serversStandSideBySide() throws {
        let comparison = ReportComparison([try self.report([.pass, .fail]), try self.report([.pass, .pass])])
        #expect(comparison.markdown.contains("| a/c1 | fail | pass |"))
        let page = try comparison.html()
        #expect(page.contains("data-verdicts=\"differs\""))
        #expect(!page.contains("http://") && !page.contains("https://"))
    }

    @Test func aBadCellLeadsToItsTranscript() throws {
        let reports = [try self.report([.pass, .fail]), try self.report([.pass, .pass])]
        let pages = ComparisonPages(reports, transcripts: [["a/c1": ["1.000 c1 → ```{\"type\":\"ping\"}"]], [:]])
        let existing = "# My title\n\nMy words.\n\n\(ComparisonPages.mark)\nold\n"
        let table = pages.table(folder: "servers", existing: existing)
        #expect(table.hasPrefix("# My title\n\nMy words.\n\n\(ComparisonPages.mark)\n"))
        #expect(!table.contains("\nold\n"))
        let page = try #require(pages.pages.first)
        #expect(pages.pages.count == 1)
        #expect(table.contains("| `a/c1`: A fact | [**fail**](servers/\(page.file)#a-c1) | pass |"))
        #expect(page.text.contains("<a id=\"a-c1\"></a>"))
        // What a server sent cannot end the block that shows it.
        #expect(page.text.contains("\n1.000 c1 → '''{\"type\":\"ping\"}\n```"))
        #expect(!page.text.contains("a-c0"))
    }
}
