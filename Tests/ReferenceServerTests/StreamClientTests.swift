import TestSupport
import Testing

/// Programs that may be there.
private enum Installed {
    static let browser = Executable.find("chromium") ?? Executable.find("chromium-browser")
    static let python = Executable.find("python3")
}

@Suite("Clients of event streams and of HTTP", .timeLimit(.minutes(5)))
struct StreamClientTests {
    @Test("Python's gql runs operations over HTTP, and httpx-sse reads streams and leaves one")
    func pythonClients() async throws {
        do {
            try PythonClient.prepare()
        } catch let missing as PythonClient.Missing {
            try Test.cancel("skipped, needs gql and httpx-sse from PyPI: \(missing)")
        }
        let server = try await ServerProcess.start(["--bus", "memory", "--test-mode"])
        let result = try await ClientScript.run(
            PythonClient.python, "sse_client.py", ["http://127.0.0.1:\(server.port)"])
        #expect(result.status == 0, "\(result.complaints)")
        #expect(
            result.lines == [
                #"{"hello": "world"}"#, #"{"increment": 1}"#,
                #"["next", "{\"data\":{\"echo\":\"a\\nb\u2028\u00e9\"}}"]"#, #"["complete", ""]"#,
                #"["next", "{\"data\":{\"count\":1}}"]"#, #"["next", "{\"data\":{\"count\":2}}"]"#,
                #"["complete", ""]"#, "1", "0",
            ])
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    @Test(
        "Chromium subscribes with EventSource, and with WebSocket and both subprotocols",
        .enabled(
            if: Installed.browser != nil && Installed.python != nil, "chromium or python3 is not installed: make setup")
    )
    func browserClients() async throws {
        // The page comes from another port, so from another origin, and the browser asks the server about it.
        let page = try Executable.freePort()
        let server = try await ServerProcess.start(
            ["--bus", "memory", "--test-mode", "--allowed-origins", "http://127.0.0.1:\(page)"])
        let lines = try await self.browse(server, page: page)
        let counts = 1...3
        #expect(
            lines
                == [#"fetch 200 {"data":{"hello":"world"}}"#]
                + counts.map { #"event-source next {"data":{"count":\#($0)}}"# } + ["event-source complete []"]
                + Self.socket("graphql-transport-ws", "next") + Self.socket("graphql-ws", "data"))
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    @Test(
        "Chromium lets a page from elsewhere do nothing, since the server does not allow it",
        .enabled(
            if: Installed.browser != nil && Installed.python != nil, "chromium or python3 is not installed: make setup")
    )
    func browserFromElsewhere() async throws {
        let server = try await ServerProcess.start(
            ["--bus", "memory", "--test-mode", "--allowed-origins", "https://app.example"])
        #expect(
            try await self.browse(server, page: Executable.freePort()) == [
                "fetch TypeError", "event-source error", "graphql-transport-ws closed 1006 false",
                "graphql-ws closed 1006 false",
            ])
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    /// What the page reports that is opened on that port.
    private func browse(_ server: ServerProcess, page: Int) async throws -> [String] {
        let result = try await ClientScript.run(
            try #require(Installed.python), "browser_client.py",
            [try #require(Installed.browser), "127.0.0.1:\(server.port)", "\(page)"], within: .seconds(180))
        #expect(result.status == 0, "\(result.complaints)")
        return result.lines
    }

    /// What the page reports of one WebSocket.
    private static func socket(_ subprotocol: String, _ type: String) -> [String] {
        let messages =
            [#"{"type":"connection_ack"}"#]
            + (1...3).map { #"{"id":"1","type":"\#(type)","payload":{"data":{"count":\#($0)}}}"# }
            + [#"{"id":"1","type":"complete"}"#]
        return (["open \(subprotocol)"] + messages + ["closed 1000 true"]).map { "\(subprotocol) \($0)" }
    }
}
