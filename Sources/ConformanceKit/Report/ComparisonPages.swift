import Foundation

/// Servers side by side as Markdown files that lead from every bad cell to what went over the wire.
package struct ComparisonPages: Sendable {
    private let reports: [RunReport]
    private let transcripts: [[String: [String]]]
    private let rows: [ComparedScenario]

    /// What stands above this line in a page that is there already is kept.
    package static let mark = "<!-- Below: gqlconform compare -->"

    /// - Parameter transcripts: For each report, the lines of the cases that are bad, by the name of the case.
    package init(_ reports: [RunReport], transcripts: [[String: [String]]]) {
        self.reports = reports
        self.transcripts = transcripts
        self.rows = ComparedScenario.all(of: reports)
    }

    /// Whether a case has a transcript of its own in the pages.
    package static func isBad(_ entry: RunReport.Case) -> Bool {
        [.fail, .error, .inconclusive, .misdeclared].contains(entry.verdict)
    }

    // MARK: The table

    /// The page with the table.
    ///
    /// - Parameters:
    ///   - folder: Where the pages of the servers are, relative to this one.
    ///   - existing: The page that is there already; `nil` if there is none.
    package func table(folder: String, existing: String?) -> String {
        let head = existing.flatMap { text -> String? in
            guard let mark = text.range(of: Self.mark) else { return nil }
            return String(text[..<mark.lowerBound])
        }
        var lines = [Self.mark, ""]
        lines += [
            "| server | status | passed | failed | known | unsupported | suite |",
            "| --- | --- | ---: | ---: | ---: | ---: | --- |",
        ]
        for report in self.reports {
            let totals = report.totals
            let bad = report.cases.filter(Self.isBad).count
            lines.append(
                "| \(self.name(report)) | \(report.status.rawValue) | \(totals.passed) | \(bad) | \(totals.known) | "
                    + "\(totals.count(.unsupported)) | \(report.suite.sha256.prefix(12)) |")
        }
        lines += ["", "Failed counts cases, known those of them that the server's file of known failures lists.", ""]
        var family = ""
        for row in self.rows where row.cases.contains(where: { $0.contains { $0.verdict != .unsupported } }) {
            let next = row.id.split(separator: "/").first.map(String.init) ?? row.id
            if next != family {
                family = next
                lines += ["", "## \(family)", ""]
                lines.append(
                    "| rule | " + self.reports.map { SummaryReport.inline($0.server.name) }.joined(separator: " | ")
                        + " |")
                lines.append("| --- |" + self.reports.map { _ in " :---: |" }.joined())
            }
            let cells = zip(self.reports, row.cases).map { self.cell($0, $1, row.id, folder: folder) }
            lines.append(
                "| `\(row.id)`: \(SummaryReport.inline(row.title)) | " + cells.joined(separator: " | ") + " |")
        }
        return (head ?? "# Servers side by side\n\n") + lines.joined(separator: "\n") + "\n"
    }

    private func cell(_ report: RunReport, _ cases: [RunReport.Case], _ id: String, folder: String) -> String {
        guard let first = cases.first else { return "" }
        let played = cases.filter { $0.verdict != .unsupported }
        let worst = played.map(\.verdict).reduce(played.first?.verdict ?? first.verdict, Verdict.worse)
        guard let bad = cases.first(where: { Self.isBad($0) && $0.verdict == worst }) else { return worst.rawValue }
        let count = cases.filter(Self.isBad).count
        let share = played.count == 1 ? "" : ", \(count) of \(played.count)"
        return "[**\(bad.verdict.rawValue)**\(share)](\(folder)/\(Self.file(report))#\(Self.anchor(id)))"
    }

    // MARK: The pages of servers

    /// The name of a server's page, `strawberry-graphql.md`.
    package static func file(_ report: RunReport) -> String {
        let name = report.server.name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" }
        return String(name) + ".md"
    }

    /// A page for each server in which a case is bad.
    package var pages: [(file: String, text: String)] {
        zip(self.reports, self.transcripts).enumerated().compactMap { index, pair in
            let (report, transcripts) = pair
            let rows = self.rows.filter { $0.cases[index].contains(where: Self.isBad) }
            guard !rows.isEmpty else { return nil }
            var lines = [
                "# \(self.name(report)): what failed", "",
                "Made by `gqlconform compare` from a run of suite \(report.suite.sha256.prefix(12)), \(report.startedAt); "
                    + "times are seconds since the run began. → went to the server, ← came from it.", "",
            ]
            for row in rows {
                lines += ["- [\(row.id)](#\(Self.anchor(row.id))), \(row.cases[index].filter(Self.isBad).count)"]
            }
            for row in rows { lines += self.section(row, row.cases[index].filter(Self.isBad), transcripts) }
            return (Self.file(report), lines.joined(separator: "\n") + "\n")
        }
    }

    private func section(_ row: ComparedScenario, _ cases: [RunReport.Case], _ transcripts: [String: [String]])
        -> [String]
    {
        guard let first = cases.first else { return [] }
        var lines = [
            "", "<a id=\"\(Self.anchor(row.id))\"></a>", "", "## \(row.id)", "",
            "\(SummaryReport.inline(row.title)) (\(first.level.rawValue); \(SummaryReport.inline(first.source)))",
        ]
        for entry in cases {
            lines += [
                "",
                entry.cell.isEmpty ? "**\(entry.verdict.rawValue)**" : "**\(entry.verdict.rawValue)** `\(entry.cell)`",
            ]
            if let known = entry.known {
                lines[lines.count - 1] += known.issue.isEmpty ? "" : " ([known](\(known.issue)))"
            }
            let reasons = entry.reasons.filter { $0.verdict == entry.verdict }.prefix(2)
            lines += ["", "```text"]
            for reason in reasons {
                lines.append("finding   \(Self.plain(reason.message))")
                for expected in reason.expected { lines.append("expected  \(Self.plain(expected))") }
                if !reason.actual.isEmpty { lines.append("actual    \(Self.plain(reason.actual))") }
            }
            lines += (transcripts[entry.name] ?? []).map(Self.plain) + ["```"]
        }
        return lines
    }

    private func name(_ report: RunReport) -> String {
        SummaryReport.inline("\(report.server.name) \(report.server.version)")
    }

    /// The name of a scenario's place in a page.
    private static func anchor(_ id: String) -> String {
        String(id.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    }

    /// One line that cannot end a block of code.
    private static func plain(_ text: String) -> String {
        var line = ""
        for character in text.prefix(600) {
            line.append(character.isNewline ? " " : character)
        }
        while line.last == " " { line.removeLast() }
        return line.split(separator: "```", omittingEmptySubsequences: false).joined(separator: "'''")
    }
}
