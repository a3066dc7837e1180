import Foundation
import TestSupport
import Testing

/// Runs the commands in `docs/systems`, and looks for what they are said to show.
@Suite(
    "Commands in the pages of the systems",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .enabled(if: Executable.find("curl") != nil, "curl is not installed: make setup"), .timeLimit(.minutes(3)))
struct SystemPagesTests {
    private static let pages = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/systems")

    private enum Block: Equatable {
        case command(String)
        case shown([String])
    }

    private static func blocks(of page: String) throws -> [Block] {
        let text = try String(contentsOf: self.pages.appendingPathComponent(page + ".md"), encoding: .utf8)
        return text.matches(of: /(?ms)^```(sh|text)\n(.*?)^```$/).map { match in
            match.1 == "sh"
                ? .command(String(match.2)) : .shown(match.2.split(separator: "\n").map(String.init))
        }
    }

    @Test(
        "Every command works and shows what the page says",
        arguments: ["customers", "services", "tickets", "documents", "operations"])
    func page(name: String) async throws {
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(
            ["--seed-data", "--redis-url", "redis://127.0.0.1:\(redis.port)"])
        try await eventually("seed data") {
            try redis.command("EXISTS", "public:records:documents", "public:records:tickets") == "2"
                && redis.command("HLEN", "public:records:documents") == "2"
        }
        var watchers: [Process] = []
        defer { for watcher in watchers where watcher.isRunning { kill(watcher.processIdentifier, SIGTERM) } }
        let output = OutputFile()
        var commands = 0
        for block in try Self.blocks(of: name) {
            switch block {
            case .shown(let lines):
                for line in lines {
                    try await eventually("\(name) shows \(line), not only \(output.text)") {
                        output.text.contains(line)
                    }
                }
            case .command(let command):
                commands += 1
                let process = try Self.start(command, server, redis, output)
                if command.hasPrefix("curl -sN ") {
                    watchers.append(process)
                    // The operations streams say so themselves, and are no subscriptions.
                    if command.contains("/api/v1/realtime/") {
                        try await eventually("connected") { output.text.contains("event: connected") }
                        continue
                    }
                    let open = watchers.count
                    try await eventually("watching") {
                        // A stream that is complete at once is not open any more.
                        try !watchers[open - 1].isRunning
                            || Self.subscriptions(of: server) >= watchers.count { $0.isRunning }
                    }
                    try await Self.settled(redis)
                } else {
                    try await eventually("\(command) ends", within: .seconds(20)) { !process.isRunning }
                    #expect(process.terminationStatus == 0, "\(command)")
                }
            }
        }
        #expect(commands >= 2)
        server.terminate()
        redis.kill()
    }

    /// The command for the servers of this test.
    private static func start(
        _ command: String, _ server: ServerProcess, _ redis: RedisServer, _ output: OutputFile
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            command.replacing("127.0.0.1:4000", with: "127.0.0.1:\(server.port)")
                .replacing("redis-cli ", with: "redis-cli -p \(redis.port) ")
                .replacing("reference-server ", with: ServerProcess.path + " "),
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["REFERENCE_SERVER_REDIS_URL": "redis://127.0.0.1:\(redis.port)"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output.handle
        process.standardError = output.handle
        try process.run()
        return process
    }

    private static func subscriptions(of server: ServerProcess) throws -> Int {
        let body = try RawHTTP.request("GET", "/metrics", port: server.port).body
        return body.firstMatch(of: /(?m)^[a-z_]*subscriptions (\d+)$/).flatMap { Int($0.1) } ?? 0
    }

    /// Redis has confirmed what it was asked for: its channels are the same twice.
    private static func settled(_ redis: RedisServer) async throws {
        var before: [String]?
        try await eventually("channels") {
            let now = try redis.channels()
            defer { before = now }
            return now == before
        }
    }
}
