/// Several servers side by side.
package struct ReportComparison: Sendable {
    private let reports: [RunReport]
    private let rows: [ComparedScenario]

    /// A comparison of at least one report; scenarios in the order in which they first occur.
    package init(_ reports: [RunReport]) {
        self.reports = reports
        self.rows = ComparedScenario.all(of: reports)
    }

    private var haveOneSuite: Bool { Set(self.reports.map(\.suite.sha256)).count <= 1 }

    /// A table for a README: one line a scenario.
    package var markdown: String {
        let names = self.reports.map { "\($0.server.name) \($0.server.version)" }
        var lines = ["# Servers side by side", ""]
        if !self.haveOneSuite { lines += ["The reports come from different versions of the suite.", ""] }
        lines += ["| server | status | cases |", "| --- | --- | --- |"]
        for (name, report) in zip(names, self.reports) {
            lines.append("| \(SummaryReport.inline(name)) | \(report.status.rawValue) | \(report.totals.line) |")
        }
        lines += ["", "| rule | " + names.map(SummaryReport.inline).joined(separator: " | ") + " |"]
        lines.append("| --- |" + names.map { _ in " :---: |" }.joined())
        for row in self.rows {
            let cells = row.verdicts.map { $0?.rawValue ?? "" }
            lines.append("| \(SummaryReport.inline(row.id)) | " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One page without links to anything outside.
    package func html() throws(HarnessError) -> String {
        var order: [String] = []
        var families: [String: [ComparedScenario]] = [:]
        for row in self.rows {
            let family = row.id.split(separator: "/").first.map(String.init) ?? row.id
            if families[family] == nil { order.append(family) }
            families[family, default: []].append(row)
        }
        var values: [String: Any] = [
            "style": ReportTemplates.file(PackageResources.report_css),
            "script": ReportTemplates.file(PackageResources.report_js),
            "servers": self.reports.enumerated().map { index, report in
                [
                    "number": index + 1, "name": report.server.name, "version": report.server.version,
                    "status": report.status.rawValue, "line": report.totals.line, "startedAt": report.startedAt,
                    "tool": "\(report.tool.name) \(report.tool.version)",
                ] as [String: Any]
            },
            "kinds": [["value": "same", "text": "same everywhere"], ["value": "differs", "text": "different"]],
            "families": order.map { family in
                ["family": family, "rows": (families[family] ?? []).map(self.row)] as [String: Any]
            },
        ]
        if !self.haveOneSuite { values["suiteDiffers"] = true }
        return try ReportTemplates.render("compare", values)
    }

    private func row(_ row: ComparedScenario) -> [String: Any] {
        [
            "id": row.id, "title": row.title,
            "search": "\(row.id) \(row.uid) \(row.title)".lowercased(), "kind": row.differs ? "differs" : "same",
            "cells": zip(row.verdicts, self.reports).map { verdict, report in
                [
                    "verdict": verdict?.rawValue ?? "not-selected", "server": report.server.name,
                    "glyph": HTMLReport.glyph(verdict ?? .notSelected),
                ]
            },
        ]
    }
}
