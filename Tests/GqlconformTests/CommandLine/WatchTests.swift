import Foundation
import TestSupport
import Testing

/// `gqlconform watch` against the reference server, both as processes.
@Suite(.serialized) struct WatchTests {
    /// A server on a port of its own choice, or on a given one.
    private struct Server {
        let process: Subprocess
        let port: Int

        init(_ tool: Tool, port: Int = 0, bus: [String] = ["--bus", "memory"]) async throws {
            let process = try Subprocess(
                BuiltProducts.referenceServer, bus + ["--test-mode", "--port", "\(port)"],
                environment: ProcessInfo.processInfo.environment, outputDirectory: tool.directory)
            self.process = process
            try await eventually("the server listens") { process.output.contains("listening on") || !process.isRunning }
            let address = try #require(process.output.firstMatch(of: #/http://127\.0\.0\.1:(\d+)\//#))
            self.port = try #require(Int(address.1))
        }

        func stop() async {
            self.process.signal(SIGKILL)
            _ = await self.process.waitForExit()
        }
    }

    private static let count = "subscription { count(to: 3, ms: 10) }"

    @Test(arguments: ["transport-ws", "legacy-ws"])
    func printsALineForEachEvent(transport: String) async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let server = try await Server(tool)
        let result = try await tool.run([
            "watch", "ws://127.0.0.1:\(server.port)/graphql", "--transport", transport, "--query", Self.count,
        ])
        await server.stop()
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 3)
        for (number, line) in lines.enumerated() {
            #expect(line.hasSuffix(#""type":"next","payload":{"data":{"count":\#(number + 1)}}}"#))
            #expect(line.contains(#/^\{"received":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",/#))
        }
        #expect(result.errors.contains("connected\n"))
    }

    @Test func endsWithOneWhenTheOperationIsRefused() async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let server = try await Server(tool)
        let url = "ws://127.0.0.1:\(server.port)/graphql"
        let result = try await tool.run(["watch", url, "--query", "subscription { nothing }"])
        #expect(result.status == 1)
        #expect(result.errors.contains(#"the server refused the operation: Cannot query field "nothing""#))
        let stopped = try await tool.run([
            "watch", url, "--query", "subscription { count(to: 1000, ms: 10) }", "--count", "2",
        ])
        #expect(stopped.status == 0 && stopped.output.split(separator: "\n").count == 2)
        await server.stop()
    }

    @Test func saysWhyItCannotConnectAndGivesUp() async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let result = try await tool.run(["watch", "ws://127.0.0.1:1/", "--query", "{ a }", "--attempts", "1"])
        #expect(result.status == 1)
        #expect(result.errors.contains("connection refused; connecting again in 1 s (attempt 1 of 1)"))
        #expect(result.errors.hasSuffix("error: gave up after 1 attempt: connection refused\n"))
    }

    @Test(arguments: [
        (["watch", "127.0.0.1:4000"], "is no URL"),
        (["watch", "ws://x/", "--variables", "{}"], "--variables needs --query"),
        (["watch", "ws://x/", "--query", "{a}", "--variables", "[]"], "must be a JSON object"),
        (["watch", "ws://x/", "--transport", "sse"], "needs --query"),
        (["watch", "ws://x/", "--for", "soon"], "is no duration"),
        (["watch", "ws://x/", "--token-file", "/nowhere"], "cannot be read"),
        (["watch", "ws://x/", "--token-place", "pocket"], "is none of header, query, cookie, init"),
    ])
    func wrongUsageIsTold(_ arguments: [String], _ reason: String) async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let result = try await tool.run(arguments)
        #expect(result.status == 64)
        #expect(result.errors.contains(reason))
    }

    @Test(.enabled(if: Executable.find("script") != nil, "script is not installed"))
    func isForPeopleOnATerminal() async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let server = try await Server(tool)
        let command =
            "\(BuiltProducts.gqlconform) watch ws://127.0.0.1:\(server.port)/graphql --query '\(Self.count)'"
        // `script` gives the command a terminal, and takes its exit code.
        let result = try Executable.run(
            try #require(Executable.find("script")), ["-qefc", command, tool.directory + "/typescript"],
            environment: ["TZ": "UTC", "LC_ALL": "en_US.UTF-8", "LANG": "en_US.UTF-8"])
        let hours = [Date(), Date() - 60].map { Calendar(identifier: .gregorian).utcHour(of: $0) }
        await server.stop()
        #expect(result.status == 0, "\(result)")
        // Until the first line feed it is what happens to the connection.
        let lines = result.output.split(whereSeparator: \.isNewline).filter { $0.contains("next") }
        #expect(lines.count == 3, "\(result.output)")
        for (number, line) in lines.enumerated() {
            let match = try #require(
                line.wholeMatch(
                    of: /\u{1B}\[2m(\d\d):\d\d:\d\d\u{1B}\[0m  \u{1B}\[36mnext\u{1B}\[0m  (\{.*\})/), "\(line)")
            #expect(match.2 == #"{"data":{"count":\#(number + 1)}}"#)
            #expect(hours.contains(Int(match.1) ?? -1), "\(line)")
        }
    }

    @Test func goesOnThroughARestartOfTheServer() async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let first = try await Server(tool)
        let watch = try tool.start([
            "watch", "ws://127.0.0.1:\(first.port)/graphql", "--query", "subscription { count(to: 100000, ms: 20) }",
        ])
        try await eventually("events come") { watch.output.contains(#""count":3}"#) }
        await first.stop()
        try await eventually("it notices") { watch.errors.contains("connecting again in 1 s (attempt 1 of 10)") }
        let before = watch.output.split(separator: "\n").count
        let second = try await Server(tool, port: first.port)
        try await eventually("events come again") { watch.output.split(separator: "\n").count > before + 3 }
        watch.signal(SIGINT)
        #expect(await watch.waitForExit() == 0)
        await second.stop()
    }

    @Test(
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
        .timeLimit(.minutes(2)))
    func goesOnThroughARestartOfRedisAndOfTheServer() async throws {
        let tool = try Tool()
        defer { tool.remove() }
        let redis = try await RedisServer.start()
        let bus = ["--redis-url", "redis://127.0.0.1:\(redis.port)"]
        let first = try await Server(tool, bus: bus)
        let watch = try tool.start([
            "watch", "ws://127.0.0.1:\(first.port)/graphql", "--query",
            #"subscription { customerNoteUpdated(customerId: "7") { action } }"#,
        ])
        /// Publishes until the word arrives: whoever is not back yet misses it.
        func arrives(_ word: String) async throws {
            try await eventually("\(word) arrives; so far: \(watch.errors)", within: .seconds(40)) {
                _ = try? redis.command("PUBLISH", "public:customer:7:notes", #"{"action":"\#(word)"}"#)
                return watch.output.contains(#"{"action":"\#(word)"}"#)
            }
        }
        try await arrives("before")
        redis.kill()
        try await redis.restart()
        try await arrives("behind Redis")
        // Redis is the server's affair: the connection was never lost.
        #expect(!watch.errors.contains("connecting again"))
        await first.stop()
        try await eventually("it notices") { watch.errors.contains("connecting again in 1 s (attempt 1 of 10)") }
        let second = try await Server(tool, port: first.port, bus: bus)
        try await arrives("behind the server")
        watch.signal(SIGINT)
        #expect(await watch.waitForExit() == 0)
        await second.stop()
        redis.kill()
    }
}

extension Calendar {
    fileprivate func utcHour(of date: Date) -> Int {
        var calendar = self
        calendar.timeZone = .gmt
        return calendar.component(.hour, from: date)
    }
}
