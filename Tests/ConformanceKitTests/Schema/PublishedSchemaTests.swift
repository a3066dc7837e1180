import Foundation
import Testing

@testable import ConformanceKit

@Suite struct PublishedSchemaTests {
    private func validator(_ schema: PublishedSchema) throws -> SchemaValidator {
        SchemaValidator(try JSONParser.parse(Array(schema.text.utf8)))
    }

    private func yaml(_ path: String) throws -> JSON {
        try ScenarioYAML.read(String(contentsOfFile: path, encoding: .utf8), file: path).json
    }

    private func files(below folder: String, where isWanted: (String) -> Bool) -> [String] {
        let root = Repository.path(folder)
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".yaml") && isWanted($0) }.map { root + "/" + $0 }
    }

    @Test func everyProfileFitsItsSchema() throws {
        let validator = try self.validator(.profile)
        let files = self.files(below: "conformance/profiles") { !$0.hasSuffix(".known.yaml") }
        #expect(!files.isEmpty)
        for file in files { #expect(try validator.mistakes(in: self.yaml(file)) == [], "\(file)") }
        let smallest = try ScenarioYAML.read(ProfileLoaderTests.smallest, file: "p.yaml").json
        #expect(try validator.mistakes(in: smallest) == [])
        let gateway = try ScenarioYAML.read(ProfileLoaderTests.gateway, file: "p.yaml").json
        #expect(try validator.mistakes(in: gateway) == [])
    }

    @Test func everyScenarioFitsItsSchema() throws {
        let validator = try self.validator(.scenario)
        let loaded = Set(try ScenarioLoader.load(directory: Repository.path("conformance")).map(\.file))
        #expect(loaded.count > 100)
        for file in loaded { #expect(try validator.mistakes(in: self.yaml(file)) == [], "\(file)") }
    }

    @Test(
        arguments: [
            (PublishedSchema.profile, "server: {name: a}\nendpoints: {http: {url: x}}", "/server: required"),
            (.profile, "server: {name: a, version: 1}\nendpoints: {}", "/endpoints: minProperties"),
            (.profile, "server: {name: a, version: 1}\nendpoints: {http: {url: x}}\nfoo: 1", "/foo: unknown"),
            (.scenario, "{id: a/b, uid: GC-1, title: t, level: MUST, source: s, steps: []}", ": anyOf"),
        ])
    func aMistakeIsSeen(schema: PublishedSchema, text: String, expected: String) throws {
        let value = try ScenarioYAML.read(text, file: "x.yaml").json
        #expect(try self.validator(schema).mistakes(in: value) == [expected])
    }

    @Test func aReportFitsItsSchema() throws {
        let expanded = try Cases.expanded("a/b", cell: [("k", "v")])
        let outcomes = [
            CaseOutcome(expanded, results: [Cases.result(.fail, of: expanded)]),
            CaseOutcome(try Cases.expanded("a/c"), skipped: .unsupported(["x"])),
            CaseOutcome(try Cases.expanded("a/d"), skipped: .notReached("it ended")),
        ]
        var facts = RunReport.Facts(
            profile: try ProfileLoader.read(ProfileLoaderTests.smallest, file: "p.yaml"), suiteDirectory: "s",
            scenarios: [], seed: 1, mutant: "m", startedAt: "2026-11-21T00:00:00Z", duration: .seconds(1),
            commandLine: ["x"], strict: true)
        facts.shard = "1/2"
        facts.features = [.init(name: "f", declared: nil, seen: true)]
        let report = RunReport(
            facts, outcomes: outcomes, problems: ["p"], reproduction: Reproduction(profile: "p", suite: nil, seed: 1))
        let json = try JSONParser.parse(Array(JSONEncoder().encode(report)))
        #expect(try self.validator(.report).mistakes(in: json) == [])
    }
}
