/// A piece of a scenario file with its place, before templates are filled in.
package struct ScenarioNode: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// A scalar that is not quoted and spells no number, boolean or null, or that is quoted.
        case value(JSON)
        case list([ScenarioNode])
        case map([Entry])
    }

    /// A key with its value.
    package struct Entry: Sendable, Hashable {
        package var key: String
        package var line: Int
        package var column: Int
        package var value: ScenarioNode
    }

    package var content: Content
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int
}

extension ScenarioNode {
    /// The value without places.
    package var json: JSON {
        switch self.content {
        case .value(let value): value
        case .list(let items): .array(items.map(\.json))
        case .map(let entries): .object(entries.map { .init($0.key, $0.value.json) })
        }
    }

    /// The value of a key.
    package subscript(key: String) -> ScenarioNode? {
        guard case .map(let entries) = self.content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}
