import GraphQLCore
import NIOCore
import Testing

@testable import SubscriptionServer

/// Handshakes and HTTP over TCP.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    private static func request(replacing prefix: String, by lines: [String]) -> String {
        Wire.head(Wire.request.filter { !$0.hasPrefix(prefix) } + lines)
    }

    @Test func handshakeIsAnsweredProperly() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write(Wire.head(Wire.request + ["Sec-WebSocket-Extensions: x-foo; a=1"]))
                let head = try await wire.head().split(separator: "\r\n").map(String.init)
                #expect(head.first == "HTTP/1.1 101 Switching Protocols")
                #expect(
                    Set(head.dropFirst()) == [
                        "Upgrade: websocket", "Connection: Upgrade",
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                        "Sec-WebSocket-Protocol: graphql-transport-ws",
                    ])
                try await wire.initialise()
            }
        }
    }

    @Test func handshakeMayComeByteByByte() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                for byte in Wire.head(Wire.request).utf8 {
                    try await wire.write([byte])
                }
                #expect(try await wire.head().hasPrefix("HTTP/1.1 101 "))
                for byte in ClientFrame(text: #"{"type":"connection_init"}"#).bytes {
                    try await wire.write([byte])
                }
                #expect(try await wire.text() == #"{"type":"connection_ack"}"#)
            }
        }
    }

    @Test func framesBehindTheHandshakeAreNotLost() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                let frames = [#"{"type":"ping"}"#, #"{"type":"connection_init"}"#].flatMap {
                    ClientFrame(text: $0).bytes
                }
                try await wire.write(Array(Wire.head(Wire.request).utf8) + frames)
                #expect(try await wire.head().hasPrefix("HTTP/1.1 101 "))
                #expect(try await wire.text() == #"{"type":"pong"}"#)
                #expect(try await wire.text() == #"{"type":"connection_ack"}"#)
            }
        }
    }

    @Test func socketAfterAnotherRequestOnTheConnection() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n" + Wire.head(Wire.request))
                #expect(try await wire.head().hasPrefix("HTTP/1.1 200 "))
                #expect(try await wire.bytes(6) == Array("alive\n".utf8))
                #expect(try await wire.head().hasPrefix("HTTP/1.1 101 "))
                try await wire.initialise()
            }
        }
    }

    @Test(arguments: [
        ("GET", ["POST /graphql HTTP/1.1"], "405", "Allow: GET, POST"),
        ("GET", ["GET /graphql HTTP/1.0"], "400", ""),
        ("Connection", [], "400", ""), ("Upgrade", [], "400", ""),
        ("Sec-WebSocket-Key", [], "400", ""), ("Sec-WebSocket-Key", ["Sec-WebSocket-Key: c2hvcnQ="], "400", ""),
        ("Sec-WebSocket-Version", ["Sec-WebSocket-Version: 12"], "426", "Sec-WebSocket-Version: 13"),
        ("Sec-WebSocket-Version", [], "426", "Sec-WebSocket-Version: 13"),
    ])
    func refusals(prefix: String, lines: [String], status: String, field: String) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                // The request line comes first, wherever it was replaced.
                let request =
                    (lines.filter { $0.contains("/graphql") } + Wire.request.filter { !$0.hasPrefix(prefix) }
                        + lines.filter { !$0.contains("/graphql") })
                try await wire.write(Wire.head(request))
                let head = try await wire.head()
                #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(head)")
                #expect(head.contains(field))
                _ = await wire.rest()
            }
            #expect(server.metrics.openSockets == 0)
        }
    }

    @Test(arguments: [["Sec-WebSocket-Protocol: foo"], [], ["Sec-WebSocket-Protocol: GRAPHQL-TRANSPORT-WS"]])
    func withoutTheDialectTheSocketIsClosed(lines: [String]) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write(Self.request(replacing: "Sec-WebSocket-Protocol", by: lines))
                let head = try await wire.head()
                #expect(head.hasPrefix("HTTP/1.1 101 "))
                #expect(!head.lowercased().contains("sec-websocket-protocol"))
                #expect(try await wire.closeLine() == "4406 Subprotocol not acceptable")
            }
        }
    }

    @Test(arguments: [
        ("GET /graphql HTTP/1.1\r\nHost: test\r\n\r\n", "426"),
        ("GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n", "404"),
        ("PUT /graphql HTTP/1.1\r\nHost: test\r\n\r\n", "405"),
        ("POST /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n", "405"),
        ("GET /health/ready HTTP/1.1\r\nHost: test\r\n\r\n", "200"),
        ("NONSENSE\r\n\r\n", "400"),
        ("GET /graphql HTTP/2.0\r\nHost: test\r\n\r\n", "505"),
        ("GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\nHost: test\r\n\r\n", "414"),
        ("GET / HTTP/1.1\r\nHost: test\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n", "431"),
        ("GET / HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 101))\r\n", "431"),
        ("POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Length: 999999999\r\n\r\n", "413"),
        (
            "POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", "415"
        ),
    ])
    func statusOfRequests(request: String, status: String) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write(request)
                let head = try await wire.head()
                #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(head)")
                if status == "405" { #expect(head.contains("Allow: ")) }
            }
        }
    }

    /// A POST with the given body and further fields; gives the status, the type and the body.
    private func post(
        _ wire: inout Wire, _ body: String, fields: [String] = ["Content-Type: application/json"]
    ) async throws -> (status: String, type: String, body: String) {
        try await wire.write(
            Wire.head(
                ["POST /graphql HTTP/1.1", "Host: test", "Content-Length: \(body.utf8.count)"] + fields) + body)
        let head = try await wire.head().split(separator: "\r\n").map(String.init)
        let length = head.first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        let type = head.first { $0.hasPrefix("Content-Type: ") }.map { String($0.dropFirst(14)) } ?? ""
        let bytes = try await wire.bytes(length)
        return (String((head.first ?? "").dropFirst(9).prefix(3)), type, String(decoding: bytes, as: UTF8.self))
    }

    @Test func operationsOneAfterTheOtherOnOneConnection() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                let grj = ["Content-Type: application/json", "Accept: application/graphql-response+json"]
                var answer = try await self.post(&wire, #"{"query":"{ hello }"}"#)
                #expect(answer == ("200", "application/json; charset=utf-8", #"{"data":{"hello":"world"}}"#))
                answer = try await self.post(&wire, #"{"query":"{ hello }"}"#, fields: grj)
                #expect(
                    answer == (
                        "200", "application/graphql-response+json; charset=utf-8", #"{"data":{"hello":"world"}}"#
                    ))
                answer = try await self.post(&wire, #"{"query":"{ doesNotExist }"}"#)
                #expect(answer.status == "200" && answer.body.hasPrefix(#"{"errors":["#))
                answer = try await self.post(&wire, #"{"query":"{ doesNotExist }"}"#, fields: grj)
                #expect(answer.status == "400" && answer.body.hasPrefix(#"{"errors":["#))
                answer = try await self.post(&wire, #"{"query":"{ required }"}"#, fields: grj)
                #expect(answer.status == "200" && answer.body.contains(#""data":null"#))
                answer = try await self.post(&wire, #"[{"query":"{ hello }"}]"#)
                #expect(answer.status == "400")
                answer = try await self.post(&wire, #"{"query":"subscription { empty }"}"#)
                #expect(answer.status == "400" && answer.body.contains("WebSocket"))
                answer = try await self.post(
                    &wire, #"{"query":"{ hello }"}"#, fields: ["Content-Type: application/json", "Authorization: deny"])
                #expect(answer.status == "403")
                answer = try await self.post(
                    &wire, #"{"query":"{ hello }"}"#,
                    fields: ["Content-Type: application/json", "Authorization: crash"])
                #expect(answer.status == "500" && answer.body == #"{"errors":[{"message":"Internal server error"}]}"#)
                answer = try await self.post(
                    &wire, #"{"query":"mutation { increment }"}"#,
                    fields: ["Content-Type: application/json", "Accept: text/html"])
                #expect(answer.status == "406")
                #expect(server.stage.counts.counter == 0)
                answer = try await self.post(&wire, #"{"query":"mutation { increment }"}"#)
                #expect(answer == ("200", "application/json; charset=utf-8", #"{"data":{"increment":1}}"#))
            }
        }
    }

    @Test func operationsByGET() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write("GET /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(try await wire.head().hasPrefix("HTTP/1.1 200 "))
                #expect(try await wire.bytes(26) == Array(#"{"data":{"hello":"world"}}"#.utf8))
                try await wire.write("HEAD /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(try await wire.head().contains("Content-Length: 26"))
                try await wire.write("GET /graphql?query=mutation%7Bincrement%7D HTTP/1.1\r\nHost: test\r\n\r\n")
                let head = try await wire.head()
                #expect(head.hasPrefix("HTTP/1.1 405 ") && head.contains("Allow: POST"))
                #expect(server.stage.counts.counter == 0)
            }
        }
    }

    @Test func requestsSentAheadAreAnsweredInOrder() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                let request = "GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n"
                try await wire.write(String(repeating: request, count: 50))
                for _ in 0..<50 {
                    #expect(try await wire.head().hasPrefix("HTTP/1.1 200 "))
                    #expect(try await wire.bytes(6) == Array("alive\n".utf8))
                }
            }
        }
    }

    @Test func bodyIsAskedFor() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.write(
                    Wire.head([
                        "POST /graphql HTTP/1.1", "Host: test", "Content-Length: 21", "Expect: 100-continue",
                        "Content-Type: application/json",
                    ]))
                #expect(try await wire.head() == "HTTP/1.1 100 Continue")
                try await wire.write(#"{"query":"{ hello }"}"#)
                #expect(try await wire.head().hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    @Test func readinessTellsWhatIsWrong() async throws {
        let probes = [ReadinessProbe("good") { nil }, ReadinessProbe("bus") { "reconnecting" }]
        try await TestServer.run(probes: probes) { server in
            try await server.connect { wire in
                try await wire.write("GET /health/ready HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                let answer = String(decoding: await wire.rest(), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.hasSuffix("bus: reconnecting\n"))
            }
        }
    }

    @Test func metricsCountSocketsAndMessages() async throws {
        try await TestServer.run(probes: [ReadinessProbe("bus") { nil }]) { server in
            try await server.ready { wire in
                try await wire.subscribe("1", "{ hello }")
                _ = try await wire.text()
                _ = try await wire.text()
                try await server.connect { other in
                    try await other.write("GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                    let text = String(decoding: await other.rest(), as: UTF8.self)
                    for line in [
                        "graphql_realtime_sockets 1", "graphql_realtime_messages_received_total 2",
                        "graphql_realtime_messages_sent_total 3", #"graphql_realtime_operations_total{kind="query"} 1"#,
                        #"graphql_realtime_ready{probe="bus"} 1"#, "# TYPE graphql_realtime_sockets gauge",
                    ] {
                        #expect(text.contains(line + "\n"), "\(text)")
                    }
                }
            }
        }
    }

    @Test func aClientThatLeavesCancelsItsQuery() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                let body = #"{"query":"{ held(name: \"x\") }"}"#
                try await wire.write(
                    Wire.head([
                        "POST /graphql HTTP/1.1", "Host: test", "Content-Length: \(body.utf8.count)",
                        "Content-Type: application/json",
                    ]) + body)
                await server.stage.wait { $0.held["x"] == 1 }
                try await wire.reset()
            }
            await server.stage.wait { ($0.held["x"] ?? 0) == 0 }
        }
    }
}
