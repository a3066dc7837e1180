import ConformanceKit
import Foundation
import TestSupport
import Testing

/// What a script that calls the tool relies on.
@Suite struct ExitCodeTests {
    private func withTool(_ body: (Tool) async throws -> Void) async throws {
        let tool = try Tool()
        defer { tool.remove() }
        try await body(tool)
    }

    private func report(_ tool: Tool, _ folder: String) throws -> RunReport {
        try JSONDecoder().decode(RunReport.self, from: Data(tool.read(folder + "/report.json").utf8))
    }

    @Test func aGoodServerGivesZeroAndAWholeReport() async throws {
        try await self.withTool { tool in
            let result = try await tool.run(
                ["run", "--suite", "suite", "--profile", "reference.yaml", "--out", "out", "--seed", "5"])
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(result.lastLine == "3 passed, 0 failed, 0 skipped")
            let report = try self.report(tool, "out")
            #expect(report.status == .conformant)
            #expect(report.seed == 5)
            #expect(
                report.cases.map(\.name).sorted() == [
                    "transport-ws/ack[turn=first]", "transport-ws/ack[turn=second]", "transport-ws/double-init",
                ])
            #expect(try tool.read("out/summary.md").contains("3 passed, 0 failed, 0 skipped"))
            #expect(try tool.read("out/junit.xml").contains("tests=\"3\" failures=\"0\" errors=\"0\""))
            #expect(try !tool.read("out/history.ndjson").isEmpty)
        }
    }

    @Test func aBrokenServerGivesOneAndAllThatIsNeededToSeeIt() async throws {
        try await self.withTool { tool in
            let result = try await tool.run(
                [
                    "run", "--suite", "suite", "--profile", "reference.yaml", "--mutant", "second-init-ignored",
                    "--out",
                    "out", "--seed", "5",
                ], environment: ["GITHUB_ACTIONS": "true"])
            #expect(result.status == 1, "\(result.output)\(result.errors)")
            #expect(result.lastLine == "2 passed, 1 failed, 0 skipped")
            #expect(result.output.contains("fail transport-ws/double-init  MUST  GC-9002"))
            #expect(result.output.contains("suite/transport-ws/double-init.yaml:10 expect_close"))
            #expect(result.output.contains("a close frame with 4429"))
            #expect(
                result.output.contains(
                    "gqlconform run 'transport-ws/double-init' --profile reference.yaml --suite suite "
                        + "--mutant second-init-ignored --seed 5"))
            #expect(result.output.contains("::error file=suite/transport-ws/double-init.yaml,line=10,"))
            #expect(try self.report(tool, "out").status == .nonconformant)
        }
    }

    @Test func whatIsNotPlayedIsCountedAndNeverHidden() async throws {
        try await self.withTool { tool in
            let one = try await tool.run(
                ["run", "GC-9002", "--suite", "suite", "--profile", "reference.yaml", "--out", "one"])
            #expect(one.status == 0)
            #expect(one.lastLine == "1 passed, 0 failed, 2 skipped")
            #expect(try self.report(tool, "one").status == .partial)
        }
    }

    @Test func nothingPlayedIsNotGood() async throws {
        try await self.withTool { tool in
            for name in ["ack", "double-init"] {
                let path = "suite/transport-ws/\(name).yaml"
                try tool.write(path, try tool.read(path).replacing("kills:", with: "requires: [fixture.none]\nkills:"))
            }
            let result = try await tool.run(["run", "--suite", "suite", "--profile", "ack-server.yaml", "--out", "out"])
            #expect(result.status == 2, "\(result.output)\(result.errors)")
            #expect(result.lastLine == "0 passed, 0 failed, 3 skipped")
            #expect(try self.report(tool, "out").cases[0].missing == ["fixture.none"])
        }
    }

    @Test(arguments: [
        (["run", "nope", "--suite", "suite", "--profile", "ack-server.yaml"], "No case matches 'nope'."),
        (
            ["run", "transport-ws/akc", "--suite", "suite", "--profile", "ack-server.yaml"],
            "Did you mean transport-ws/ack?"
        ),
        (["run", "--suite", "suite"], "Which server? Give --profile FILE."),
        (["run", "--suite", "suite", "--profile", "missing.yaml"], "There is no profile at missing.yaml."),
        (["run", "--suite", "missing", "--profile", "ack-server.yaml"], "There is no folder missing."),
        (["run", "--jobs", "0", "--suite", "suite", "--profile", "ack-server.yaml"], "--jobs takes 1 to 1000."),
        (
            ["run", "--suite", "suite", "--profile", "ack-server.yaml", "--redis", "localhost"],
            "localhost is no Redis URL"
        ),
        (["run", "--no-such-option"], "Unknown option '--no-such-option'"),
        (["no-such-command"], "Unexpected argument 'no-such-command'"),
        (["explain", "nope", "--suite", "suite"], "No case matches 'nope'."),
        (["mutants", "--only", "nope", "--suite", "suite", "--profile", "reference.yaml"], "knows no fault nope"),
        (["mutants", "--suite", "suite", "--profile", "ack-server.yaml"], "names no start.mutants.list"),
        (["null-server", "nope"], "There is no kind nope."),
    ])
    func wrongUsageGives64(arguments: [String], complaint: String) async throws {
        try await self.withTool { tool in
            let result = try await tool.run(arguments)
            #expect(result.status == 64)
            #expect(result.errors.contains(complaint), "\(result.errors)")
        }
    }

    @Test func aBrokenScenarioGives65BeforeAnythingRuns() async throws {
        try await self.withTool { tool in
            try tool.write(
                "suite/transport-ws/broken.yaml",
                """
                id: transport-ws/broken
                uid: GC-9003
                title: A fact
                level: MUST
                source: "A document"
                steps:
                  - opne: {as: c1}
                """)
            let result = try await tool.run(["run", "--suite", "suite", "--profile", "ack-server.yaml", "--out", "out"])
            #expect(result.status == 65)
            #expect(result.errors.contains("suite/transport-ws/broken.yaml:7:"), "\(result.errors)")
            #expect(result.errors.contains("did you mean `open`?"))
            #expect(result.lastLine == "0 passed, 0 failed, 0 skipped")
            #expect(!FileManager.default.fileExists(atPath: tool.directory + "/out"))
            #expect(try await tool.run(["lint", "--suite", "suite"]).status == 65)
        }
    }

    @Test func aBrokenProfileGives65() async throws {
        try await self.withTool { tool in
            try tool.write("broken.yaml", try tool.read("ack-server.yaml").replacing("ready:", with: "raedy:"))
            let result = try await tool.run(["run", "--suite", "suite", "--profile", "broken.yaml"])
            #expect(result.status == 65)
            #expect(
                result.errors == "error: broken.yaml:4:3: unknown key start.raedy (did you mean `ready`?)\n")
        }
    }

    @Test func withoutRedisItGives3AndSaysWhatToInstall() async throws {
        try await self.withTool { tool in
            let result = try await tool.run(
                ["run", "--suite", "suite", "--profile", "reference.yaml", "--out", "out"], environment: ["PATH": ""])
            #expect(result.status == 3)
            #expect(result.errors.hasPrefix("error: redis-server is not in PATH: install it"), "\(result.errors)")
            #expect(result.lastLine == "0 passed, 0 failed, 0 skipped")
        }
    }

    /// One sentence instead of as many failures as there are cases.
    @Test(arguments: [
        ["run", "--suite", "suite", "--profile", "ack-server.yaml", "--out", "out"],
        ["doctor", "--profile", "ack-server.yaml"], ["init"],
    ])
    func aServerThatNobodyStartedGives3(command: [String]) async throws {
        try await self.withTool { tool in
            let port = try #require(FreePort.choose())
            let result = try await tool.run(command + ["--url", "ws://127.0.0.1:\(port)/graphql"])
            #expect(result.status == 3)
            #expect(
                result.errors.hasSuffix(
                    "cannot be reached at 127.0.0.1:\(port): connection refused.\n"
                ), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        }
    }

    @Test(arguments: [
        ["run", "--suite", "suite", "--profile", "ack-server.yaml", "--out", "out"],
        ["doctor", "--profile", "ack-server.yaml"], ["init"],
    ])
    func aServerThatNeverAnswersGives3AndSaysWhatIsAwaited(command: [String]) async throws {
        try await self.withTool { tool in
            // The kernel takes connections for a socket that listens, and nobody ever looks at them.
            let listener = try SilentListener()
            defer { listener.close() }
            let result = try await tool.run(command + ["--url", "ws://127.0.0.1:\(listener.port)/graphql"])
            let url = "ws://127.0.0.1:\(listener.port)/graphql"
            #expect(result.status == 3)
            #expect(
                (result.output + result.errors).contains("an upgrade at \(url) has no answer yet"),
                "\(result.output)\(result.errors)")
            #expect(
                result.errors.contains(
                    "does not answer: 127.0.0.1:\(listener.port) takes connections, and an upgrade at \(url) got no answer within 8 s."
                ), "\(result.errors)")
        }
    }

    @Test func waitingForAnAnswerCanBeInterrupted() async throws {
        try await self.withTool { tool in
            let listener = try SilentListener()
            defer { listener.close() }
            let run = try tool.start([
                "run", "--suite", "suite", "--profile", "ack-server.yaml", "--out", "out", "--url",
                "ws://127.0.0.1:\(listener.port)/graphql",
            ])
            try await eventually("the run says what it waits for", within: .seconds(60)) {
                run.output.contains("has no answer yet") || !run.isRunning
            }
            run.signal(SIGINT)
            let result = await tool.finish(run)
            #expect(result.status == 3, "\(result.output)\(result.errors)")
            #expect(
                result.errors.hasSuffix("some-server had not answered yet: nothing was played.\n"), "\(result.errors)")
            #expect(result.lastLine == "0 passed, 0 failed, 0 skipped")
        }
    }

    @Test func aServerThatIsNeverReadyGives3() async throws {
        try await self.withTool { tool in
            try tool.write(
                "slow.yaml",
                Tool.profile(
                    command: #"[/bin/sh, -c, "echo warming up; exec sleep 1000"]"#,
                    ready: "{http: /health, within: 300ms}"))
            let result = try await tool.run(["run", "--suite", "suite", "--profile", "slow.yaml", "--out", "out"])
            #expect(result.status == 3)
            #expect(
                result.errors == """
                    error: some-server was not ready within 0.3 s: GET /health never gave 200.
                    Its last output:
                      | warming up

                    """)
            #expect(result.lastLine == "0 passed, 0 failed, 0 skipped")
        }
    }

    @Test func aServerThatEndsAtOnceGives3() async throws {
        try await self.withTool { tool in
            try tool.write("bad.yaml", Tool.profile(command: #"[/bin/sh, -c, "echo no licence; exit 9"]"#))
            let result = try await tool.run(["run", "--suite", "suite", "--profile", "bad.yaml", "--out", "out"])
            #expect(result.status == 3)
            #expect(result.errors.contains("some-server ended with exit code 9 before it was ready."))
            #expect(result.errors.contains("  | no licence"))
        }
    }

    @Test func aMissingServerGives3AndSaysHowToBuildIt() async throws {
        try await self.withTool { tool in
            try tool.write("gone.yaml", Tool.profile(command: #"["{{bin}}/gone-server"]"#))
            let result = try await tool.run(["run", "--suite", "suite", "--profile", "gone.yaml", "--out", "out"])
            #expect(result.status == 3)
            #expect(result.errors.contains("gone-server does not exist: run make build."), "\(result.errors)")
        }
    }

    @Test func aServerThatDiesDuringTheRunGives3() async throws {
        try await self.withTool { tool in
            try tool.write(
                "dying.yaml",
                Tool.profile(
                    command:
                        #"[/bin/sh, -c, "{{bin}}/gqlconform null-server mute --port {{port}} & sleep 1; echo out of memory; exit 7"]"#
                ))
            let result = try await tool.run(
                ["run", "--jobs", "1", "--repeat", "50", "--suite", "suite", "--profile", "dying.yaml", "--out", "out"])
            #expect(result.status == 3, "\(result.output)\(result.errors)")
            #expect(result.output.contains("The run ends: some-server ended with exit code 7 during the run."))
            #expect(result.output.contains("  | out of memory"))
            #expect(
                try self.report(tool, "out").problems.contains("some-server ended with exit code 7 during the run."))
        }
    }
}
