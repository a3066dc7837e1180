import Foundation

/// Cases that a server which does nothing passes with good reason, as the suite's `targets/null-servers.yaml` lists them.
package struct HonestPasses: Sendable {
    /// One entry of the list.
    package struct Entry: Sendable {
        /// Which cases.
        package var pattern: CasePattern
        /// On which servers.
        package var kinds: [NullServer.Kind]
        /// Why.
        package var because: String
        /// `file:line`.
        package var place: String
    }

    /// All entries.
    package var entries: [Entry]

    /// The list of a suite; empty if it has none.
    package static func load(suite directory: String) throws(ScenarioErrors) -> HonestPasses {
        let file = directory + (directory.hasSuffix("/") ? "" : "/") + "targets/null-servers.yaml"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return HonestPasses(entries: []) }
        return try self.read(text, file: file)
    }

    /// The list in a text.
    package static func read(_ text: String, file: String) throws(ScenarioErrors) -> HonestPasses {
        var reader = ProfileReader(file: file)
        var entries: [Entry] = []
        do throws(ScenarioError) {
            let root = try ScenarioYAML.read(text, file: file)
            guard case .list(let items) = root.content else {
                throw ScenarioError(file: file, line: 1, column: 1, problem: "a list was expected", hint: "")
            }
            for item in items {
                let fields = reader.fields(item, of: "entry", known: ["case", "servers", "because"])
                let names = reader.strings(fields["servers"], "servers") ?? []
                let known = NullServer.Kind.allCases.map(\.rawValue)
                for name in names where !known.contains(name) {
                    reader.fail(item, "unknown server \(name)", hint: Suggestion.hint(for: name, among: known))
                }
                guard let pattern = reader.string(fields["case"], "case"), !names.isEmpty,
                    let because = reader.string(fields["because"], "because")
                else {
                    reader.fail(item, "an entry needs case, servers and because")
                    continue
                }
                entries.append(
                    Entry(
                        pattern: CasePattern(pattern), kinds: names.compactMap(NullServer.Kind.init),
                        because: because, place: "\(file):\(item.line)"))
            }
        } catch {
            throw ScenarioErrors(errors: [error])
        }
        try ScenarioErrors.throwing(reader.errors)
        return HonestPasses(entries: entries)
    }

    /// The entry that explains why the case passes on the server.
    package func entry(for expanded: ExpandedCase, on kind: NullServer.Kind) -> Entry? {
        self.entries.first { $0.kinds.contains(kind) && $0.pattern.matches(expanded) }
    }
}
