import Foundation

/// Directories that a run makes and removes.
package enum TemporaryDirectory {
    /// Makes a new directory in `TMPDIR`, or in `/tmp`, and returns its path.
    package static func make(prefix: String, environment: [String: String]) throws(HarnessError) -> String {
        let parent = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw HarnessError("No directory can be made in \(parent): \(String(cString: strerror(errno))).")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes it with all that it holds; what is already gone is no error.
    package static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}
