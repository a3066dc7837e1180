import ConformanceKit
import Foundation
import Testing

@Suite struct RedisProcessTests {
    private let environment = ProcessInfo.processInfo.environment

    @Test func itAnswersAndLeavesNothingBehind() async throws {
        let first = try await RedisProcess.start(
            environment: self.environment, logPath: nil, guardExecutable: BuiltProducts.gqlconform)
        let second = try await RedisProcess.start(
            environment: self.environment, logPath: nil, guardExecutable: BuiltProducts.gqlconform)
        #expect(first.port != second.port)
        #expect(first.url == "redis://127.0.0.1:\(first.port)/0")
        #expect(isAlive(first.process.processID) && isAlive(second.process.processID))
        let line = "\(BuiltProducts.gqlconform)"
        #expect(!processes(withCommandLineContaining: line).isEmpty)
        await first.stop()
        await second.stop()
        #expect(!isAlive(first.process.processID) && !isAlive(second.process.processID))
        #expect(first.process.exit == .code(0))
    }

    @Test func withoutTheProgramItSaysWhatToInstall() async throws {
        let error = await #expect(throws: HarnessError.self) {
            try await RedisProcess.start(
                environment: ["PATH": ""], logPath: nil, guardExecutable: BuiltProducts.gqlconform)
        }
        #expect(
            error?.description
                == "redis-server is not in PATH: install it (Debian, Ubuntu: apt-get install redis-server) and run again."
        )
    }
}
