import Foundation
import TestSupport
import Testing

@testable import ConformanceKit

@Suite struct HTMLReportTests {
    /// A `<` with a combining mark is one character, and opens a tag all the same.
    private static let hostile = "<\u{301}script>alert(1)</script>\"'&\u{202E}\u{7}"

    private func page() throws -> String {
        let expanded = try Cases.expanded("a/b", cell: [("k", Self.hostile)])
        var result = Cases.result(.fail, of: expanded)
        result.reasons[0].message = Self.hostile
        result.reasons[0].actual = Self.hostile
        let writer = HistoryWriter(caseName: expanded.name, now: { 7 })
        writer.append(.caseStarted(token: "u", values: .object([])))
        writer.append(.connecting(address: Self.hostile, transport: "t", offered: []), connection: Self.hostile)
        writer.append(
            .frameReceived(frame: WireFrame(opcode: 1, masked: false, payload: Array(Self.hostile.utf8))),
            connection: Self.hostile)
        writer.append(
            .frameReceived(frame: WireFrame(opcode: 2, masked: false, payload: [0, 255, 16])), connection: Self.hostile)
        let facts = RunReport.Facts(
            profile: try ProfileLoader.read(ProfileLoaderTests.smallest, file: "p.yaml"), suiteDirectory: "s",
            scenarios: [], seed: 1, mutant: nil, startedAt: "2026-11-21T00:00:00Z", duration: .seconds(1),
            commandLine: [Self.hostile], strict: false)
        let report = RunReport(
            facts, outcomes: [CaseOutcome(expanded, results: [result])], problems: [Self.hostile],
            reproduction: Reproduction(profile: "p", suite: nil, seed: 1))
        return try HTMLReport.text(report, traces: [expanded.name: CaseTrace(writer.history)])
    }

    @Test func whatAServerSentIsTextAndNothingElse() throws {
        let page = try self.page()
        let scalars = page.unicodeScalars
        #expect(!zip(scalars, scalars.dropFirst()).contains { $0 == "<" && $1 == "\u{301}" })
        #expect(!scalars.contains("\u{202E}") && !scalars.contains("\u{7}"))
        #expect(page.contains("&lt;\u{301}script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
        #expect(page.contains("<pre class=\"hex\">00 ff 10</pre>"))
        #expect(page.components(separatedBy: "<script>").count == 2)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tidy"), "tidy is not installed"))
    func thePageIsValid() async throws {
        let path = try TemporaryDirectory.make(prefix: "gqlconform-page-", environment: [:])
        defer { TemporaryDirectory.remove(path) }
        try self.page().write(toFile: path + "/report.html", atomically: true, encoding: .utf8)
        let tidy = try Subprocess(
            "/usr/bin/tidy", ["-quiet", "-errors", "-utf8", path + "/report.html"], environment: [:],
            outputDirectory: path)
        #expect(await tidy.waitForExit() == 0, "\(tidy.errors)")
    }
}
