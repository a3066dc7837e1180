import ArgumentParser
import ConformanceKit
import Foundation

/// `gqlconform list`: the cases of the suite.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the cases of the suite.")

    @Argument(help: "Ids, families or globs; all cases if there is none.")
    var patterns: [String] = []

    @OptionGroup var suite: SuiteOptions

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await Console.reporting {
            let cases = try CasePattern.select(self.suite.cases(), self.patterns)
            if self.json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                let data = try encoder.encode(cases.map(Entry.init))
                Console.print(String(decoding: data, as: UTF8.self))
            } else {
                for expanded in cases {
                    let scenario = expanded.scenario
                    let level = scenario.level.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)
                    Console.print("\(scenario.uid)  \(level)  \(expanded.name)")
                }
            }
        }
    }

    private struct Entry: Encodable {
        var uid, id, name, title, source, file: String
        var level: Scenario.Level
        var line: Int
        var covers, requires, kills: [String]

        init(_ expanded: ExpandedCase) {
            let scenario = expanded.scenario
            self.uid = scenario.uid
            self.id = scenario.id
            self.name = expanded.name
            self.title = scenario.title
            self.source = scenario.source
            self.file = scenario.file
            self.level = scenario.level
            self.line = scenario.line
            self.covers = scenario.covers
            self.requires = scenario.requires
            self.kills = scenario.kills
        }
    }
}
