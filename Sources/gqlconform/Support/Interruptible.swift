import ConformanceKit
import Foundation

/// Work that ends early, but in good order, when the user interrupts it.
enum Interruptible {
    /// Runs the body; the first SIGINT or SIGTERM throws the switch and cancels it, the second ends the process.
    static func run<Result: Sendable>(
        _ body: @escaping @Sendable (StopSwitch) async throws -> Result
    ) async throws -> Result {
        let stop = StopSwitch()
        let interrupts = Interrupts()
        let work = Task { try await body(stop) }
        let watch = Task {
            await interrupts.wait()
            guard !Task.isCancelled else { return }
            stop.request("it was interrupted")
            Console.complain("\nInterrupted: stopping the server and writing what there is.")
            work.cancel()
            await interrupts.wait()
            guard !Task.isCancelled else { return }
            exit(RunExit.harness.rawValue)
        }
        defer { watch.cancel() }
        return try await work.value
    }
}

extension Here {
    /// What the processes of a run are started with.
    static func setting(logDirectory: String?) -> TestBed.Setting {
        TestBed.Setting(
            environment: self.environment, gqlconform: self.executable, logDirectory: logDirectory,
            secret: (0..<32).map { _ in String(UInt8.random(in: 16...255), radix: 16) }.joined())
    }
}
