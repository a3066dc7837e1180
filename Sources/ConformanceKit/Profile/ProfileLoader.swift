import Foundation

/// Reads profiles.
package enum ProfileLoader {
    /// The profile in the file at `path`.
    ///
    /// - Throws: `ProfileUnreadable` if there is no such file, `ScenarioErrors` with every mistake in it.
    package static func load(_ path: String) throws -> Profile {
        guard let data = FileManager.default.contents(atPath: path) else { throw ProfileUnreadable(path: path) }
        return try self.read(String(decoding: data, as: UTF8.self), file: path)
    }

    /// The profile in a text.
    package static func read(_ text: String, file: String) throws(ScenarioErrors) -> Profile {
        let root: ScenarioNode
        do {
            root = try ScenarioYAML.read(text, file: file)
        } catch {
            throw ScenarioErrors(errors: [error])
        }
        var parser = ProfileParser(file: file)
        let profile = parser.profile(root, digest: SHA256Text.digest(of: Array(text.utf8)))
        guard parser.reader.errors.isEmpty, let profile else {
            throw ScenarioErrors(errors: parser.reader.errors.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
        }
        return profile
    }
}

/// There is no profile at this path, or it cannot be opened.
package struct ProfileUnreadable: Error, Sendable, CustomStringConvertible {
    /// The path as given.
    package var path: String

    package var description: String { "There is no profile at \(self.path)." }
}
