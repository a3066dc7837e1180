/// Lines that GitHub Actions shows beside the scenario that failed.
enum GitHubAnnotation {
    /// An error at the step of the case's worst finding, or at the head of the scenario.
    static func line(_ expanded: ExpandedCase, _ result: CaseResult) -> String {
        let reason = result.reasons.first
        let (file, line) = self.place(reason?.step) ?? (expanded.scenario.file, expanded.scenario.line)
        let message = reason.map { reason in
            let expected = reason.expected.isEmpty ? "" : " Expected \(reason.expected.joined(separator: ", or "))."
            let actual = reason.actual.isEmpty ? "" : " Actual: \(reason.actual)."
            return reason.message + expected + actual
        }
        let title = "\(expanded.name): \(result.verdict.rawValue)"
        return "::error file=\(self.property(file)),line=\(line),title=\(self.property(title))::"
            + self.data(message ?? expanded.scenario.title)
    }

    /// `file:line verb` as a place.
    private static func place(_ step: String?) -> (String, Int)? {
        guard let match = step?.prefixMatch(of: #/(.*):([0-9]+) /#), let line = Int(match.output.2) else { return nil }
        return (String(match.output.1), line)
    }

    private static func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func property(_ text: String) -> String {
        self.data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
