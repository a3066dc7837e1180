import Foundation

/// The failures of one server that are known: a file beside its profile.
///
/// An entry excuses a case only as long as it fails in exactly the way that is written down. One that is expired, that
/// names no case of the suite, or whose case no longer fails is itself a failure of the run.
package struct KnownFailures: Sendable, Equatable {
    /// The path that was read.
    package var file: String
    package var entries: [Entry]

    /// One known failure.
    package struct Entry: Sendable, Equatable {
        package var pattern: CasePattern
        package var verdict: Verdict
        /// As `CaseResult.Reason.signature`; `*` stands for anything.
        package var signature: String
        /// Where it is written down.
        package var issue: String
        /// The last day, `2027-03-01`, on which the entry holds; `nil` for no end.
        package var until: String?
        /// From 1.
        package var line: Int
    }

    /// The entries in the file at `path`.
    ///
    /// - Throws: `ProfileUnreadable` if there is no such file, `ScenarioErrors` with every mistake in it.
    package static func load(_ path: String) throws -> KnownFailures {
        guard let data = FileManager.default.contents(atPath: path) else { throw ProfileUnreadable(path: path) }
        return try self.read(String(decoding: data, as: UTF8.self), file: path)
    }

    /// The entries in a text.
    package static func read(_ text: String, file: String) throws(ScenarioErrors) -> KnownFailures {
        let root: ScenarioNode
        do {
            root = try ScenarioYAML.read(text, file: file)
        } catch {
            throw ScenarioErrors(errors: [error])
        }
        var reader = ProfileReader(file: file)
        var entries: [Entry] = []
        if case .list(let items) = root.content {
            for item in items {
                if let entry = self.entry(item, &reader) { entries.append(entry) }
            }
        } else {
            reader.fail(
                root, "known failures have to be a list", hint: "- {case: transport-ws/ack-once, verdict: fail, …}")
        }
        guard reader.errors.isEmpty else { throw ScenarioErrors(errors: reader.errors) }
        return KnownFailures(file: file, entries: entries)
    }

    private static func entry(_ node: ScenarioNode, _ reader: inout ProfileReader) -> Entry? {
        let known = ["case", "verdict", "signature", "issue", "until"]
        let fields = reader.fields(node, of: "", known: known)
        for key in known.dropLast() where fields[key] == nil { reader.fail(node, "the key \(key) is missing") }
        let until = reader.string(fields["until"], "until")
        if let until, until.wholeMatch(of: #/\d{4}-\d{2}-\d{2}/#) == nil, let node = fields["until"] {
            reader.fail(node, "until has to be a day", hint: "for example 2027-03-01")
        }
        let excusable: [Verdict] = [.fail, .misdeclared, .inconclusive, .nonstrict]
        guard let pattern = reader.string(fields["case"], "case"),
            let word = reader.string(fields["verdict"], "verdict"),
            let signature = reader.string(fields["signature"], "signature"),
            let issue = reader.string(fields["issue"], "issue")
        else { return nil }
        guard let verdict = Verdict(rawValue: word), excusable.contains(verdict) else {
            reader.fail(
                fields["verdict"] ?? node, "\(word) is no verdict that can be known",
                hint: "one of \(excusable.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return Entry(
            pattern: CasePattern(pattern), verdict: verdict, signature: signature, issue: issue, until: until,
            line: node.line)
    }

    /// Marks the outcomes that an entry excuses, and says what is wrong with the entries.
    ///
    /// - Parameters:
    ///   - outcomes: One for each case of the suite, played or not.
    ///   - today: `2026-11-21`.
    package func apply(to outcomes: inout [CaseOutcome], today: String) -> [String] {
        var problems: [String] = []
        var excusing: [Int: Int] = [:]
        for (number, entry) in self.entries.enumerated() {
            let place = "\(self.file):\(entry.line): \(entry.pattern.text)"
            let matching = outcomes.indices.filter { entry.pattern.matches(outcomes[$0].expanded) }
            if matching.isEmpty {
                problems.append("\(place) matches no case of the suite")
                continue
            }
            if let until = entry.until, until < today {
                problems.append("\(place) expired on \(until) (\(entry.issue))")
                continue
            }
            for index in matching where !outcomes[index].results.isEmpty {
                if let other = excusing.updateValue(number, forKey: index) {
                    problems.append(
                        "\(place) and line \(self.entries[other].line) both name \(outcomes[index].expanded.name)")
                }
                self.judge(entry, &outcomes[index], place, &problems)
            }
        }
        return problems
    }

    /// Whether an entry that holds on that day names exactly this failure.
    package func excuses(_ expanded: ExpandedCase, _ result: CaseResult, today: String) -> Bool {
        let signature = Array((result.reasons.first?.signature ?? "").unicodeScalars)
        return self.entries.contains { entry in
            entry.verdict == result.verdict && (entry.until ?? today) >= today && entry.pattern.matches(expanded)
                && CasePattern.fits(signature, Array(entry.signature.unicodeScalars))
        }
    }

    private func judge(_ entry: Entry, _ outcome: inout CaseOutcome, _ place: String, _ problems: inout [String]) {
        let name = outcome.expanded.name
        if outcome.verdict != entry.verdict {
            // A case that fails otherwise counts as what it is; one that is good shows that the entry is stale.
            if outcome.verdict.isGood, entry.verdict != .nonstrict || outcome.verdict != .nonstrict {
                problems.append("\(place) is stale: \(name) is \(outcome.verdict.rawValue) now")
            }
            return
        }
        let signature = outcome.worst?.reasons.first?.signature ?? ""
        let pattern = Array(entry.signature.unicodeScalars)
        guard CasePattern.fits(Array(signature.unicodeScalars), pattern) else {
            problems.append("\(name) fails in another way than line \(entry.line) of \(self.file) says: \(signature)")
            return
        }
        outcome.known = .init(issue: entry.issue, signature: signature, until: entry.until)
    }
}

extension KnownFailures {
    /// A file that excuses what fails in a report, one entry a case.
    package static func text(of report: RunReport, issue: String, until: String?) -> String {
        let excusable: [Verdict] = [.fail, .misdeclared, .inconclusive]
        let failed = report.cases.filter { excusable.contains($0.verdict) && $0.signature != nil }
        let head = ["# Known failures of \(report.server.name) \(report.server.version)."]
        return
            (head
            + failed.flatMap { entry in
                [
                    "- case: \(Improvised.quoted(entry.name))", "  verdict: \(entry.verdict.rawValue)",
                    "  signature: \(Improvised.quoted(entry.signature ?? ""))", "  issue: \(Improvised.quoted(issue))",
                ] + (until.map { ["  until: \($0)"] } ?? [])
            } + (failed.isEmpty ? ["[]"] : [])).joined(separator: "\n") + "\n"
    }
}
