/// Steps that several scenarios share: one file in `conformance/fragments`.
package struct Fragment: Sendable {
    package var name: String
    package var file: String
    /// Parameters with their defaults; nil for one that has to be given.
    package var parameters: [(name: String, fallback: JSON?)]
    package var steps: [ScenarioNode]

    /// Reads a file such as `{fragment: warm-up, takes: {conn: c1, topic: null}, steps: [...]}`.
    static func read(_ node: ScenarioNode, file: String) throws(ScenarioError) -> Fragment {
        let context = DecodeContext(file: file, isLint: true, level: .must, timing: Target.Timing())
        var reader = try ArgumentReader(node, what: "a fragment", context: context)
        guard let name = try reader.string("fragment"), !name.isEmpty else { throw reader.missing("fragment") }
        var parameters: [(name: String, fallback: JSON?)] = []
        if let takes = reader.node("takes") {
            guard case .map(let entries) = takes.content else {
                throw reader.wrong("takes", takes, "a mapping from parameter to default, null for none")
            }
            parameters = entries.map { ($0.key, $0.value.json == .null ? nil : $0.value.json) }
        }
        guard let node = reader.node("steps"), case .list(let steps) = node.content, !steps.isEmpty else {
            throw reader.missing("steps")
        }
        try reader.finish()
        return Fragment(name: name, file: file, parameters: parameters, steps: steps)
    }
}
