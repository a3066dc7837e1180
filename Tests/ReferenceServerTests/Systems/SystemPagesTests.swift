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
        /// What is said over a WebSocket: `> ` by the client, `< ` by the server. Blocks of one place are one socket.
        case conversation(place: String, [String])
    }

    private static func blocks(of page: String) throws -> [Block] {
        let text = try String(contentsOf: self.pages.appendingPathComponent(page + ".md"), encoding: .utf8)
        return try text.matches(of: /(?ms)^```([^\n]*)\n(.*?)^```$/).map { match in
            let lines = match.2.split(separator: "\n").map(String.init)
            let words = match.1.split(separator: " ")
            switch words.first {
            case "sh": return .command(String(match.2))
            case "text": return .shown(lines)
            case "json": return .conversation(place: String(try #require(words.last)), lines)
            default: throw NeverHappened(description: "\(page): what is to be done with a block of \(match.1)?")
            }
        }
    }

    @Test("The commands in the text are those that are there")
    func commandsInText() throws {
        var commands: Set<String> = []
        for page in try FileManager.default.contentsOfDirectory(atPath: self.pagesPath) {
            let text = try String(contentsOfFile: "\(self.pagesPath)/\(page)", encoding: .utf8)
                .replacing(/(?ms)^```.*?^```$/, with: "")
            commands.formUnion(
                text.matches(of: /`((?:make|wscat|reference-server|gqlconform) [^`]*)`/).map { String($0.1) })
        }
        // `make serve` is played by `serves`; each conversation is what `wscat` shows.
        #expect(
            commands == [
                #"make serve ARGS="--seed-data""#, "reference-server publish …", "reference-server publish",
                "gqlconform watch", "wscat -c ws://127.0.0.1:4000/graphql -s graphql-transport-ws",
                "wscat -c ws://127.0.0.1:4000/api/v1/realtime/ws/jobs/job-1",
            ])
    }

    private var pagesPath: String { Self.pages.path }

    @Test(
        "make serve starts a server with data and events, and a Redis for it, and takes both away again",
        .enabled(if: Executable.find("python3") != nil, "python3 is not installed"))
    func serves() async throws {
        let port = try Executable.freePort()
        let output = OutputFile()
        let process = Process()
        // Signals are blocked in threads of tests, and what they start inherits that; a shell is to be ended by one.
        process.executableURL = URL(fileURLWithPath: try #require(Executable.find("python3")))
        process.arguments = [
            "-c",
            "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execv(sys.argv[1], sys.argv[1:])",
            Self.pages.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts/serve")
                .path, "--port", "\(port)", "--seed-data", "--simulate",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "BIN": URL(fileURLWithPath: ServerProcess.path).deletingLastPathComponent().path,
            // Nothing answers here.
            "REDIS_URL": "redis://127.0.0.1:\(try Executable.freePort())/0",
        ]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output.handle
        process.standardError = output.handle
        try process.run()
        defer { if process.isRunning { kill(process.processIdentifier, SIGTERM) } }
        try await eventually("it listens: \(output.text)", within: .seconds(30)) {
            output.text.contains("reference-server listening on http://127.0.0.1:\(port)/graphql")
        }
        let redis = try #require(output.text.firstMatch(of: /started a private Redis on port (\d+)/)).1
        try await eventually("events happen", within: .seconds(60)) {
            try RawHTTP.request(
                "POST", "/graphql", port: port,
                body:
                    #"{"query":"{ jobs services { name } customer(id: \"105\") { networkStatus { connectionStatus } } }"}"#
            ).body.contains(
                #""services":[{"name":"Mail"},{"name":"Television"},{"name":"Voice"}],"customer":{"networkStatus":{"connectionStatus":""#
            )
                && output.text.contains("Simulating seed=1")
        }
        #expect(try RawHTTP.request("GET", "/", port: port).body.contains("<title>Realtime operations</title>"))
        kill(process.processIdentifier, SIGTERM)
        try await eventually("it ends", within: .seconds(30)) { !process.isRunning }
        try await eventually("its server ends", within: .seconds(30)) {
            (try? RawSocket(port: port)) == nil
        }
        try await eventually("its Redis ends", within: .seconds(30)) {
            (try? RawSocket(port: Int(redis) ?? 0)) == nil
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
        var sockets: [String: RawWebSocket] = [:]
        for block in try Self.blocks(of: name) {
            switch block {
            case .conversation(let place, let lines):
                let socket = try sockets[place] ?? Self.open(place, server)
                sockets[place] = socket
                try await Self.converse(lines, socket, server, redis)
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

    /// A socket of a subprotocol at `/graphql`, or one at a path.
    private static func open(_ place: String, _ server: ServerProcess) throws -> RawWebSocket {
        place.hasPrefix("/")
            ? try RawWebSocket(port: server.port, path: place, subprotocol: "none")
            : try RawWebSocket(port: server.port, subprotocol: place)
    }

    private static func converse(
        _ lines: [String], _ socket: RawWebSocket, _ server: ServerProcess, _ redis: RedisServer
    ) async throws {
        for line in lines {
            let message = String(line.dropFirst(2))
            if line.hasPrefix("< ") {
                #expect(try socket.receive() == .text(message))
            } else {
                try #require(line.hasPrefix("> "), "\(line)")
                let open = try Self.subscriptions(of: server)
                try socket.send(message)
                // An operation that is begun last is to be there before anything is published.
                guard line == lines.last, message.contains(#""query":"#) else { continue }
                try await eventually("subscribed") { try Self.subscriptions(of: server) > open }
                try await Self.settled(redis)
            }
        }
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
