/// Which cases of a suite are played.
package struct Selection: Sendable {
    /// As the user typed them; everything if there are none.
    package var patterns: [String] = []
    package var extent = Extent.normal
    package var shard: Shard?
    /// Names of cases of which only those are played; `nil` for no such limit.
    package var only: Set<String>?

    /// How much is played of what the patterns choose.
    package enum Extent: Sendable {
        /// One cell of each scenario, and none that may take more than 20 s: for the time between two edits.
        case quick
        /// Everything but scenarios that may take more than two minutes.
        case normal
        /// Everything.
        case soak
    }

    /// A selection of everything that a normal run plays.
    package init() {}

    /// The names of the selected cases.
    ///
    /// - Throws: `UnmatchedPatterns` if a pattern selects nothing.
    package func names(of cases: [ExpandedCase]) throws(UnmatchedPatterns) -> Set<String> {
        var chosen = try CasePattern.select(cases, self.patterns)
        switch self.extent {
        case .quick:
            var seen: Set<String> = []
            chosen = chosen.filter { $0.scenario.budget <= 20_000_000_000 && seen.insert($0.scenario.id).inserted }
        case .normal where self.patterns.isEmpty:
            chosen = chosen.filter { $0.scenario.budget <= 120_000_000_000 }
        case .normal, .soak: break
        }
        if let only = self.only { chosen = chosen.filter { only.contains($0.name) } }
        return Set((self.shard?.part(of: chosen) ?? chosen).map(\.name))
    }
}
