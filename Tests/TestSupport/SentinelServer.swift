import Foundation
import Synchronization

/// A Sentinel of the test's own: a child process on a free port that decides alone.
package final class SentinelServer: Sendable {
    /// What it calls the primary.
    package static let service = "events"

    /// The port on 127.0.0.1.
    package let port: Int
    private let directory: String
    private let process = Mutex<Process?>(nil)

    /// Starts a Sentinel that watches a primary, and waits until it answers.
    ///
    /// - Parameters:
    ///   - primary: The primary's port.
    ///   - patience: After how many milliseconds without an answer the primary counts as down.
    ///   - options: More lines of its configuration.
    package static func start(
        watching primary: Int, patience: Int, options: [String] = []
    ) async throws -> SentinelServer {
        let sentinel = try SentinelServer()
        try sentinel.run(
            [
                "port \(sentinel.port)", "bind 127.0.0.1", "dir \(sentinel.directory)",
                "sentinel monitor \(Self.service) 127.0.0.1 \(primary) 1",
                "sentinel down-after-milliseconds \(Self.service) \(patience)",
                "sentinel failover-timeout \(Self.service) 6000",
            ] + options)
        try await eventually("the Sentinel answers", within: .seconds(20)) {
            (try? sentinel.command("PING")) == "PONG"
        }
        return sentinel
    }

    private init() throws {
        self.port = try Executable.freePort()
        self.directory = NSTemporaryDirectory() + "/sentinel-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
    }

    deinit {
        self.kill()
    }

    private func run(_ lines: [String]) throws {
        guard let path = Executable.find("redis-server") else {
            throw NeverHappened(description: "redis-server is not installed")
        }
        // It writes what it learns into the file.
        let file = self.directory + "/sentinel.conf"
        try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = [file, "--sentinel"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
    }

    /// SIGKILL; removes its files.
    package func kill() {
        let process = self.process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let process else { return }
        if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: self.directory)
    }

    /// Runs one command with redis-cli.
    @discardableResult
    package func command(_ arguments: String...) throws -> String {
        guard let path = Executable.find("redis-cli") else {
            throw NeverHappened(description: "redis-cli is not installed")
        }
        return try Executable.run(path, ["-p", "\(self.port)"] + arguments).output
    }

    /// The port of the primary, as it knows.
    package func primary() throws -> Int? {
        try self.command("SENTINEL", "get-master-addr-by-name", Self.service).split(separator: "\n").last
            .flatMap { Int($0) }
    }

    /// How many replicas it could promote.
    package func replicas() throws -> Int {
        try self.command("SENTINEL", "replicas", Self.service).split(separator: "\n").count {
            $0 == "master-link-status"
        }
    }
}
