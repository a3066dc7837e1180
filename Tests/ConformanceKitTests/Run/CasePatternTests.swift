import ConformanceKit
import Testing

@Suite struct CasePatternTests {
    @Test(arguments: [
        ("transport-ws/dup", true), ("transport-ws/dup[timing=burst]", true), ("transport-ws/dup[timing=other]", false),
        ("GC-0117", true), ("GC-0118", false), ("transport-ws", true), ("transport-ws/", true), ("transport", false),
        ("transport-ws/*", true), ("*", true), ("*/dup", true), ("**burst]", true), ("trans**", true), ("t*", true),
        ("*/*/*/*", false), ("**/**", true), ("*dup", false), ("transport-ws/d*p", true),
        ("suite/transport-ws/dup.yaml", true),
        ("legacy-ws/*", false), ("", false), ("transport-ws/dup*", true),
    ])
    func patterns(pattern: String, isMatch: Bool) throws {
        let expanded = try Cases.expanded("transport-ws/dup", uid: "GC-0117", cell: [("timing", "burst")])
        #expect(CasePattern(pattern).matches(expanded) == isMatch)
    }

    @Test func selectionKeepsTheOrderAndRefusesWhatMatchesNothing() throws {
        let cases = try ["b/one", "a/two", "a/three"].enumerated().map { index, id in
            try Cases.expanded(id, uid: "GC-000\(index)")
        }
        #expect(try CasePattern.select(cases, []).map(\.name) == ["b/one", "a/two", "a/three"])
        #expect(try CasePattern.select(cases, ["a/*", "b/one"]).map(\.name) == ["b/one", "a/two", "a/three"])
        #expect(try CasePattern.select(cases, ["a/t*"]).map(\.name) == ["a/two", "a/three"])
        let error = #expect(throws: UnmatchedPatterns.self) { try CasePattern.select(cases, ["a/*", "a/tow"]) }
        #expect(error?.patterns == ["a/tow"])
        #expect(error?.description == "No case matches 'a/tow'. Did you mean a/two?")
    }
}
