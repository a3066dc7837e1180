/// One scenario as it was read from its file; `expanded()` gives the cases that run.
package struct Scenario: Sendable {
    /// The path as given to the loader.
    package var file: String
    /// Line of the scenario's first key, from 1.
    package var line: Int
    /// As in the requirement catalogue; never changes.
    package var id: String
    /// `GC-nnnn`, permanent.
    package var uid: String
    package var title: String
    package var level: Level
    /// The requirement rows that the scenario proves.
    package var covers: [String]
    /// Where the rule is written.
    package var source: String
    /// Features and profile values without which the scenario makes no sense.
    package var requires: [String]
    /// Axes in the order of the file.
    package var matrix: [Axis]
    /// Hard limit of a case, in nanoseconds.
    package var budget: UInt64
    /// Resources that no other case may use meanwhile.
    package var exclusive: [String]
    /// Mutants of the reference server that the scenario must turn red.
    package var kills: [String]
    /// Patterns of messages that are never unexpected.
    package var allow: [ScenarioNode]
    package var steps: [ScenarioNode]
    package var checks: [CheckRequest]
    package var finally: [ScenarioNode]
    /// What `use` can name.
    package var fragments: [String: Fragment] = [:]

    /// How binding the rule is.
    package enum Level: String, Sendable, Codable, CaseIterable {
        case must = "MUST"
        case should = "SHOULD"
        case may = "MAY"
        case info = "INFO"
        /// A MUST on what the profile claims.
        case profile = "PROFILE"
    }

    /// One axis of the matrix.
    package struct Axis: Sendable {
        package var name: String
        package var values: [JSON]
    }
}

/// A check over the history that a scenario asks for.
package struct CheckRequest: Sendable, Codable, Equatable {
    package var name: String
    /// The check's options; an empty object when none were given.
    package var options: JSON
    package var line: Int
}

/// One cell of a scenario's matrix.
package struct ExpandedCase: Sendable {
    package var scenario: Scenario
    /// The cell's value on each axis, sorted by axis name.
    package var values: [JSON.Member]

    /// `id`, or `id[k=v,k=v]` with every axis, sorted by name.
    package var name: String {
        guard !self.values.isEmpty else { return self.scenario.id }
        let cell = self.values.map { "\($0.name)=\($0.value.cellName)" }.joined(separator: ",")
        return "\(self.scenario.id)[\(cell)]"
    }

    package init(scenario: Scenario, values: [JSON.Member]) {
        self.scenario = scenario
        self.values = values.sorted { $0.name < $1.name }
    }
}

extension Scenario {
    /// Whether it makes something fail that other cases need as well, so that it has to run alone.
    package var harmsOthers: Bool {
        self.exclusive.contains("everything") || (self.steps + self.finally).contains { self.harms($0, depth: 0) }
    }

    private func harms(_ node: ScenarioNode, depth: Int) -> Bool {
        switch node.content {
        case .value: return false
        case .list(let items): return items.contains { self.harms($0, depth: depth) }
        case .map(let entries):
            return entries.contains { entry in
                switch entry.key {
                case "fault": return entry.value["target"]?.json.stringValue != FaultTarget.link.rawValue
                case "use":
                    let name = entry.value["fragment"]?.json.stringValue ?? ""
                    guard depth < 16, let fragment = self.fragments[name] else { return false }
                    return fragment.steps.contains { self.harms($0, depth: depth + 1) }
                default: return self.harms(entry.value, depth: depth)
                }
            }
        }
    }

    /// Every cell of the matrix, the last axis turning fastest; a scenario without a matrix is one case.
    package func expanded() -> [ExpandedCase] {
        var cells: [[JSON.Member]] = [[]]
        for axis in self.matrix {
            cells = cells.flatMap { cell in axis.values.map { cell + [.init(axis.name, $0)] } }
        }
        return cells.map { ExpandedCase(scenario: self, values: $0) }
    }
}

extension JSON {
    /// A string without its quotes, anything else as JSON text.
    package var plainText: String { self.stringValue ?? self.text }
}
