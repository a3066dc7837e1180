import Foundation

/// Reads a suite and refuses every mistake in it before anything runs.
package enum ScenarioLoader {
    /// Every scenario below a folder, sorted by file. `fragments`, `profiles`, `targets` and `requirements` hold no
    /// scenarios and are passed over.
    ///
    /// Throws all mistakes of all files at once.
    package static func load(directory: String) throws(ScenarioErrors) -> [Scenario] {
        let passedOver: Set<String> = ["fragments", "profiles", "targets", "requirements"]
        var files: [String] = []
        var fragments: [String] = []
        let enumerator = FileManager.default.enumerator(atPath: directory)
        while let path = enumerator?.nextObject() as? String {
            let folder = path.split(separator: "/").first.map(String.init) ?? ""
            guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else { continue }
            if folder == "fragments" { fragments.append(path) }
            if !passedOver.contains(folder) { files.append(path) }
        }
        if enumerator == nil || files.isEmpty {
            throw ScenarioErrors(errors: [
                ScenarioError(
                    file: directory, line: 1, column: 1, problem: "no scenario files here",
                    hint: "expected <family>/<name>.yaml")
            ])
        }
        let base = directory.hasSuffix("/") ? directory : directory + "/"
        func texts(_ paths: [String]) -> [(name: String, text: String?)] {
            paths.sorted().map { (base + $0, try? String(contentsOfFile: base + $0, encoding: .utf8)) }
        }
        return try self.load(texts(files), fragments: texts(fragments))
    }

    /// The scenarios of these files, `text` nil for one that could not be read.
    package static func load(
        _ files: [(name: String, text: String?)], fragments: [(name: String, text: String?)] = []
    ) throws(ScenarioErrors) -> [Scenario] {
        var errors: [ScenarioError] = []
        var scenarios: [Scenario] = []
        let known = self.fragments(fragments, &errors)
        for file in files {
            guard let text = file.text else {
                errors.append(
                    ScenarioError(
                        file: file.name, line: 1, column: 1, problem: "cannot be read as UTF-8 text", hint: ""))
                continue
            }
            do throws(ScenarioError) {
                let node = try ScenarioYAML.read(text, file: file.name)
                let nodes: [ScenarioNode] =
                    switch node.content {
                    case .list(let items): items
                    default: [node]
                    }
                for node in nodes {
                    do throws(ScenarioError) {
                        var scenario = try ScenarioHeader.read(node, file: file.name)
                        scenario.fragments = known
                        scenarios.append(scenario)
                    } catch {
                        errors.append(error)
                    }
                }
            } catch {
                errors.append(error)
            }
        }
        errors.append(contentsOf: self.duplicates(in: scenarios))
        for scenario in scenarios { errors.append(contentsOf: ScenarioLint.mistakes(in: scenario)) }
        guard errors.isEmpty else {
            throw ScenarioErrors(
                errors: errors.sorted { ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column) })
        }
        return scenarios
    }

    /// The fragments by name; mistakes in them are mistakes of the suite.
    private static func fragments(
        _ files: [(name: String, text: String?)], _ errors: inout [ScenarioError]
    ) -> [String: Fragment] {
        var fragments: [String: Fragment] = [:]
        for file in files {
            do throws(ScenarioError) {
                guard let text = file.text else {
                    throw ScenarioError(
                        file: file.name, line: 1, column: 1, problem: "cannot be read as UTF-8 text", hint: "")
                }
                let node = try ScenarioYAML.read(text, file: file.name)
                let fragment = try Fragment.read(node, file: file.name)
                if let other = fragments[fragment.name] {
                    throw ScenarioError(
                        file: file.name, line: node.line, column: 1,
                        problem: "the fragment `\(fragment.name)` is there already", hint: "first in \(other.file)")
                }
                fragments[fragment.name] = fragment
            } catch {
                errors.append(error)
            }
        }
        for fragment in fragments.values.sorted(by: { $0.file < $1.file }) {
            errors.append(contentsOf: ScenarioLint.mistakes(in: fragment, among: fragments))
        }
        return fragments
    }

    private static func duplicates(in scenarios: [Scenario]) -> [ScenarioError] {
        var errors: [ScenarioError] = []
        var places: [String: String] = [:]
        for scenario in scenarios {
            for (kind, value) in [("id", scenario.id), ("uid", scenario.uid)] {
                let place = "\(scenario.file):\(scenario.line)"
                if let first = places["\(kind) \(value)"] {
                    errors.append(
                        ScenarioError(
                            file: scenario.file, line: scenario.line, column: 1,
                            problem: "the \(kind) `\(value)` is taken", hint: "first used at \(first)"))
                } else {
                    places["\(kind) \(value)"] = place
                }
            }
        }
        return errors
    }
}
