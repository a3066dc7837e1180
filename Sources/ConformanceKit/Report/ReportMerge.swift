/// Joins the reports of the parts of one run.
package enum ReportMerge {
    /// The report of the whole.
    ///
    /// - Throws: If the reports are not of one server, one profile and one suite, or if two of them played the same case.
    package static func merge(_ reports: [RunReport]) throws(HarnessError) -> RunReport {
        guard var whole = reports.first else { throw HarnessError("There is no report to merge.") }
        for report in reports.dropFirst() {
            guard report.suite.sha256 == whole.suite.sha256, report.cases.map(\.name) == whole.cases.map(\.name) else {
                throw HarnessError("The reports come from different versions of the suite.")
            }
            guard report.profile.sha256 == whole.profile.sha256, report.server.mutant == whole.server.mutant,
                report.totals.strict == whole.totals.strict
            else { throw HarnessError("The reports come from different profiles or options.") }
            for (index, entry) in report.cases.enumerated() where entry.verdict != .notSelected {
                guard whole.cases[index].verdict == .notSelected else {
                    throw HarnessError("\(entry.name) is in two of the reports.")
                }
                whole.cases[index] = entry
            }
            whole.problems += report.problems.filter { !whole.problems.contains($0) }
            whole.features += report.features.filter { feature in !whole.features.contains { $0.name == feature.name } }
            whole.seconds = max(whole.seconds, report.seconds)
            whole.startedAt = min(whole.startedAt, report.startedAt)
            whole.totals.brokenEntries = max(whole.totals.brokenEntries, report.totals.brokenEntries)
        }
        whole.features.sort { $0.name < $1.name }
        whole.shard = nil
        whole.recount()
        return whole
    }
}
