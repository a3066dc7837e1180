/// `junit.xml` in the form that build servers read. A broken requirement is a `failure`; what kept a case from being
/// decided is an `error`; cases that a filter left out do not appear.
enum JUnitReport {
    static func text(_ report: RunReport) -> String {
        let cases = report.cases.filter { $0.verdict != .notSelected }
        var order: [String] = []
        var families: [String: [RunReport.Case]] = [:]
        for entry in cases {
            let family = entry.id.split(separator: "/").first.map(String.init) ?? entry.id
            if families[family] == nil { order.append(family) }
            families[family, default: []].append(entry)
        }
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
        lines.append("<testsuites name=\"gqlconform\"\(self.counts(cases))>")
        for family in order { lines += self.suite(family, families[family] ?? [], report) }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func suite(_ family: String, _ cases: [RunReport.Case], _ report: RunReport) -> [String] {
        var lines = [
            "  <testsuite name=\"\(self.escaped(family))\"\(self.counts(cases)) "
                + "timestamp=\"\(self.escaped(String(report.startedAt.prefix(19))))\" hostname=\"localhost\">"
        ]
        lines.append("    <properties>")
        let properties = [
            ("server", "\(report.server.name) \(report.server.version)"), ("profile", report.profile.file),
            ("profile.sha256", report.profile.sha256), ("seed", String(report.seed)),
        ]
        for (name, value) in properties {
            lines.append("      <property name=\"\(name)\" value=\"\(self.escaped(value))\"/>")
        }
        lines.append("    </properties>")
        for entry in cases { lines += self.testCase(entry, family) }
        lines.append("  </testsuite>")
        return lines
    }

    private static func testCase(_ entry: RunReport.Case, _ family: String) -> [String] {
        let head =
            "    <testcase name=\"\(self.escaped(entry.name))\" classname=\"\(self.escaped(family))\" "
            + "time=\"\(self.seconds(entry.seconds))\" file=\"\(self.escaped(entry.file))\" line=\"\(entry.line)\""
        guard let child = self.child(entry) else { return [head + "/>"] }
        return [head + ">", "      " + child, "    </testcase>"]
    }

    private static func child(_ entry: RunReport.Case) -> String? {
        switch self.kind(entry) {
        case .good: return nil
        case .skipped:
            if let known = entry.known {
                return "<skipped message=\"\(self.escaped("known failure: \(known.signature), \(known.issue)"))\"/>"
            }
            return "<skipped message=\"\(self.escaped(self.lack(entry)))\"/>"
        case .failure, .error:
            let element = self.kind(entry) == .failure ? "failure" : "error"
            let message = entry.notReached.map { "not played: \($0)" } ?? entry.reasons.first?.message ?? entry.title
            let text = (entry.reasons.map(self.reason) + ["again: \(entry.reproduce)"]).joined(separator: "\n")
            return "<\(element) message=\"\(self.escaped(message))\" type=\"\(entry.verdict.rawValue)\">"
                + "\(self.escaped(text))</\(element)>"
        }
    }

    private static func lack(_ entry: RunReport.Case) -> String {
        entry.missing.isEmpty
            ? entry.reasons.first?.message ?? "unsupported"
            : "the server lacks \(entry.missing.joined(separator: ", "))"
    }

    private static func reason(_ reason: CaseResult.Reason) -> String {
        var lines = ["\(reason.verdict.rawValue): \(reason.message)"]
        if let step = reason.step { lines.append("at \(step)") }
        if !reason.expected.isEmpty { lines.append("expected \(reason.expected.joined(separator: ", or "))") }
        if !reason.actual.isEmpty { lines.append("actual \(reason.actual)") }
        return lines.joined(separator: "\n")
    }

    private enum Kind { case good, failure, error, skipped }

    private static func kind(_ entry: RunReport.Case) -> Kind {
        switch entry.standing {
        case .passed: .good
        case .skipped, .known: .skipped
        case .failed: entry.verdict == .error || entry.verdict == .inconclusive ? .error : .failure
        }
    }

    private static func counts(_ cases: [RunReport.Case]) -> String {
        let kinds = cases.map(self.kind)
        func count(_ kind: Kind) -> Int { kinds.filter { $0 == kind }.count }
        let time = cases.reduce(0) { $0 + $1.seconds }
        return " tests=\"\(cases.count)\" failures=\"\(count(.failure))\" errors=\"\(count(.error))\" "
            + "skipped=\"\(count(.skipped))\" time=\"\(self.seconds(time))\""
    }

    private static func seconds(_ value: Double) -> String {
        let milliseconds = Int((value * 1000).rounded())
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// The text without what XML 1.0 §2.2 forbids, and with its markup escaped.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            case "\r": result += "&#13;"
            default:
                let value = scalar.value
                let isForbidden = value < 0x20 || value == 0xFFFE || value == 0xFFFF
                result.unicodeScalars.append(isForbidden ? "\u{FFFD}" : scalar)
            }
        }
        return result
    }
}
