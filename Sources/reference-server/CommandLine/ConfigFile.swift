import Foundation

/// A file with options, one a line: `name = value`, by the names of the command line without its dashes. Lines that are
/// empty or begin with `#` say nothing. A name may come once.
enum ConfigFile {
    /// One option and where it stands.
    struct Entry: Equatable {
        let name: String
        let value: String
        /// From 1.
        let line: Int
    }

    /// Reads the text of a file.
    /// - Parameter names: those that may come.
    /// - Throws: `Settings.UsageError` that names the line.
    static func parse(_ text: String, file: String, names: [String]) throws -> [Entry] {
        var entries: [Entry] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = self.trimmed(line)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let fault = { (reason: String) in Settings.UsageError(description: "\(file):\(index + 1): \(reason)") }
            guard let sign = line.firstIndex(of: "=") else { throw fault("expected name = value") }
            let name = self.trimmed(line[..<sign])
            let value = self.trimmed(line[line.index(after: sign)...])
            guard names.contains(name) else {
                throw fault("'\(name)' is none of the settings of this file: \(names.joined(separator: ", "))")
            }
            guard !value.isEmpty else { throw fault("\(name) has no value") }
            guard !entries.contains(where: { $0.name == name }) else { throw fault("\(name) comes twice") }
            entries.append(Entry(name: name, value: value, line: index + 1))
        }
        return entries
    }

    /// Reads a file.
    static func read(_ path: String, names: [String]) throws -> [Entry] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Settings.UsageError(description: "--config: cannot read \(path)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Settings.UsageError(description: "\(path): not UTF-8")
        }
        return try self.parse(text, file: path, names: names)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
        let begin = text.drop(while: isSpace)
        return String(String(begin.reversed()).drop(while: isSpace).reversed())
    }
}
