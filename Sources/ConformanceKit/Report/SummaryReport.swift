/// `summary.md`: what a reader of a pull request wants to know, worst first.
enum SummaryReport {
    static func text(_ report: RunReport) -> String {
        var lines = [
            "# \(report.server.name) \(report.server.version): \(report.status.rawValue)", "",
            "**\(report.totals.line)**",
            "",
        ]
        lines += ["| verdict | cases |", "| --- | ---: |"]
        for verdict in Verdict.allCases where report.totals.count(verdict) > 0 {
            lines.append("| \(verdict.rawValue) | \(report.totals.count(verdict)) |")
        }
        lines.append("")
        if !report.problems.isEmpty {
            lines += ["## Problems of the run", ""] + report.problems.map { "- \(self.inline($0))" } + [""]
        }
        lines += self.failures(report) + self.known(report) + self.flaky(report) + self.unsupported(report)
        lines += self.slowest(report)
        lines += ["## How it was made", ""]
        lines += [
            "- \(report.tool.name) \(report.tool.version), \(report.suite.scenarios) scenarios, "
                + "\(report.suite.cases) cases, suite \(report.suite.sha256.prefix(12))",
            "- profile `\(report.profile.file)` (\(report.profile.sha256.prefix(12))), seed \(report.seed)",
            "- \(report.startedAt), \(Int(report.seconds.rounded())) s, \(report.machine.system), "
                + "\(report.machine.processors) processors",
            "- `\(report.commandLine.joined(separator: " "))`", "", report.totals.line,
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func failures(_ report: RunReport) -> [String] {
        let failed = report.cases.filter { $0.standing == .failed && $0.notReached == nil }
        guard !failed.isEmpty else { return [] }
        var lines = ["## Failures", ""]
        for entry in failed.prefix(50) {
            lines += ["### \(entry.name)", "", "\(entry.level.rawValue) \(entry.uid): \(self.inline(entry.title))", ""]
            for reason in entry.reasons {
                lines.append("- **\(reason.verdict.rawValue)** \(self.inline(reason.message))")
                if let step = reason.step { lines.append("  - at `\(step)`") }
                for outcome in reason.expected { lines.append("  - expected: \(self.inline(outcome))") }
                if !reason.actual.isEmpty { lines.append("  - actual: \(self.inline(reason.actual))") }
            }
            lines += ["", "Rule: \(self.inline(entry.source))", "", "    \(entry.reproduce)", ""]
        }
        if failed.count > 50 { lines += ["… and \(failed.count - 50) more in report.html", ""] }
        return lines
    }

    private static func known(_ report: RunReport) -> [String] {
        let known = report.cases.filter { $0.known != nil }
        guard !known.isEmpty else { return [] }
        return ["## Known failures", ""]
            + known.map { "- \($0.name): \($0.known?.signature ?? "") ([issue](\($0.known?.issue ?? "")))" } + [""]
    }

    private static func slowest(_ report: RunReport) -> [String] {
        guard !report.slowest.isEmpty else { return [] }
        return ["<details><summary>Slowest cases</summary>", "", "| case | time |", "| --- | ---: |"]
            + report.slowest.map { "| \(self.inline($0.name)) | \(ReportNumber.seconds($0.seconds)) |" }
            + ["", "</details>", ""]
    }

    private static func flaky(_ report: RunReport) -> [String] {
        let flaky = report.cases.filter { Set($0.plays).count > 1 }
        guard !flaky.isEmpty else { return [] }
        return ["## Not the same every time", ""]
            + flaky.map { entry in
                let counts = Verdict.allCases.compactMap { verdict -> String? in
                    let count = entry.plays.filter { $0 == verdict }.count
                    return count > 0 ? "\(count) of \(entry.plays.count) \(verdict.rawValue)" : nil
                }
                return "- \(entry.name): \(counts.joined(separator: ", "))"
            } + [""]
    }

    private static func unsupported(_ report: RunReport) -> [String] {
        let unsupported = report.cases.filter { $0.verdict == .unsupported }
        guard !unsupported.isEmpty else { return [] }
        return ["## Unsupported", ""]
            + unsupported.map { entry in
                let missing = entry.missing.isEmpty ? entry.reasons.map(\.message) : entry.missing
                return "- \(entry.name): \(self.inline(missing.joined(separator: ", ")))"
            } + [""]
    }

    /// Text that cannot end a line or open markup.
    static func inline(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\n", "\r", "\r\n": result += " "
            case "|", "*", "_", "`", "<", "[", "]", "#": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }
}
