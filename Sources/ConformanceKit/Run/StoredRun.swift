import Foundation

/// A run as it lies in its folder: its report and every record.
package struct StoredRun: Sendable {
    /// The folder.
    package var path: String
    package var report: RunReport
    /// The records of every play of a case, by the name of the case.
    package var plays: [String: [History]]

    /// Reads a folder.
    ///
    /// - Throws: If the report or the history is missing, or a line of the history cannot be read.
    package static func load(_ path: String) throws(HarnessError) -> StoredRun {
        let report = try ReportFiles.read(path)
        guard let data = FileManager.default.contents(atPath: path + "/history.ndjson") else {
            throw HarnessError("There is no history.ndjson in \(path).")
        }
        var records: [String: [[HistoryRecord]]] = [:]
        let decoder = JSONDecoder()
        for (number, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let record = try? decoder.decode(HistoryRecord.self, from: Data(line)) else {
                throw HarnessError("\(path)/history.ndjson:\(number + 1) is no record of this version of gqlconform.")
            }
            // A case that is played several times begins anew each time.
            if case .caseStarted = record.event { records[record.caseName, default: []].append([]) }
            guard let last = records[record.caseName]?.indices.last else { continue }
            records[record.caseName]?[last].append(record)
        }
        return StoredRun(path: path, report: report, plays: records.mapValues { $0.map { History($0) } })
    }

    /// What went over the wire in some cases of a stored run, in the play that failed or else the first, line by line.
    ///
    /// - Parameters:
    ///   - path: The folder of the run.
    ///   - names: The names of the cases.
    ///   - limit: The highest number of lines of a case, inclusive; those in the middle are left out.
    /// - Throws: If there is no history, or a line of it cannot be read.
    package static func transcripts(
        in path: String, of names: Set<String>, limit: Int
    ) throws(HarnessError) -> [String: [String]] {
        guard !names.isEmpty else { return [:] }
        guard let data = FileManager.default.contents(atPath: path + "/history.ndjson") else {
            throw HarnessError("There is no history.ndjson in \(path), and a transcript cannot be made without it.")
        }
        let decoder = JSONDecoder()
        let prefixes = names.map { Data("{\"caseName\":\(JSON.string($0).text),".utf8) }
        let length = 64
        let starts = Set(prefixes.map { $0.prefix(length) })
        let lengths = Set(starts.map(\.count))
        var lines: [String: [String]] = [:]
        for line in data.split(separator: UInt8(ascii: "\n")) {
            // Most of a history belongs to other cases, and decoding is what takes the time.
            guard lengths.contains(where: { starts.contains(line.prefix($0)) }),
                let record = try? decoder.decode(HistoryRecord.self, from: Data(line)), names.contains(record.caseName)
            else { continue }
            if case .caseStarted = record.event, lines[record.caseName] != nil { lines[record.caseName] = [] }
            if let text = RecordText.line(record) { lines[record.caseName, default: []].append(text) }
        }
        return lines.mapValues { lines in
            guard lines.count > limit else { return lines }
            let half = limit / 2
            return lines.prefix(half) + ["… \(lines.count - limit) lines are left out"] + lines.suffix(limit - half)
        }
    }

    /// A case whose verdict is another one when its records are judged again.
    package struct Difference: Sendable, Equatable {
        package var name: String
        package var stored: Verdict
        package var judged: Verdict
    }

    /// What judging again came to.
    package struct Rejudged: Sendable {
        /// The report with the new verdicts.
        package var report: RunReport
        package var traces: [String: CaseTrace]
        package var differences: [Difference]
        /// Cases that were played and can no longer be judged, because the suite lacks them.
        package var unknown: [String]
        /// How many cases were judged.
        package var judged: Int
    }

    /// Judges every play again, without a server.
    package func judgeAgain(with cases: [ExpandedCase], reproduction: Reproduction) -> Rejudged {
        let byName = Dictionary(cases.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let book = TraceBook()
        var result = Rejudged(report: self.report, traces: [:], differences: [], unknown: [], judged: 0)
        let strict = self.report.totals.strict
        for (index, entry) in self.report.cases.enumerated() where !entry.plays.isEmpty {
            guard let expanded = byName[entry.name], let plays = self.plays[entry.name] else {
                result.unknown.append(entry.name)
                continue
            }
            let results = plays.map { history in
                let judged = Judge.judge(expanded, history)
                book.take(judged, history)
                return judged
            }
            var outcome = CaseOutcome(expanded, results: results)
            outcome.known = outcome.verdict == entry.verdict ? entry.known : nil
            result.judged += 1
            if outcome.verdict != entry.verdict {
                result.differences.append(
                    Difference(name: entry.name, stored: entry.verdict, judged: outcome.verdict))
            }
            result.report.cases[index] = RunReport.Case(outcome, strict: strict, reproduction: reproduction)
        }
        result.report.recount()
        result.traces = book.traces
        return result
    }
}

extension RunReport {
    /// Counts the cases again after some have changed.
    mutating func recount() {
        self.totals = RunTotals(self.cases, strict: self.totals.strict, brokenEntries: self.totals.brokenEntries)
        self.status = self.totals.status
    }
}
