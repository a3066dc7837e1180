import Foundation
import Synchronization

/// A Redis of the test's own: a child process on a free port, which keeps nothing on disk.
package final class RedisServer: Sendable {
    /// Whether there is a Redis to start. Where there is not, suites that need one are skipped.
    package static let isInstalled = Executable.find("redis-server") != nil && Executable.find("redis-cli") != nil

    /// The port on 127.0.0.1; the same after `restart()`.
    package let port: Int
    private let password: String?
    private let options: [String]
    private let process = Mutex<Process?>(nil)

    /// Starts a server and waits until it answers.
    ///
    /// - Parameter options: More arguments for redis-server; the last of the same name counts.
    package static func start(password: String? = nil, options: [String] = []) async throws -> RedisServer {
        let server = RedisServer(port: try Executable.freePort(), password: password, options: options)
        try await server.restart()
        return server
    }

    private init(port: Int, password: String?, options: [String]) {
        self.port = port
        self.password = password
        self.options = options
    }

    deinit {
        self.process.withLock { $0 }.map { _ = Foundation.kill($0.processIdentifier, SIGKILL) }
    }

    /// Starts the server again after `kill()`.
    package func restart() async throws {
        guard let path = Executable.find("redis-server") else {
            throw NeverHappened(description: "redis-server is not installed")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = [
            "--port", "\(self.port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", NSTemporaryDirectory(),
        ]
        if let password = self.password { process.arguments? += ["--requirepass", password] }
        process.arguments? += self.options
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        try await eventually("redis-server answers") { (try? self.command("PING")) == "PONG" }
    }

    /// SIGKILL, and waits until the process is gone.
    package func kill() {
        self.signal(SIGKILL)
        self.process.withLock { $0 }?.waitUntilExit()
    }

    /// SIGSTOP: connections stay, new ones are still accepted by the kernel, nothing is answered.
    package func hang() { self.signal(SIGSTOP) }

    /// Ends `hang()`.
    package func wake() { self.signal(SIGCONT) }

    private func signal(_ number: Int32) {
        guard let process = self.process.withLock({ $0 }), process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, number)
    }

    /// Runs one command with redis-cli and returns the reply as it prints it when not on a terminal.
    @discardableResult
    package func command(_ arguments: String...) throws -> String {
        guard let path = Executable.find("redis-cli") else {
            throw NeverHappened(description: "redis-cli is not installed")
        }
        let environment = self.password.map { ["REDISCLI_AUTH": $0] } ?? [:]
        return try Executable.run(path, ["-p", "\(self.port)"] + arguments, environment: environment).output
    }

    /// How many links hold the channel (PUBSUB NUMSUB).
    package func subscriberCount(of channel: String) throws -> Int {
        let lines = try self.command("PUBSUB", "NUMSUB", channel).split(separator: "\n")
        return lines.last.flatMap { Int($0) } ?? -1
    }

    /// The channels that anybody holds (PUBSUB CHANNELS).
    package func channels() throws -> [String] {
        try self.command("PUBSUB", "CHANNELS").split(separator: "\n").map(String.init).sorted()
    }
}
