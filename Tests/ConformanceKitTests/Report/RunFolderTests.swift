import ConformanceKit
import Foundation
import TestSupport
import Testing

@Suite struct RunFolderTests {
    private func report() throws -> RunReport {
        let verdicts: [Verdict] = [.pass, .nonstrict, .info, .fail, .misdeclared, .inconclusive, .error]
        var outcomes = try verdicts.enumerated().map { index, verdict in
            let expanded = try Cases.expanded("family-\(index % 2)/c\(index)", cell: [("k", "\"<&>\"")])
            return CaseOutcome(expanded, results: [Cases.result(verdict, of: expanded)])
        }
        outcomes.append(CaseOutcome(try Cases.expanded("x/u"), skipped: .unsupported(["fixture.<x>"])))
        outcomes.append(CaseOutcome(try Cases.expanded("x/n"), skipped: .notSelected))
        outcomes.append(CaseOutcome(try Cases.expanded("x/r"), skipped: .notReached("the server had ended")))
        let again = Reproduction(profile: "my profile.yaml", suite: nil, seed: 7)
        let facts = RunReport.Facts(
            profile: try ProfileLoader.read(ProfileLoaderTests.smallest, file: "p.yaml"), suiteDirectory: "conformance",
            scenarios: outcomes.map(\.expanded.scenario), seed: 7, mutant: nil, startedAt: Timestamp.now(),
            duration: .seconds(3), commandLine: ["gqlconform", "run"], strict: false)
        return RunReport(facts, outcomes: outcomes, problems: ["acme ended"], reproduction: again)
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = try TemporaryDirectory.make(prefix: "gqlconform-report-", environment: [:])
        defer { TemporaryDirectory.remove(path) }
        try await body(path)
    }

    @Test func theReportReadsBackAsItWasWritten() async throws {
        try await self.withFolder { path in
            let folder = try RunFolder(path: path + "/a/b")
            let report = try self.report()
            let writer = HistoryWriter(caseName: "x", now: { 5 }, sink: { folder.append($0) })
            for _ in 0..<100 {
                writer.append(.frameReceived(frame: WireFrame(opcode: 1, masked: false, payload: [255])))
            }
            try folder.finish(report)
            let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/report.json"))
            let read = try JSONDecoder().decode(RunReport.self, from: data)
            #expect(read.schema == 2)
            #expect(read.cases.map(\.verdict) == report.cases.map(\.verdict))
            #expect(read.totals == report.totals)
            #expect(
                read.cases[0].reproduce
                    == "gqlconform run 'family-0/c0[k=\"<&>\"]' --profile 'my profile.yaml' --seed 7")
            let history = try String(contentsOfFile: folder.path + "/history.ndjson", encoding: .utf8)
            let records = try history.split(separator: "\n").map {
                try JSONDecoder().decode(HistoryRecord.self, from: Data($0.utf8))
            }
            #expect(records == writer.history.records)
            let summary = try String(contentsOfFile: folder.path + "/summary.md", encoding: .utf8)
            #expect(summary.hasSuffix("3 passed, 5 failed, 2 skipped\n"))
            #expect(throws: HarnessError.self) { try RunFolder(path: folder.path) }
        }
    }

    @Test func theJUnitFileIsValidAndAFailureIsNoError() async throws {
        try await self.withFolder { path in
            let folder = try RunFolder(path: path)
            try folder.finish(try self.report())
            let file = path + "/junit.xml"
            let xmllint = try Subprocess(
                "/usr/bin/xmllint",
                ["--noout", "--nonet", "--schema", Repository.path("Tests/Schemas/junit.xsd"), file],
                environment: [:], outputDirectory: path)
            #expect(await xmllint.waitForExit() == 0, "\(xmllint.errors)")
            let xml = try String(contentsOfFile: file, encoding: .utf8)
            #expect(
                xml.contains("<testsuites name=\"gqlconform\" tests=\"9\" failures=\"2\" errors=\"3\" skipped=\"1\""))
            #expect(xml.split(separator: "<failure ").count == 3)
            #expect(xml.split(separator: "<error ").count == 4)
            #expect(xml.contains("message=\"the wrong code &amp; &lt;nothing&gt; else\" type=\"fail\""))
            #expect(!xml.unicodeScalars.contains("\u{1}"))
        }
    }
}
