extension RunReport {
    /// What the server lacks, with how many cases wanted it, the most wanted first; nil if nothing was lacking.
    package var missingLine: String? {
        var counts: [String: Int] = [:]
        var cases = 0
        for entry in self.cases where entry.verdict == .unsupported {
            cases += 1
            for name in Set(entry.missing.isEmpty ? entry.reasons.map(\.message) : entry.missing) {
                counts[name, default: 0] += 1
            }
        }
        guard cases > 0 else { return nil }
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = sorted.prefix(Self.mostNamed).map { $0.value == cases ? $0.key : "\($0.key) (\($0.value))" }
        let more = sorted.count > shown.count ? ["\(sorted.count - shown.count) more, see the report"] : []
        return "\(cases) unsupported for want of: \((shown + more).joined(separator: ", "))"
    }

    /// More than these fill the screen.
    private static let mostNamed = 6
}
