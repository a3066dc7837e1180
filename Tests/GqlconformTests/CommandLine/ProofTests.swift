import Foundation
import Testing

/// The commands that show that cases can fail, and those that only read.
@Suite struct ProofTests {
    private let tool: Tool

    init() throws {
        self.tool = try Tool()
    }

    private func suite(_ words: [String]) async throws -> Tool.Result {
        defer { self.tool.remove() }
        return try await self.tool.run(words + ["--suite", "suite", "--profile", "reference.yaml"])
    }

    @Test func aClaimedFaultIsKilled() async throws {
        let result = try await self.suite(["mutants", "--only", "second-init-ignored"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("3 of 3 cases are good"))
        #expect(result.output.contains("killed        second-init-ignored"))
        #expect(result.lastLine.hasPrefix("1 of 1 faults killed, 0 survived"))
    }

    @Test func aFaultThatNobodySeesFails() async throws {
        let result = try await self.suite(["mutants", "--only", "binary-ignored"])
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("SURVIVED      binary-ignored"))
    }

    @Test func aClaimThatIsNotTrueFails() async throws {
        let text = Tool.ack.replacing("no-ack-without-payload", with: "second-init-ignored")
        try self.tool.write("suite/transport-ws/ack.yaml", text)
        let result = try await self.suite(["mutants", "--only", "second-init-ignored", "--claimed-only"])
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("CLAIM MISSED  second-init-ignored"))
        #expect(result.output.contains("not seen by transport-ws/ack, seen by transport-ws/double-init"))
    }

    @Test func anUnknownClaimFails() async throws {
        try self.tool.write(
            "suite/transport-ws/ack.yaml", Tool.ack.replacing("no-ack-without-payload", with: "no-ack-without-paylod"))
        let result = try await self.suite(["mutants", "--only", "second-init-ignored"])
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("did you mean `no-ack-without-payload`?"))
    }

    @Test func theDecisiveExpectationIsFound() async throws {
        let result = try await self.suite(["mutants", "--without-expectation", "transport-ws/double-init"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(
            result.output == "transport-ws/double-init, second-init-ignored: the fault survives the suite without "
                + "suite/transport-ws/double-init.yaml:10 expect_close\n")
    }

    @Test func aServerThatDoesNothingPassesNothing() async throws {
        let result = try await self.suite(["null-servers"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        for kind in ["mute", "echo", "close-4409", "ack", "broadcast", "http"] {
            #expect(result.output.contains("\(kind): 0 of 3 cases pass\n"))
        }
    }

    @Test func casesAreListedAndExplained() async throws {
        defer { self.tool.remove() }
        let list = try await self.tool.run(["list", "--suite", "suite"])
        #expect(
            list.output == """
                GC-9001  MUST     transport-ws/ack[turn=first]
                GC-9001  MUST     transport-ws/ack[turn=second]
                GC-9002  MUST     transport-ws/double-init

                """)
        let json = try await self.tool.run(["list", "GC-9002", "--json", "--suite", "suite"])
        let entries = try #require(
            JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(entries.count == 1)
        #expect(entries[0]["kills"] as? [String] == ["second-init-ignored"])
        let explained = try await self.tool.run(["explain", "GC-9002", "--suite", "suite"])
        #expect(explained.output.contains("A second init closes with 4429"))
        #expect(explained.output.contains("suite/transport-ws/double-init.yaml:1"))
    }

    @Test func requirementsAreComparedWithScenarios() async throws {
        defer { self.tool.remove() }
        try FileManager.default.createDirectory(
            atPath: self.tool.directory + "/suite/requirements", withIntermediateDirectories: true)
        let catalogue = """
            requirements:
              - {id: transport-ws/ack, level: MUST, text: "An init is acknowledged.", source: "ConnectionAck"}
              - {id: transport-ws/other, level: MUST, text: "Something else.", source: "Elsewhere"}
            """
        try self.tool.write("suite/requirements/transport-ws.yaml", catalogue)
        let unknown = try await self.tool.run(["lint", "--suite", "suite"])
        #expect(unknown.status == 65)
        #expect(
            unknown.errors.contains("transport-ws/double-init covers transport-ws/double-init, which is no requirement")
        )
        let more = "\n  - {id: transport-ws/double-init, level: MUST, text: \"Closes.\", source: \"ConnectionInit\"}"
        try self.tool.write("suite/requirements/transport-ws.yaml", catalogue + more)
        let clean = try await self.tool.run(["lint", "--suite", "suite", "--profile", "reference.yaml"])
        #expect(clean.status == 0, "\(clean.errors)")
        #expect(clean.output == "2 scenarios in 2 files, 3 cases, 3 requirements: no mistakes\n")
        let coverage = try await self.tool.run(["coverage", "--suite", "suite"])
        #expect(coverage.status == 1)
        #expect(coverage.output.contains("missing   MUST  transport-ws/other  Something else."))
        #expect(coverage.lastLine == "2 of 3 requirements covered, 0 excluded, 1 missing")
        #expect(try await self.tool.run(["coverage", "--require-must", "--suite", "suite"]).status == 1)
    }

    @Test func aRequirementMayBeExcludedForAReason() async throws {
        defer { self.tool.remove() }
        try FileManager.default.createDirectory(
            atPath: self.tool.directory + "/suite/requirements", withIntermediateDirectories: true)
        func write(_ ack: String, _ other: String) throws {
            try self.tool.write(
                "suite/requirements/transport-ws.yaml",
                """
                requirements:
                  - {id: transport-ws/double-init, level: MUST, text: "Closes.", source: "ConnectionInit"}
                  - {id: transport-ws/ack, level: MUST, text: "An init is acknowledged.", source: "Ack"\(ack)}
                  - {id: transport-ws/other, \(other), text: "Something else.", source: "Elsewhere"}
                """)
        }
        let coverage = ["coverage", "--suite", "suite"]
        try write("", "level: MUST, excluded: \"Nobody can see it.\"")
        let good = try await self.tool.run(coverage)
        #expect(good.status == 0, "\(good.output)\(good.errors)")
        #expect(good.output.contains("excluded  MUST  transport-ws/other  Nobody can see it."))
        #expect(good.lastLine == "2 of 3 requirements covered, 1 excluded, 0 missing")
        // What is missing decides at every level, unless only a MUST shall.
        try write("", "level: INFO")
        #expect(try await self.tool.run(coverage).status == 1)
        #expect(try await self.tool.run(coverage + ["--require-must"]).status == 0)
        // An exclusion needs a reason, and has to be true.
        try write("", "level: MUST, excluded: \" \"")
        let mute = try await self.tool.run(coverage)
        #expect(mute.status == 65)
        #expect(mute.errors.contains("an exclusion needs its reason"))
        try write(", excluded: \"Nobody can see it.\"", "level: MUST, excluded: \"Nobody can see it.\"")
        let stale = try await self.tool.run(["lint", "--suite", "suite"])
        #expect(stale.status == 65)
        #expect(stale.errors.contains("transport-ws/ack is excluded, and transport-ws/ack covers it"))
        #expect(stale.errors.contains("transport-ws.yaml:3"))
    }
}
