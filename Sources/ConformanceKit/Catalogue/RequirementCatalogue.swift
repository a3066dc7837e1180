import Foundation

/// The requirements that scenarios name under `covers`.
package struct RequirementCatalogue: Sendable {
    /// One requirement.
    package struct Requirement: Sendable, Equatable {
        /// Family and rule, `transport-ws/ack-once`.
        package var id: String
        /// How binding it is.
        package var level: Scenario.Level
        /// The rule in one sentence.
        package var text: String
        /// Where it is written.
        package var source: String
        /// Whether it needs no more of the schema than `{ __typename }`.
        package var isSchemaFree: Bool
        /// Why no scenario can or should observe it; nil for a requirement that needs one.
        package var exclusion: String?
        /// The place in the catalogue, `file:line`.
        package var place: String
    }

    /// All of them, files in the order of their names.
    package var requirements: [Requirement]

    /// The requirement of this id.
    package subscript(id: String) -> Requirement? {
        self.requirements.first { $0.id == id }
    }

    /// The catalogue in `requirements/*.yaml` of a suite's directory; empty if there is no such folder.
    package static func load(suite directory: String) throws(ScenarioErrors) -> RequirementCatalogue {
        let folder = directory + (directory.hasSuffix("/") ? "" : "/") + "requirements"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".yaml") }.sorted()
        return try self.read(
            names.map { name in
                (folder + "/" + name, (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)) ?? "")
            })
    }

    /// The catalogue in these texts.
    package static func read(_ files: [(name: String, text: String)]) throws(ScenarioErrors) -> RequirementCatalogue {
        var errors: [ScenarioError] = []
        var requirements: [Requirement] = []
        for file in files {
            var reader = ProfileReader(file: file.name)
            do throws(ScenarioError) {
                let root = try ScenarioYAML.read(file.text, file: file.name)
                let top = reader.fields(root, of: "", known: ["requirements"])
                guard case .list(let items)? = top["requirements"]?.content else {
                    throw ScenarioError(
                        file: file.name, line: 1, column: 1, problem: "requirements has to be a list", hint: "")
                }
                for item in items {
                    guard let requirement = self.requirement(item, &reader) else { continue }
                    if let first = requirements.first(where: { $0.id == requirement.id }) {
                        reader.fail(item, "\(requirement.id) is there twice", hint: "first at \(first.place)")
                    }
                    requirements.append(requirement)
                }
            } catch {
                errors.append(error)
            }
            errors += reader.errors
        }
        guard errors.isEmpty else { throw ScenarioErrors(errors: errors) }
        return RequirementCatalogue(requirements: requirements)
    }

    private static func requirement(_ node: ScenarioNode, _ reader: inout ProfileReader) -> Requirement? {
        let fields = reader.fields(
            node, of: "requirement", known: ["id", "level", "text", "source", "schema_free", "excluded"])
        for key in ["id", "level", "text", "source"] where fields[key] == nil {
            reader.fail(node, "a requirement needs \(key)")
        }
        guard let id = reader.string(fields["id"], "id"), let levelText = reader.string(fields["level"], "level"),
            let text = reader.string(fields["text"], "text"), let source = reader.string(fields["source"], "source")
        else { return nil }
        guard let level = Scenario.Level(rawValue: levelText) else {
            reader.fail(
                node, "unknown level \(levelText)",
                hint: "one of \(Scenario.Level.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        let exclusion = reader.string(fields["excluded"], "excluded")
        if let exclusion, exclusion.allSatisfy(\.isWhitespace) {
            reader.fail(fields["excluded"] ?? node, "an exclusion needs its reason")
        }
        return Requirement(
            id: id, level: level, text: text, source: source,
            isSchemaFree: reader.flag(fields["schema_free"], "schema_free") ?? false, exclusion: exclusion,
            place: "\(reader.file):\(node.line)")
    }
}

/// Which requirements the scenarios of a suite cover.
package struct Coverage: Sendable {
    /// Requirements that a scenario covers.
    package var covered: [RequirementCatalogue.Requirement] = []
    /// Requirements that none covers, for a reason that the catalogue gives.
    package var excluded: [RequirementCatalogue.Requirement] = []
    /// Requirements that none covers.
    package var missing: [RequirementCatalogue.Requirement] = []
    /// Ids that scenarios cover and that the catalogue does not know, with the place of the scenario; and requirements
    /// that a scenario covers although they are excluded.
    package var mistakes: [ScenarioError] = []

    /// Compares the scenarios with the catalogue.
    package init(_ scenarios: [Scenario], _ catalogue: RequirementCatalogue) {
        let known = Set(catalogue.requirements.map(\.id))
        let used = Set(scenarios.flatMap(\.covers))
        for requirement in catalogue.requirements {
            if used.contains(requirement.id) {
                self.covered.append(requirement)
                if requirement.exclusion != nil { self.mistakes.append(Self.stale(requirement, scenarios)) }
            } else if requirement.exclusion != nil {
                self.excluded.append(requirement)
            } else {
                self.missing.append(requirement)
            }
        }
        for scenario in scenarios {
            for id in scenario.covers where !known.contains(id) {
                self.mistakes.append(
                    ScenarioError(
                        file: scenario.file, line: scenario.line, column: 1,
                        problem: "\(scenario.id) covers \(id), which is no requirement",
                        hint: Suggestion.nearest(to: id, among: known.sorted()).map { "did you mean `\($0)`?" } ?? ""))
            }
        }
    }

    /// An exclusion that is not true any more.
    private static func stale(
        _ requirement: RequirementCatalogue.Requirement, _ scenarios: [Scenario]
    ) -> ScenarioError {
        let covering = scenarios.first { $0.covers.contains(requirement.id) }?.id ?? ""
        let end = requirement.place.lastIndex(of: ":") ?? requirement.place.endIndex
        return ScenarioError(
            file: String(requirement.place[..<end]), line: Int(requirement.place[end...].dropFirst()) ?? 1, column: 1,
            problem: "\(requirement.id) is excluded, and \(covering) covers it", hint: "remove `excluded`")
    }
}

extension ScenarioErrors {
    /// Throws the mistakes in the order of their places, if there are any.
    package static func throwing(_ mistakes: [ScenarioError]) throws(ScenarioErrors) {
        guard !mistakes.isEmpty else { return }
        throw ScenarioErrors(errors: mistakes.sorted { ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column) })
    }
}
