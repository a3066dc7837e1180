import Foundation

/// The folder that a run writes to.
package final class RunFolder: Sendable {
    /// Its path.
    package let path: String
    private let queue = DispatchQueue(label: "gqlconform.history")
    private let descriptor: Int32

    /// Makes the folder and opens `history.ndjson` in it.
    ///
    /// - Throws: `HarnessError` if the folder cannot be made, or holds a report of an earlier run.
    package init(path: String) throws(HarnessError) {
        self.path = path
        guard !FileManager.default.fileExists(atPath: path + "/report.json") else {
            throw HarnessError("\(path) holds the report of another run: give another folder to --out.")
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw HarnessError("The folder \(path) cannot be made.")
        }
        self.descriptor = open(path + "/history.ndjson", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else { throw HarnessError("Nothing can be written to \(path).") }
    }

    deinit {
        if self.descriptor >= 0 { _ = close(self.descriptor) }
    }

    /// Appends a record to `history.ndjson`, in the order of the calls, without waiting for the disk.
    package func append(_ record: HistoryRecord) {
        self.queue.async { [descriptor] in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
            guard var data = try? encoder.encode(record) else { return }
            data.append(UInt8(ascii: "\n"))
            _ = data.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    /// Writes `report.json`, `junit.xml` and `summary.md`, and waits until the history is complete.
    package func finish(_ report: RunReport) throws(HarnessError) {
        self.queue.sync {}
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(report).write(to: URL(fileURLWithPath: self.path + "/report.json"))
            try Data(JUnitReport.text(report).utf8).write(to: URL(fileURLWithPath: self.path + "/junit.xml"))
            try Data(SummaryReport.text(report).utf8).write(to: URL(fileURLWithPath: self.path + "/summary.md"))
        } catch {
            throw HarnessError("The report cannot be written to \(self.path): \(error.localizedDescription)")
        }
    }
}
