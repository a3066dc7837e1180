/// `report.html`: one file without links to anything outside, first the matrix, then a section for each case.
package enum HTMLReport {
    /// The page.
    ///
    /// - Parameter traces: What is drawn, by the name of the case.
    package static func text(_ report: RunReport, traces: [String: CaseTrace]) throws(HarnessError) -> String {
        try ReportTemplates.render("report", self.values(report, traces))
    }

    private static func values(_ report: RunReport, _ traces: [String: CaseTrace]) -> [String: Any] {
        let shown = report.cases.filter { $0.verdict != .notSelected }
        let rules = Dictionary(report.requirements.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let server = report.server
        var values: [String: Any] = [
            "style": ReportTemplates.file(PackageResources.report_css),
            "script": ReportTemplates.file(PackageResources.report_js),
            "server": server.name, "version": server.version, "status": report.status.rawValue,
            "line": report.totals.line, "startedAt": report.startedAt, "seconds": ReportNumber.seconds(report.seconds),
            "system": report.machine.system, "processors": report.machine.processors, "seed": String(report.seed),
            "tool": "\(report.tool.name) \(report.tool.version)", "profile": report.profile.file,
            "profileDigest": String(report.profile.sha256.prefix(12)), "suite": report.suite.directory,
            "suiteDigest": String(report.suite.sha256.prefix(12)), "scenarios": report.suite.scenarios,
            "caseCount": shown.count, "notSelected": report.totals.count(.notSelected),
            "command": report.commandLine.joined(separator: " "),
            "problems": report.problems.map { ["text": $0] },
            "verdicts": Verdict.allCases.reversed().filter { report.totals.count($0) > 0 && $0 != .notSelected }.map {
                ["verdict": $0.rawValue, "count": report.totals.count($0), "glyph": self.glyph($0)] as [String: Any]
            },
            "families": self.families(shown),
            "slowest": report.slowest.map {
                ["name": $0.name, "anchor": self.anchor($0), "seconds": ReportNumber.seconds($0.seconds)]
            },
            "features": report.features.map(self.feature),
            "cases": shown.sorted { self.isWorse($0, $1) }.map { self.entry($0, rules, traces[$0.name]) },
        ]
        values["mutant"] = server.mutant
        values["shard"] = report.shard
        values["hasProblems"] = !report.problems.isEmpty
        values["hasSlowest"] = !report.slowest.isEmpty
        values["hasFeatures"] = !report.features.isEmpty
        return values
    }

    // MARK: The matrix

    private static func families(_ cases: [RunReport.Case]) -> [[String: Any]] {
        var order: [String] = []
        var scenarios: [String: [[RunReport.Case]]] = [:]
        for entry in cases {
            if scenarios[entry.family] == nil { order.append(entry.family) }
            var rows = scenarios[entry.family] ?? []
            if rows.last?.first?.id == entry.id {
                rows[rows.count - 1].append(entry)
            } else {
                rows.append([entry])
            }
            scenarios[entry.family] = rows
        }
        return order.map { family in
            let rows = scenarios[family] ?? []
            let all = rows.flatMap { $0 }
            return [
                "family": family, "count": all.count, "good": all.filter { $0.standing == .passed }.count,
                "rows": rows.map(self.row),
            ]
        }
    }

    private static func row(_ cells: [RunReport.Case]) -> [String: Any] {
        let worst = cells.map(\.verdict).reduce(.pass, Verdict.worse)
        let first = cells[0]
        return [
            "id": first.id, "uid": first.uid, "title": first.title, "level": first.level.rawValue,
            "verdict": worst.rawValue, "all": Set(cells.map(\.verdict.rawValue)).sorted().joined(separator: " "),
            "search": (cells.map(\.name) + [first.uid, first.title]).joined(separator: " ").lowercased(),
            "cells": cells.map {
                [
                    "anchor": self.anchor($0), "verdict": $0.verdict.rawValue, "glyph": self.glyph($0.verdict),
                    "title": "\($0.name): \($0.verdict.rawValue)",
                ]
            },
        ]
    }

    /// A sign beside the colour, for whom colours say little.
    static func glyph(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass: "✓"
        case .info: "i"
        case .nonstrict: "~"
        case .notSelected: "·"
        case .unsupported: "–"
        case .inconclusive: "?"
        case .misdeclared: "≠"
        case .fail: "✗"
        case .error: "!"
        }
    }

    /// The name of the case as an id of the page, without characters that a link would have to escape.
    static func anchor(_ entry: RunReport.Case) -> String {
        "c-"
            + entry.name.unicodeScalars.map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    ? String(scalar) : "-\(String(scalar.value, radix: 16))-"
            }.joined()
    }

    private static func feature(_ feature: RunReport.Feature) -> [String: Any] {
        func word(_ flag: Bool?, _ none: String) -> String { flag.map { $0 ? "yes" : "no" } ?? none }
        var values: [String: Any] = [
            "name": feature.name, "declared": word(feature.declared, "not mentioned"),
            "seen": word(feature.seen, "not probed"),
        ]
        if feature.isMisdeclared { values["differs"] = true }
        return values
    }

    // MARK: A case

    private static func isWorse(_ left: RunReport.Case, _ right: RunReport.Case) -> Bool {
        let isLeftBad = left.standing == .failed
        let isRightBad = right.standing == .failed
        return isLeftBad != isRightBad ? isLeftBad : false
    }

    private static func entry(
        _ entry: RunReport.Case, _ rules: [String: RunReport.Requirement], _ trace: CaseTrace?
    ) -> [String: Any] {
        let isBad = entry.standing == .failed
        var values: [String: Any] = [
            "anchor": self.anchor(entry), "name": entry.name, "uid": entry.uid, "level": entry.level.rawValue,
            "title": entry.title, "verdict": entry.verdict.rawValue, "glyph": self.glyph(entry.verdict),
            "source": entry.source, "place": "\(entry.file):\(entry.line)",
            "seconds": ReportNumber.seconds(entry.seconds), "reproduce": entry.reproduce, "isBad": isBad,
            "rules": entry.covers.compactMap { rules[$0] }.map {
                ["id": $0.id, "level": $0.level.rawValue, "text": $0.text, "source": $0.source]
            },
            "facets": Facet.allCases.compactMap { facet in
                entry.facets[facet.rawValue].map { ["facet": facet.rawValue, "verdict": $0.rawValue] }
            },
            "reasons": entry.reasons.map(self.reason),
        ]
        if entry.plays.count > 1 {
            values["plays"] = entry.plays.map { ["verdict": $0.rawValue, "glyph": self.glyph($0)] }
        }
        if !entry.missing.isEmpty { values["missing"] = entry.missing.joined(separator: ", ") }
        values["notReached"] = entry.notReached
        values["signature"] = entry.signature
        values["issue"] = entry.known?.issue
        if let trace, !trace.marks.isEmpty {
            values["timeline"] = TimelineModel.values(trace)
            values["frames"] = trace.marks.compactMap { self.frame($0, trace) }
            if trace.omitted > 0 { values["omitted"] = trace.omitted }
        }
        return values
    }

    private static func reason(_ reason: CaseResult.Reason) -> [String: Any] {
        var values: [String: Any] = [
            "verdict": reason.verdict.rawValue, "facet": reason.facet.rawValue, "check": reason.check,
            "message": reason.message, "expected": reason.expected.map { ["text": $0] },
            "hasExpected": !reason.expected.isEmpty,
        ]
        values["step"] = reason.step
        values["actual"] = reason.actual.isEmpty ? nil : reason.actual
        values["records"] =
            reason.records.isEmpty ? nil : reason.records.prefix(20).map(String.init).joined(separator: ", ")
        return values
    }

    private static func frame(_ mark: CaseTrace.Mark, _ trace: CaseTrace) -> [String: Any]? {
        guard mark.kind != .step else { return nil }
        var values: [String: Any] = [
            "number": mark.sequence, "time": ReportNumber.milliseconds(mark.time), "kind": mark.kind.rawValue,
            "lane": mark.lane.map { trace.lanes[$0] } ?? "", "label": mark.label,
        ]
        if let hex = mark.hex { values["hex"] = self.hexLines(hex) }
        // The line above says the same of a short text.
        if let text = mark.text, text.count > 250 || text.contains("\n") { values["text"] = text }
        values["byteCount"] = mark.byteCount
        return values
    }

    /// Sixteen bytes a line.
    private static func hexLines(_ hex: String) -> String {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 32).map { start in
            stride(from: start, to: min(start + 32, digits.count), by: 2)
                .map { String(digits[$0..<min($0 + 2, digits.count)]) }.joined(separator: " ")
        }.joined(separator: "\n")
    }
}
