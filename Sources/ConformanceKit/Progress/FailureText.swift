/// What a user reads about a case that is not good.
package struct FailureText: Sendable {
    /// How it is coloured.
    package var style: TextStyle
    /// What makes the line that plays the case again.
    package var reproduction: Reproduction

    /// A text.
    package init(style: TextStyle, reproduction: Reproduction) {
        self.style = style
        self.reproduction = reproduction
    }

    /// The lines of one failure: which case, which rule, where, what was expected, what came, the last frames, and a line
    /// to copy that plays it again.
    package func lines(_ expanded: ExpandedCase, _ result: CaseResult, _ history: History?) -> [String] {
        let scenario = expanded.scenario
        var lines = [
            "\(self.style.verdict(result.verdict)) \(self.style.bold(expanded.name))  \(scenario.level.rawValue)  \(scenario.uid)",
            "  \(scenario.title)", "  rule      \(scenario.source)",
        ]
        for reason in result.reasons.prefix(3) { lines += self.lines(reason) }
        if result.reasons.count > 3 { lines.append("  … and \(result.reasons.count - 3) more findings in the report") }
        if let history {
            let frames = RecordText.last(8, of: history, connection: result.reasons.first?.connection)
            lines += frames.enumerated().map { ($0.offset == 0 ? "  last      " : "            ") + $0.element }
        }
        lines.append("  again     \(self.reproduction.line(for: expanded))")
        return lines
    }

    /// What a server sent must not move the cursor.
    private static func harmless(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            scalars.append(isControl ? "·" : scalar)
        }
        return String(scalars)
    }

    private func lines(_ reason: CaseResult.Reason) -> [String] {
        var lines: [String] = []
        lines.append("  finding   \(Self.harmless(reason.message)) (\(reason.check), \(reason.facet.rawValue))")
        if let step = reason.step { lines.append("  at        \(step)") }
        for (index, outcome) in reason.expected.enumerated() {
            lines.append((index == 0 ? "  expected  " : "  or        ") + outcome)
        }
        if !reason.actual.isEmpty { lines.append("  actual    \(Self.harmless(reason.actual))") }
        return lines
    }
}

/// What makes a command line that plays one case again.
package struct Reproduction: Sendable {
    /// The profile as given.
    package var profile: String
    /// The suite's directory; `nil` for the default.
    package var suite: String?
    /// The seed of the run.
    package var seed: UInt64
    /// The known fault of the server; `nil` for none.
    package var mutant: String?
    /// The latency of the links as given; `nil` for none.
    package var linkLatency: String?

    /// A reproduction.
    package init(
        profile: String, suite: String?, seed: UInt64, mutant: String? = nil, linkLatency: String? = nil
    ) {
        self.linkLatency = linkLatency
        self.profile = profile
        self.suite = suite
        self.seed = seed
        self.mutant = mutant
    }

    /// The line for one case.
    package func line(for expanded: ExpandedCase) -> String {
        var words = [
            "gqlconform", "run", Self.quoted(expanded.name, always: true), "--profile", Self.quoted(self.profile),
        ]
        if let suite = self.suite { words += ["--suite", Self.quoted(suite)] }
        if let mutant = self.mutant { words += ["--mutant", Self.quoted(mutant)] }
        if let latency = self.linkLatency { words += ["--link-latency", Self.quoted(latency)] }
        words += ["--seed", String(self.seed)]
        return words.joined(separator: " ")
    }

    /// The word in the quotes of a POSIX shell, if it needs them.
    private static func quoted(_ word: String, always: Bool = false) -> String {
        let plain = word.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "-_./:=".unicodeScalars.contains(scalar))
        }
        if plain, !always, !word.isEmpty { return word }
        return "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
