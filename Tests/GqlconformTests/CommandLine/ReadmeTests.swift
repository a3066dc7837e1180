import Foundation
import TestSupport
import Testing

/// What README.md tells a new user to type works as it stands there.
@Suite struct ReadmeTests {
    private static let section = "## Validate your own server in five commands"

    /// The commands of the section, one a line.
    private func commands() throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let section = try #require(text.range(of: Self.section))
        let blocks = text[section.upperBound...].components(separatedBy: "```")
        return try #require(blocks.dropFirst().first).split(separator: "\n").map(String.init)
    }

    @Test func theFiveCommandsJudgeAServer() async throws {
        let commands = try self.commands()
        #expect(commands.count == 5)
        let tool = try Tool()
        defer { tool.remove() }
        // The suite of the folder that one works in goes before that of the program: here a small one.
        for folder in ["requirements", "transport-ws"] {
            try FileManager.default.createDirectory(
                atPath: "\(tool.directory)/conformance/\(folder)", withIntermediateDirectories: true)
        }
        try tool.write("conformance/transport-ws/ack.yaml", Tool.ack)
        try tool.write("conformance/transport-ws/delivery.yaml", Self.delivery)
        let server = try Subprocess(
            BuiltProducts.referenceServer, ["--bus", "memory", "--test-mode", "--port", "0"],
            environment: ProcessInfo.processInfo.environment, outputDirectory: tool.directory)
        defer { server.signal(SIGKILL) }
        try await eventually("the server listens") { server.output.contains("listening on") || !server.isRunning }
        let port = try #require(server.output.firstMatch(of: #/http://127\.0\.0\.1:(\d+)\//#)).1
        let script = commands.joined(separator: "\n")
            .replacingOccurrences(of: "/path/to/this/project/.build/release", with: BuiltProducts.directory)
            .replacingOccurrences(of: "http://127.0.0.1:8000", with: "http://127.0.0.1:\(port)")
        #expect(script.contains(BuiltProducts.directory) && script.contains("127.0.0.1:\(port)"))
        var environment = ProcessInfo.processInfo.environment
        environment["GITHUB_ACTIONS"] = nil
        environment["TMPDIR"] = tool.directory
        let shell = try Subprocess(
            "/bin/bash", ["-e", "-c", script], environment: environment, directory: tool.directory,
            outputDirectory: tool.directory)
        let status = await shell.waitForExit()
        #expect(status == 0, "\(shell.output)\(shell.errors)")
        #expect(shell.output.contains("The profile fits the server."))
        let totals = shell.output.split(separator: "\n").filter { $0.hasSuffix("skipped") }
        #expect(totals == ["2 passed, 0 failed, 1 skipped", "3 passed, 0 failed, 0 skipped"])
    }

    /// An event that the profile of `init` knows how to make.
    private static let delivery = """
        id: transport-ws/delivery
        uid: GC-9003
        title: An event arrives
        level: MUST
        source: "GraphQL 6.2.3.2"
        requires: [stream, emit]
        steps:
          - open: {as: c1}
          - subscribe: {conn: c1, id: s1, topic: "{{u}}"}
          - live: {conn: c1, id: s1}
          - emit: {as: e1, topic: "{{u}}"}
          - expect_events: {conn: c1, id: s1, exactly: e1}
        """
}
