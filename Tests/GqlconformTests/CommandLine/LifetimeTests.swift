import Foundation
import TestSupport
import Testing

/// Nothing that a run starts outlives it.
@Suite struct LifetimeTests {
    /// A tool whose run lasts long enough to be ended from outside, and the ids of the server, the Redis and their guards.
    private func running(_ tool: Tool) async throws -> (run: Subprocess, processes: [Int32]) {
        let slow = Tool.doubleInit.replacing(
            "  - init:", with: "  - wait_until: {elapsed: 9s, because: it has to last}\n  - init:")
        try tool.write("suite/transport-ws/double-init.yaml", slow)
        let run = try tool.start(["run", "--suite", "suite", "--profile", "reference.yaml", "--out", "out"])
        // The first cases are over, so the server and its Redis are up.
        try await eventually("two cases are over", within: .seconds(60)) {
            run.output.contains("pass transport-ws/ack[turn=first]")
                && run.output.contains("pass transport-ws/ack[turn=second]")
        }
        let redis = processes(withCommandLineContaining: tool.marker).filter { $0 != run.processID }
        #expect(redis.count >= 1, "the guard of Redis names its directory")
        let children = self.descendants(of: run.processID)
        #expect(children.count >= 4, "two guards, a Redis and a server")
        return (run, children)
    }

    private func descendants(of processID: Int32) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var parents: [Int32: Int32] = [:]
        for entry in entries.compactMap({ Int32($0) }) {
            guard let text = try? String(contentsOfFile: "/proc/\(entry)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { continue }
            let fields = text[text.index(after: end)...].split(separator: " ")
            if fields.count > 1, let parent = Int32(fields[1]) { parents[entry] = parent }
        }
        var found: Set<Int32> = [processID]
        while true {
            let next = Set(parents.filter { found.contains($0.value) }.map(\.key)).union(found)
            if next == found { return found.subtracting([processID]).sorted() }
            found = next
        }
    }

    @Test func aKilledRunnerLeavesNoServerAndNoRedis() async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let (run, children) = try await self.running(tool)
        run.signal(SIGKILL)
        #expect(await run.waitForExit() == 128 + SIGKILL)
        try await eventually("everything that it started is gone", within: .seconds(20)) {
            !children.contains(where: isAlive)
        }
        #expect(processes(withCommandLineContaining: tool.marker).isEmpty)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func anInterruptedRunCleansUpAndReports(signal: Int32) async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let (run, children) = try await self.running(tool)
        run.signal(signal)
        let result = await tool.finish(run)
        #expect(result.status == 3, "\(result.output)\(result.errors)")
        #expect(result.errors.contains("Interrupted"))
        #expect(result.lastLine == "2 passed, 1 failed, 0 skipped")
        #expect(!children.contains(where: isAlive))
        #expect(try tool.read("out/summary.md").contains("The run ended early: it was interrupted."))
        let left = try FileManager.default.contentsOfDirectory(atPath: tool.directory)
        #expect(!left.contains { $0.hasPrefix("gqlconform-redis-") })
    }

    @Test func aServerThatAlreadyRunsIsJudgedAndLeftAlone() async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let server = try tool.start(["null-server", "ack"])
        defer { server.signal(SIGTERM) }
        try await eventually("the server listens") { server.output.hasSuffix("/graphql\n") }
        let url = try #require(
            server.output.split(separator: " ").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
        let result = try await tool.run(
            ["run", "--url", url, "--suite", "suite", "--profile", "reference.yaml", "--out", "out"])
        // It acknowledges, but serves nobody: no case may pass.
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        #expect(result.lastLine == "0 passed, 3 failed, 0 skipped")
        #expect(server.isRunning)
        let unknownPort = try await tool.run(
            ["run", "--attach", "--suite", "suite", "--profile", "reference.yaml", "--out", "out2"])
        #expect(unknownPort.status == 3)
        #expect(unknownPort.errors.contains("the port of a server that already runs is not known"))
        let both = try await tool.run([
            "run", "--attach", "--mutant", "x", "--suite", "suite", "--profile", "reference.yaml",
        ])
        #expect(both.status == 64)
    }

    @Test func repetitionsAreReported() async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let result = try await tool.run(
            ["run", "GC-9002", "--repeat", "3", "--suite", "suite", "--profile", "reference.yaml", "--out", "out"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("transport-ws/double-init: pass 3 of 3"))
        #expect(result.lastLine == "1 passed, 0 failed, 2 skipped")
    }
}
