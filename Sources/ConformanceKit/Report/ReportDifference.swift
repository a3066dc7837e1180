/// What changed from one report to another.
package struct ReportDifference: Sendable {
    /// A case whose verdict changed.
    package struct Change: Sendable, Equatable {
        package var name: String
        package var old: Verdict
        package var new: Verdict

        /// Whether a case that was good is not any more, or a bad one became worse.
        package var isWorse: Bool { Verdict.worse(self.old, self.new) == self.new && !self.new.isGood }
    }

    /// Cases that only the newer report has.
    package var added: [String] = []
    /// Cases that only the older report has.
    package var removed: [String] = []
    /// In the order of the newer report.
    package var changed: [Change] = []
    /// Cases that fail in both, but in another way, with the new signature.
    package var otherwise: [(name: String, old: String, new: String)] = []
    /// How many cases are the same.
    package var same = 0

    /// The difference; cases that were not selected do not count as there.
    package init(from old: RunReport, to new: RunReport) {
        func played(_ report: RunReport) -> [RunReport.Case] { report.cases.filter { $0.verdict != .notSelected } }
        let before = Dictionary(played(old).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(played(new).map(\.name))
        self.removed = played(old).map(\.name).filter { !after.contains($0) }
        for entry in played(new) {
            guard let earlier = before[entry.name] else {
                self.added.append(entry.name)
                continue
            }
            if earlier.verdict != entry.verdict {
                self.changed.append(Change(name: entry.name, old: earlier.verdict, new: entry.verdict))
            } else if let was = earlier.signature, let now = entry.signature, was != now {
                self.otherwise.append((entry.name, was, now))
            } else {
                self.same += 1
            }
        }
    }

    /// Good if nothing became worse.
    package var exitCode: RunExit {
        self.changed.contains(where: \.isWorse) || !self.otherwise.isEmpty ? .failure : .good
    }

    /// One line for each difference, worst first, and a sum.
    package var lines: [String] {
        let worse = self.changed.filter(\.isWorse)
        let better = self.changed.filter { !$0.isWorse }
        var lines = (worse + better).map {
            "\($0.isWorse ? "worse   " : "better  ") \($0.name): \($0.old.rawValue) → \($0.new.rawValue)"
        }
        lines += self.otherwise.map { "other    \($0.name): \($0.old) → \($0.new)" }
        lines += self.added.map { "added    \($0)" }
        lines += self.removed.map { "removed  \($0)" }
        lines.append(
            "\(worse.count) worse, \(better.count) better, \(self.otherwise.count) failing in another way, "
                + "\(self.added.count) added, \(self.removed.count) removed, \(self.same) the same")
        return lines
    }
}
