/// One scenario in several reports.
struct ComparedScenario: Sendable {
    var id: String
    var uid: String
    var title: String
    /// The cases that were selected, by report.
    var cases: [[RunReport.Case]]

    /// The worst verdict of the cases, by report; `nil` where there is none.
    var verdicts: [Verdict?] {
        self.cases.map { cases in
            cases.first.map { first in cases.reduce(first.verdict) { Verdict.worse($0, $1.verdict) } }
        }
    }

    var differs: Bool { Set(self.verdicts).count > 1 }

    /// Every scenario of the reports, in the order in which they first occur.
    static func all(of reports: [RunReport]) -> [ComparedScenario] {
        var order: [String] = []
        var rows: [String: ComparedScenario] = [:]
        for (index, report) in reports.enumerated() {
            for entry in report.cases where entry.verdict != .notSelected {
                if rows[entry.id] == nil {
                    order.append(entry.id)
                    rows[entry.id] = ComparedScenario(
                        id: entry.id, uid: entry.uid, title: entry.title,
                        cases: Array(repeating: [], count: reports.count))
                }
                rows[entry.id]?.cases[index].append(entry)
            }
        }
        return order.compactMap { rows[$0] }
    }
}
