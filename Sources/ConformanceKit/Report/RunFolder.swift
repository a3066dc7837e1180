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

    /// Waits until the history is complete, and writes `report.json`, `junit.xml`, `summary.md`, `badge.json` and
    /// `report.html`.
    package func finish(_ report: RunReport, traces: [String: CaseTrace] = [:]) throws(HarnessError) {
        self.queue.sync {}
        try ReportFiles.write(report, traces: traces, to: self.path)
    }
}

/// The files that say what came out of a run.
package enum ReportFiles {
    /// Writes all of them into a folder that exists.
    package static func write(
        _ report: RunReport, traces: [String: CaseTrace], to folder: String
    ) throws(HarnessError) {
        let page = try HTMLReport.text(report, traces: traces)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try self.write(encoder.encode(report), folder + "/report.json")
            try self.write(encoder.encode(Badge(report)), folder + "/badge.json")
            try self.write(Data(JUnitReport.text(report).utf8), folder + "/junit.xml")
            try self.write(Data(SummaryReport.text(report).utf8), folder + "/summary.md")
            try self.write(Data(page.utf8), folder + "/report.html")
        } catch {
            throw HarnessError("The report cannot be written to \(folder): \(error.localizedDescription)")
        }
    }

    private static func write(_ data: Data, _ path: String) throws {
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// The report in a file, or in the `report.json` of a folder.
    package static func read(_ path: String) throws(HarnessError) -> RunReport {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        let file = exists && isFolder.boolValue ? path + "/report.json" : path
        guard let data = FileManager.default.contents(atPath: file) else {
            throw HarnessError("There is no report at \(file).")
        }
        do {
            return try JSONDecoder().decode(RunReport.self, from: data)
        } catch {
            throw HarnessError("\(file) is no report of this version of gqlconform: \(error)")
        }
    }
}
