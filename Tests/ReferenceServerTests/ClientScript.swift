import Foundation
import TestSupport

/// The programs in `Tests/Clients` that run to their end.
enum ClientScript {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Clients")

    /// Runs one with a Python; ends it when it takes longer.
    /// - Returns: its exit code, the lines that it printed, and what it complained about.
    static func run(
        _ python: String, _ script: String, _ arguments: [String], within limit: Duration = .seconds(120)
    ) async throws -> (status: Int32, lines: [String], complaints: String) {
        let process = Process()
        let (output, errors) = (OutputFile(), OutputFile())
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [self.folder.appendingPathComponent(script).path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output.handle
        process.standardError = errors.handle
        try process.run()
        defer {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        try await eventually("\(script) ends", within: limit) { !process.isRunning }
        return (
            process.terminationStatus, output.text.split(separator: "\n").map(String.init),
            errors.text.trimmingCharacters(in: .newlines)
        )
    }
}
