import Foundation
import TestSupport

/// `gqlconform` as a user runs it.
struct Tool {
    /// The working directory, with a suite in `suite` and profiles beside it; removed with `remove()`.
    let directory: String
    /// Unique, so that processes started with it can be found.
    let marker: String

    init() throws {
        self.marker = "gqlconform-tool-\(UInt64.random(in: 0 ... .max))"
        self.directory = NSTemporaryDirectory() + self.marker
        try FileManager.default.createDirectory(
            atPath: self.directory + "/suite/transport-ws", withIntermediateDirectories: true)
        try self.write("suite/transport-ws/ack.yaml", Self.ack)
        try self.write("suite/transport-ws/double-init.yaml", Self.doubleInit)
        try self.write("reference.yaml", Self.referenceProfile)
        try self.write(
            "ack-server.yaml", Self.profile(command: #"["{{bin}}/gqlconform", null-server, ack, --port, "{{port}}"]"#))
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: self.directory)
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: self.directory + "/" + name, atomically: true, encoding: .utf8)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: self.directory + "/" + name, encoding: .utf8)
    }

    /// What a finished run left.
    struct Result {
        var status: Int32
        var output: String
        var errors: String

        var lastLine: String { String(self.output.split(separator: "\n").last ?? "") }
    }

    /// Starts the tool; its temporary files go below the directory.
    func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Subprocess {
        var all = ProcessInfo.processInfo.environment
        all["GITHUB_ACTIONS"] = nil
        all["TMPDIR"] = self.directory
        return try Subprocess(
            BuiltProducts.gqlconform, arguments, environment: all.merging(environment) { _, new in new },
            directory: self.directory, outputDirectory: self.directory)
    }

    /// Runs the tool to its end.
    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Result {
        await self.finish(try self.start(arguments, environment: environment))
    }

    /// Waits for the end of a run.
    func finish(_ run: Subprocess) async -> Result {
        let status = await run.waitForExit()
        return Result(status: status, output: run.output, errors: run.errors)
    }

    static func profile(command: String, ready: String = "{line: listening, within: 20s}", more: String = "") -> String
    {
        """
        server: {name: some-server, version: 1.0.0}
        start:
          command: \(command)
          ready: \(ready)
        endpoints:
          transport-ws: {url: "ws://127.0.0.1:{{port}}/graphql"}
        \(more)
        """
    }

    static let referenceProfile = """
        server: {name: reference-server, version: 0.1.0}
        start:
          command:
            ["{{bin}}/reference-server", --port, "{{port}}", --redis-url, "{{redis.url}}", --init-timeout, 800ms, --test-mode]
          ready: {http: /health/ready, within: 20s}
          mutants: {arguments: [--mutant, "{{mutant}}"], list: ["{{bin}}/reference-server", --list-mutants]}
        endpoints:
          transport-ws: {url: "ws://127.0.0.1:{{port}}/graphql"}
        """

    static let ack = """
        id: transport-ws/ack
        uid: GC-9001
        title: An init is acknowledged
        level: MUST
        source: "graphql-transport-ws, ConnectionAck"
        matrix: {turn: [first, second]}
        kills: [no-ack-without-payload]
        steps:
          - connect: {as: c1}
          - init: {conn: c1}
          - expect: {conn: c1, type: connection_ack}
        """

    static let doubleInit = """
        id: transport-ws/double-init
        uid: GC-9002
        title: A second init closes with 4429
        level: MUST
        source: "graphql-transport-ws, ConnectionInit"
        kills: [second-init-ignored]
        steps:
          - open: {as: c1}
          - init: {conn: c1}
          - expect_close: {conn: c1, code: 4429}
        """
}
