import ConformanceKit
import Foundation
import TestSupport
import Testing

@Suite struct ChildProcessTests {
    private func start(
        _ script: String, grace: Duration = .seconds(3), directory: String? = nil
    ) async throws -> ChildProcess {
        try await ChildProcess.start(
            ChildCommand(
                arguments: ["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin", "GREETING": "good day"],
                directory: directory, grace: grace),
            log: LogCapture(path: nil), guardExecutable: BuiltProducts.gqlconform)
    }

    @Test(arguments: [0, 1, 77] as [Int32])
    func theExitCodeIsTheOneOfTheChild(code: Int32) async throws {
        let child = try await self.start("echo out; echo err >&2; exit \(code)")
        #expect(await child.waitForExit() == .code(code))
        #expect(child.exit == .code(code))
        try await eventually("it shows") { child.log.tail() == ["out", "err"] }
    }

    @Test func environmentAndDirectoryAreThoseOfTheCommand() async throws {
        let child = try await self.start("echo \"$GREETING\"; pwd; env | wc -l", directory: "/usr")
        #expect(await child.waitForExit() == .code(0))
        try await eventually("it shows") { child.log.tail().count == 3 }
        #expect(child.log.tail().prefix(2) == ["good day", "/usr"])
    }

    @Test func aSignalIsReportedAsOne() async throws {
        let child = try await self.start("kill -9 $$")
        #expect(await child.waitForExit() == .signal(SIGKILL))
    }

    @Test func aSignalCanBeSent() async throws {
        let child = try await self.start("trap 'echo usr1; exit 5' USR1; echo ready; while :; do sleep 0.01; done")
        try await eventually("it shows") { child.log.tail() == ["ready"] }
        child.signal(SIGUSR1)
        #expect(await child.waitForExit() == .code(5))
    }

    @Test func stopIsPoliteAndThenNot() async throws {
        let polite = try await self.start("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done")
        try await eventually("it shows") { polite.log.tail() == ["ready"] }
        #expect(await polite.stop() == .code(3))
        try await eventually("it shows") { polite.log.tail().last == "bye" }
        let deaf = try await self.start(
            "trap '' TERM; echo ready; while :; do sleep 0.01; done", grace: .milliseconds(50))
        try await eventually("it shows") { deaf.log.tail() == ["ready"] }
        #expect(await deaf.stop() == .signal(SIGKILL))
    }

    @Test func descendantsEndWithTheChild() async throws {
        // One in the process group, one that left it and was orphaned.
        let child = try await self.start("sleep 1000 & echo $!; setsid sleep 1000 & echo $!; wait")
        try await eventually("it shows") { child.log.tail().count == 2 }
        let descendants = child.log.tail().compactMap { Int32($0) }
        #expect(descendants.count == 2)
        #expect(descendants.allSatisfy(isAlive))
        await child.stop()
        try await eventually("it shows") { !descendants.contains(where: isAlive) }
    }

    @Test func theGuardTakesTheChildWithIt() async throws {
        let marker = "sleep 4242.\(UInt32.random(in: 0 ... 999_999))"
        let child = try await self.start("exec \(marker)")
        let guards = processes(withCommandLineContaining: marker).filter { $0 != child.processID }
        #expect(guards.count == 1)
        for processID in guards { kill(processID, SIGKILL) }
        #expect(await child.waitForExit() == .guardLost)
        try await eventually("it shows") { !isAlive(child.processID) }
    }

    @Test func theGuardObeysSIGTERM() async throws {
        let marker = "sleep 4243.\(UInt32.random(in: 0 ... 999_999))"
        let child = try await self.start("exec \(marker)")
        let guards = processes(withCommandLineContaining: marker).filter { $0 != child.processID }
        for processID in guards { kill(processID, SIGTERM) }
        #expect(await child.waitForExit() == .signal(SIGTERM))
    }

    @Test func aMissingProgramIsNamed() async throws {
        let error = await #expect(throws: HarnessError.self) {
            try await ChildProcess.start(
                ChildCommand(arguments: ["/no/such/program"], environment: [:]), log: LogCapture(path: nil),
                guardExecutable: BuiltProducts.gqlconform)
        }
        #expect(error?.message == "/no/such/program cannot be started: No such file or directory.")
    }

    @Test func theLogFileHoldsEverything() async throws {
        let path = NSTemporaryDirectory() + "gqlconform-log-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let child = try await ChildProcess.start(
            ChildCommand(
                arguments: ["/bin/sh", "-c", "seq 1 5000; printf open"], environment: ["PATH": "/usr/bin:/bin"]),
            log: LogCapture(path: path), guardExecutable: BuiltProducts.gqlconform)
        #expect(await child.waitForExit() == .code(0))
        try await eventually("it shows") { child.log.tail(2) == ["5000", "open"] }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == (1...5000).map { "\($0)\n" }.joined() + "open")
        #expect(child.log.tail(10_000).count < 1000)
    }
}
