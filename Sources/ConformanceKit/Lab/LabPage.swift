/// The pages and lines of the laboratory.
package enum LabPage {
    /// A page with a curve for each series.
    package static func html(_ result: LeakLab.Result, server: String, reproduce: String) throws(HarnessError) -> String
    {
        var values = self.values(
            title: "Leak laboratory: \(server)", verdict: result.finding.rawValue, tone: self.tone(result.finding),
            sentence: "\(result.cycles) connections, each ended by \(result.drop).", reproduce: reproduce)
        values["series"] = result.series.map(self.series)
        values["smallest"] = result.smallest
        return try ReportTemplates.render("plot", values)
    }

    /// A page with the matrix of what was left behind.
    package static func html(_ cells: [DisconnectLab.Cell], server: String, reproduce: String) throws(HarnessError)
        -> String
    {
        let left = cells.filter { $0.outcome == .left }.count
        var values = self.values(
            title: "Disconnect laboratory: \(server)", verdict: left == 0 ? "clean" : "\(left) left something",
            tone: left == 0 ? "pass" : "fail",
            sentence: "What is still subscribed on Redis after a connection ended, by when and how it ended.",
            reproduce: reproduce)
        var points: [String] = []
        for cell in cells where !points.contains(cell.point) { points.append(cell.point) }
        values["hasMatrix"] = true
        values["columns"] = DisconnectLab.endings.map { ["name": $0.name] }
        values["rows"] = points.map { point in
            [
                "name": point,
                "cells": cells.filter { $0.point == point }.map {
                    [
                        "text": $0.text.isEmpty ? $0.outcome.rawValue : "\($0.outcome.rawValue): \($0.text)",
                        "tone": self.tone($0),
                    ]
                },
            ] as [String: Any]
        }
        return try ReportTemplates.render("plot", values)
    }

    private static func values(
        title: String, verdict: String, tone: String, sentence: String, reproduce: String
    ) -> [String: Any] {
        [
            "style": ReportTemplates.file(PackageResources.report_css), "title": title, "verdict": verdict,
            "tone": tone,
            "sentence": sentence, "reproduce": reproduce,
        ]
    }

    private static func tone(_ finding: LeakStatistics.Finding) -> String {
        switch finding {
        case .leak: "fail"
        case .none: "pass"
        case .unclear: "inconclusive"
        }
    }

    private static func tone(_ cell: DisconnectLab.Cell) -> String {
        switch cell.outcome {
        case .clean: "pass"
        case .left: "fail"
        case .unclear: "inconclusive"
        }
    }

    private static func series(_ series: LeakLab.Series) -> [String: Any] {
        let used = series.samples.map(\.used)
        let lowest = used.min() ?? 0
        let highest = max(used.max() ?? 1, lowest + 1)
        let last = Double(max(1, series.samples.last?.cycles ?? 1))
        let points = series.samples.map { sample in
            let x = 50 + 580 * Double(sample.cycles) / last
            let y = 170 - 160 * (sample.used - lowest) / (highest - lowest)
            return "\(self.tenths(x)),\(self.tenths(y))"
        }
        return [
            "name": series.name, "finding": self.line(series), "points": points.joined(separator: " "),
            "lowest": self.tenths(lowest), "highest": self.tenths(highest), "last": "\(Int(last)) cycles",
        ]
    }

    /// What was found about a series, with how sure it is.
    package static func line(_ series: LeakLab.Series) -> String {
        let first = series.samples.first?.used ?? 0
        let last = series.samples.last?.used ?? 0
        let sure = "confidence \(Int((series.confidence * 1000).rounded(.down) / 10)) %"
        let from = "\(self.tenths(first)) → \(self.tenths(last))"
        switch series.finding {
        case .leak: return "leak: \(from), \(self.thousandths(series.slope)) for each connection, \(sure)"
        case .none: return "no leak: \(from)"
        case .unclear: return "unclear: \(from), too few looks"
        }
    }

    /// The last looks as a curve of eight heights.
    package static func sparkline(_ series: LeakLab.Series, width: Int = 40) -> String {
        let used = series.samples.suffix(width).map(\.used)
        let lowest = used.min() ?? 0
        let span = max((used.max() ?? 0) - lowest, 1)
        let bars = Array("▁▂▃▄▅▆▇█")
        return String(used.map { bars[min(7, Int(($0 - lowest) / span * 7.99))] })
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }

    private static func thousandths(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
