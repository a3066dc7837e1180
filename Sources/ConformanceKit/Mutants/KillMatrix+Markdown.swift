// The matrix for people.
extension KillMatrix {
    /// The matrix as a document: for each family which scenario sees which fault.
    package var markdown: String {
        let sections = [self.introduction, self.overview, self.openEnds] + self.families.map { self.section($0) }
        return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var families: [String] { Set(self.rows.flatMap { $0.scenarios.keys.map(Self.family) }).sorted() }

    /// What stands before the first slash.
    private static func family(_ id: String) -> String { String(id.prefix { $0 != "/" }) }

    private func kills(of family: String) -> [(row: Row, scenarios: [(id: String, cells: Int)])] {
        self.rows.compactMap { row in
            let scenarios = row.scenarios.filter { Self.family($0.key) == family }.sorted { $0.key < $1.key }
            return scenarios.isEmpty ? nil : (row, scenarios.map { ($0.key, $0.value) })
        }
    }

    private var introduction: String {
        var lines = ["# Which scenario sees which fault", ""]
        lines.append(
            """
            The reference server can be broken on purpose in \(self.rows.count) ways (`reference-server --list-mutants`). \
            Each was played as a server of its own, and a scenario sees the fault when the verdict of one of its cells is \
            worse than on the server without a fault. Written by `make kill-matrix`; do not edit.
            """)
        guard let made = self.made else { return lines.joined(separator: "\n") }
        lines += ["", "- Made by `\(made.command)`, \(made.tool), on \(made.day), in \(made.seconds / 60) min."]
        lines += (made.earlier ?? []).map {
            "- \($0.rows) faults were killed by the same scenarios before, by `\($0.command)` on \($0.day)."
        }
        lines.append(
            "- \(made.scenarios) scenarios took part; on the server without a fault \(made.good) of \(made.cases) cases "
                + "were good.")
        lines.append(
            made.claimedOnly
                ? "- Each fault met only the scenarios that claim it under `kills`. Others may see it as well."
                : "- Each fault met every scenario.")
        return lines.joined(separator: "\n")
    }

    private var overview: String {
        var lines = ["| family | scenarios that see a fault | faults seen |", "| --- | ---: | ---: |"]
        for family in self.families {
            let kills = self.kills(of: family)
            let scenarios = Set(kills.flatMap { $0.scenarios.map(\.id) }).count
            lines.append("| [\(family)](#\(family)) | \(scenarios) | \(kills.count) |")
        }
        let all = Set(self.rows.flatMap(\.scenarios.keys)).count
        lines.append("| all | \(all) | \(self.rows.filter { !$0.killedBy.isEmpty }.count) of \(self.rows.count) |")
        return lines.joined(separator: "\n")
    }

    /// What is not as it should be.
    private var openEnds: String {
        var lines: [String] = []
        for row in self.rows {
            switch row.fate {
            case .killed: break
            case .survived: lines.append("- `\(row.mutant)` survives: \(row.summary)")
            case .unclaimed: lines.append("- `\(row.mutant)` met no scenario: \(row.summary)")
            case .claimMissed:
                lines.append(
                    "- `\(row.mutant)` is not seen by \(row.missedClaims.joined(separator: ", ")), which claim it.")
            case .unknown: lines.append("- `\(row.mutant)` could not be judged: \(row.problem ?? "")")
            }
        }
        lines += self.claimless.map { "- `\($0)` claims no fault." }
        lines += self.unknownClaims.map { "- \($0)" }
        lines += self.notGreen.sorted { $0.key < $1.key }.map {
            "- `\($0.key)` is \($0.value.rawValue) on the server without a fault."
        }
        let title = "## What is left open\n\n"
        guard !lines.isEmpty else {
            return title + "Nothing: every fault is seen, and every scenario above INFO sees a fault that it claims."
        }
        return title + lines.joined(separator: "\n")
    }

    private func section(_ family: String) -> String {
        var lines = ["## \(family)", "", "| fault | what is wrong | seen by (cells) |", "| --- | --- | --- |"]
        for (row, scenarios) in self.kills(of: family) {
            let names = scenarios.map { scenario in
                let name = scenario.id.dropFirst(family.count + 1)
                return scenario.cells > 1 ? "\(name) (\(scenario.cells))" : String(name)
            }
            lines.append("| `\(row.mutant)` | \(Self.cell(row.summary)) | \(names.joined(separator: ", ")) |")
        }
        return lines.joined(separator: "\n")
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("<", with: "&lt;").replacing("\n", with: " ")
    }
}

extension KillMatrix.Row {
    /// The scenarios that see the fault, with how many of their cells do.
    fileprivate var scenarios: [String: Int] {
        self.killedBy.keys.reduce(into: [:]) { scenarios, name in
            scenarios[String(name.prefix { $0 != "[" }), default: 0] += 1
        }
    }
}
