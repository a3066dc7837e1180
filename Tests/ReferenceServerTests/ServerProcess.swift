import Foundation
import Synchronization
import TestSupport

/// The built reference server as a child process.
final class ServerProcess: Sendable {
    /// Where the build put it: beside the tests.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("reference-server").path
    }()

    /// The port it listens on.
    let port: Int
    /// The line that it printed.
    let announcement: String
    private let process: Mutex<Process>
    private let errors: OutputFile

    /// Starts a server on a free port and waits until it accepts.
    static func start(_ arguments: [String], environment: [String: String] = [:]) async throws -> ServerProcess {
        let output = OutputFile()
        let errors = OutputFile()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.path)
        process.arguments = ["--port", "0"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output.handle
        process.standardError = errors.handle
        try process.run()
        do {
            try await eventually("reference-server accepts") { output.text.hasSuffix("\n") || !process.isRunning }
        } catch {
            Foundation.kill(process.processIdentifier, SIGKILL)
            throw error
        }
        let line = output.text.trimmingCharacters(in: .newlines)
        guard let match = line.firstMatch(of: /listening on https?:\/\/127\.0\.0\.1:(\d+)\/graphql/),
            let port = Int(match.1)
        else {
            throw NeverHappened(description: "reference-server said \"\(line)\" and \"\(errors.text)\"")
        }
        return ServerProcess(process, port: port, announcement: line, errors: errors)
    }

    /// Runs it to its end, as with wrong usage.
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String, errors: String) {
        try Executable.run(self.path, arguments, environment: environment)
    }

    private init(_ process: Process, port: Int, announcement: String, errors: OutputFile) {
        self.process = Mutex(process)
        self.port = port
        self.announcement = announcement
        self.errors = errors
    }

    deinit {
        self.process.withLock { process in
            if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
        }
    }

    /// What it has logged.
    var log: String { self.errors.text }

    /// Sends SIGTERM.
    func terminate() {
        self.process.withLock { _ = Foundation.kill($0.processIdentifier, SIGTERM) }
    }

    /// Sends SIGKILL.
    func kill() {
        self.process.withLock { _ = Foundation.kill($0.processIdentifier, SIGKILL) }
    }

    /// Sends SIGHUP.
    func hangUp() {
        self.process.withLock { _ = Foundation.kill($0.processIdentifier, SIGHUP) }
    }

    /// The exit code, once it has ended; -1 for the end by a signal.
    func exitCode(within limit: Duration = .seconds(10)) async throws -> Int32 {
        try await eventually("reference-server ends", within: limit) { self.process.withLock { !$0.isRunning } }
        return self.process.withLock { $0.terminationReason == .exit ? $0.terminationStatus : -1 }
    }

    /// The status of `/health/ready`.
    func readiness() throws -> Int {
        try RawHTTP.request("GET", "/health/ready", port: self.port).status
    }
}

/// A file that a child process writes to; unlike a pipe it never fills up.
final class OutputFile: Sendable {
    private let path: String
    let handle: FileHandle

    init() {
        self.path = NSTemporaryDirectory() + "/output-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: self.path, contents: nil)
        self.handle = FileHandle(forWritingAtPath: self.path) ?? .nullDevice
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    var text: String { (try? String(contentsOfFile: self.path, encoding: .utf8)) ?? "" }
}
