import Foundation
import Synchronization
import TestSupport

/// The Python client `Tests/Clients/gql_client.py` as a child process, with its packages in `.build/venv`.
struct PythonClient {
    /// The packages cannot be had here.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let environment = Self.root.appendingPathComponent(".build/venv")
    /// The Python of the environment.
    static let python = Self.environment.appendingPathComponent("bin/python").path
    private static let clients = Self.root.appendingPathComponent("Tests/Clients")

    private let process: Process
    private let input = Pipe()
    private let output = OutputFile()
    private let errors = OutputFile()

    private static let preparation = Mutex(())

    /// Makes the environment unless it is there already.
    ///
    /// - Throws: `Missing` when there is no Python, or the packages cannot be fetched.
    static func prepare() throws {
        try self.preparation.withLock { _ in try self.makeEnvironment() }
    }

    /// Publishes a network status with redis-py; returns the number of receivers that it prints.
    static func publishNetworkStatus(customer: String, redisPort: Int) throws -> String {
        let script = self.clients.appendingPathComponent("publish_network_status.py").path
        let ended = try Executable.run(
            self.environment.appendingPathComponent("bin/python").path, [script, "\(redisPort)", customer])
        return ended.status == 0 ? ended.output : ended.errors
    }

    private static func makeEnvironment() throws {
        let wanted = try String(contentsOf: self.clients.appendingPathComponent("requirements.txt"), encoding: .utf8)
        // Written last, so a half-made environment is made again.
        let mark = self.environment.appendingPathComponent("complete.txt")
        guard (try? String(contentsOf: mark, encoding: .utf8)) != wanted else { return }
        guard let python = Executable.find("python3") else { throw Missing(description: "python3 is not installed") }
        let made = try Executable.run(python, ["-m", "venv", "--clear", self.environment.path])
        guard made.status == 0 else {
            throw Missing(description: "python3 -m venv failed: \(Self.lastLine(made.output + "\n" + made.errors))")
        }
        let installed = try Executable.run(
            self.environment.path + "/bin/python",
            [
                "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement",
                self.clients.appendingPathComponent("requirements.txt").path,
            ])
        guard installed.status == 0 else {
            throw Missing(description: "the packages cannot be installed: \(Self.lastLine(installed.errors))")
        }
        try wanted.write(to: mark, atomically: true, encoding: .utf8)
    }

    private static func lastLine(_ text: String) -> String {
        text.split(separator: "\n").last.map(String.init) ?? "no reason given"
    }

    /// Starts the client; it waits for events at once.
    init(port: Int, customer: String, events: Int, subprotocol: String) throws {
        self.process = Process()
        self.process.executableURL = Self.environment.appendingPathComponent("bin/python")
        self.process.arguments = [
            Self.clients.appendingPathComponent("gql_client.py").path, "ws://127.0.0.1:\(port)/graphql", customer,
            "\(events)", subprotocol,
        ]
        self.process.standardInput = self.input
        self.process.standardOutput = self.output.handle
        self.process.standardError = self.errors.handle
        try self.process.run()
    }

    /// The lines that it has printed so far.
    var lines: [String] { self.output.text.split(separator: "\n").map(String.init) }

    /// What it has complained about.
    var complaints: String { self.errors.text }

    /// Whether it has not ended.
    var isRunning: Bool { self.process.isRunning }

    /// Lets it close its connection and end; returns its exit code.
    func finish() async throws -> Int32 {
        try self.input.fileHandleForWriting.close()
        try await eventually("the client ends") { !self.process.isRunning }
        return self.process.terminationStatus
    }

    /// Ends it, whatever it does.
    func kill() {
        if self.process.isRunning { _ = Foundation.kill(self.process.processIdentifier, SIGKILL) }
    }
}
