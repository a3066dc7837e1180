/// A mistake in a scenario file.
package struct ScenarioError: Error, Sendable, Equatable, CustomStringConvertible {
    package var file: String
    /// From 1.
    package var line: Int
    /// From 1.
    package var column: Int
    /// What is wrong.
    package var problem: String
    /// What was expected, and what was perhaps meant; may be empty.
    package var hint: String

    /// `file:line:column: problem (hint)`.
    package var description: String {
        let place = "\(self.file):\(self.line):\(self.column): \(self.problem)"
        return self.hint.isEmpty ? place : "\(place) (\(self.hint))"
    }
}

/// All mistakes of a suite; never empty.
package struct ScenarioErrors: Error, Sendable, CustomStringConvertible {
    package var errors: [ScenarioError]

    package var description: String { self.errors.map(\.description).joined(separator: "\n") }
}
