import Foundation
import TestSupport
import Testing

@testable import reference_server

@Suite("Settings from a file", .timeLimit(.minutes(1)))
struct ReloadTests {
    private static let names = ["max-connections", "retry-after"]

    @Test("Names and values, one a line")
    func parse() throws {
        let entries = try ConfigFile.parse(
            "# limits\n\n  max-connections =  5 \r\nretry-after=2s", file: "f", names: Self.names)
        #expect(
            entries == [
                .init(name: "max-connections", value: "5", line: 3), .init(name: "retry-after", value: "2s", line: 4),
            ])
    }

    @Test(
        "A mistake is named with its line",
        arguments: [
            ("x", "f:1: expected name = value"), ("\nport = 1", "f:2: 'port' is none of the settings of this file"),
            ("max-connections =", "f:1: max-connections has no value"),
            ("max-connections = 1\nmax-connections = 2", "f:2: max-connections comes twice"),
        ])
    func mistakes(text: String, sentence: String) {
        #expect(
            performing: {
                _ = try ConfigFile.parse(text, file: "f", names: Self.names)
            }, throws: { "\($0)".contains(sentence) })
    }

    @Test("The file comes first, then the environment, then the arguments")
    func precedence() throws {
        let file = try TemporaryFile("max-connections = 5\nmax-connections-per-user = 6\nretry-after = 7s\n")
        let settings = try Settings.read(
            ["--config", file.path, "--retry-after", "9s"],
            environment: ["REFERENCE_SERVER_MAX_CONNECTIONS_PER_USER": "8"])
        #expect(settings.limits.maxConnections == .limit(5))
        #expect(settings.limits.maxConnectionsPerUser == .limit(8))
        #expect(settings.limits.retryAfter == 9)
    }

    @Test("SIGHUP reads the file again; a bad file changes nothing")
    func reload() async throws {
        let file = try TemporaryFile("max-connections = 1\n")
        let server = try await ServerProcess.start(["--bus", "memory", "--config", file.path])
        let first = try RawWebSocket(port: server.port)
        #expect(try self.isRefused(server))
        try file.write("max-connections = 1\nmax-connections = x\n")
        server.hangUp()
        try await eventually("the mistake is logged") { server.log.contains("Settings not reloaded") }
        #expect(server.log.contains(":2: "))
        #expect(try self.isRefused(server))
        try file.write("max-connections = 2\n")
        server.hangUp()
        try await eventually("the settings are reloaded") { server.log.contains("Settings reloaded") }
        #expect(try !self.isRefused(server))
        try first.close()
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    private func isRefused(_ server: ServerProcess) throws -> Bool {
        do {
            try RawWebSocket(port: server.port).close()
            return false
        } catch let failure as RawSocket.Failure {
            return failure.description.hasPrefix("HTTP/1.1 429 ")
        }
    }
}

/// A file that goes with its owner.
private final class TemporaryFile {
    let path: String

    init(_ text: String) throws {
        self.path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try self.write(text)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self.path), options: .atomic)
    }
}
