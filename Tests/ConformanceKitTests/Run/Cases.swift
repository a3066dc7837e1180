import ConformanceKit

/// Hand-made cases and results.
enum Cases {
    static func scenario(_ id: String, uid: String = "GC-0001", kills: [String] = []) throws -> Scenario {
        let text = """
            id: \(id)
            uid: \(uid)
            title: A fact
            level: MUST
            source: "A document, a section"
            kills: [\(kills.joined(separator: ", "))]
            steps:
              - open: {as: c1}
              - expect_close: {conn: c1, code: 4400}
            """
        return try ScenarioLoader.load([(name: "suite/\(id).yaml", text: text)])[0]
    }

    static func expanded(_ id: String, uid: String = "GC-0001", cell: [(String, String)] = []) throws -> ExpandedCase {
        ExpandedCase(scenario: try self.scenario(id, uid: uid), values: cell.map { .init($0.0, .string($0.1)) })
    }

    static func result(_ verdict: Verdict, of expanded: ExpandedCase) -> CaseResult {
        let reason = CaseResult.Reason(
            verdict: verdict, facet: .close, check: "expectation", step: "suite/a, b.yaml:9 expect_close",
            message: "the wrong code & <nothing> else", expected: ["close 4400", "close 4500 (nonstrict)"],
            actual: "close 1000: \"bye\u{1}\"", connection: "c1")
        return CaseResult(
            caseName: expanded.name, verdict: verdict, facets: [.close: verdict],
            reasons: verdict == .pass ? [] : [reason], duration: 1_234_000_000, records: 3, expectationsEvaluated: 1)
    }
}
