/// Chooses cases by what a user types.
///
/// A pattern is an id (`transport-ws/ack-once`), the name of one cell (`transport-ws/duplicate-id[timing=burst]`), a uid
/// (`GC-0117`), a family (`transport-ws`) or the path of a scenario file. `*` stands for any characters but `/`, `**` for
/// any characters at all. Brackets are ordinary characters.
package struct CasePattern: Sendable, Equatable {
    /// The pattern as typed.
    package let text: String

    /// A pattern.
    package init(_ text: String) {
        self.text = text
    }

    /// Whether the case is meant.
    package func matches(_ expanded: ExpandedCase) -> Bool {
        let scenario = expanded.scenario
        let family = scenario.id.split(separator: "/").first.map(String.init) ?? scenario.id
        // A whole name ends with its cell, so a pattern without one means every cell.
        let candidates = [expanded.name, scenario.id, scenario.uid, family, family + "/", scenario.file]
        guard self.text.contains("*") else { return candidates.contains(self.text) }
        let pattern = Array(self.text.unicodeScalars)
        return candidates.contains { Self.fits(Array($0.unicodeScalars), pattern) }
    }

    /// The selected cases in their order.
    ///
    /// - Throws: `UnmatchedPatterns` if a pattern selects nothing, or if there are no cases at all.
    package static func select(
        _ cases: [ExpandedCase], _ patterns: [String]
    ) throws(UnmatchedPatterns) -> [ExpandedCase] {
        guard !patterns.isEmpty else { return cases }
        let wanted = patterns.map(CasePattern.init)
        let unmatched = wanted.filter { pattern in !cases.contains(where: pattern.matches) }
        guard unmatched.isEmpty else {
            let names = Set(cases.map(\.scenario.id)).sorted()
            throw UnmatchedPatterns(
                patterns: unmatched.map(\.text), hints: unmatched.map { Suggestion.nearest(to: $0.text, among: names) })
        }
        return cases.filter { expanded in wanted.contains { $0.matches(expanded) } }
    }

    /// Whether the text fits a pattern with `*` and `**`. In linear space: for each prefix of the text, whether the pattern read so far can end there.
    static func fits(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var reachable = [Bool](repeating: false, count: text.count + 1)
        reachable[0] = true
        var index = 0
        while index < pattern.count {
            let isStar = pattern[index] == "*"
            let isDouble = isStar && index + 1 < pattern.count && pattern[index + 1] == "*"
            var next = [Bool](repeating: false, count: text.count + 1)
            if isStar { next[0] = reachable[0] }
            for position in 0..<text.count {
                if isStar {
                    let extends = isDouble || text[position] != "/"
                    next[position + 1] = reachable[position + 1] || (next[position] && extends)
                } else {
                    next[position + 1] = reachable[position] && text[position] == pattern[index]
                }
            }
            reachable = next
            index += isDouble ? 2 : 1
        }
        return reachable[text.count]
    }
}

/// Patterns that select no case.
package struct UnmatchedPatterns: Error, Sendable, CustomStringConvertible {
    /// The patterns as typed; not empty.
    package var patterns: [String]
    /// For each pattern an id that was perhaps meant.
    package var hints: [String?]

    package var description: String {
        zip(self.patterns, self.hints).map { pattern, hint in
            let meant = hint.map { " Did you mean \($0)?" } ?? " `gqlconform list` shows all cases."
            return "No case matches '\(pattern)'.\(meant)"
        }.joined(separator: "\n")
    }
}
