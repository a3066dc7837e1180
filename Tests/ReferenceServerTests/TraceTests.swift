import Foundation
import RealtimeClient
import TestSupport
import Testing

/// From where a client says in which trace it is, to the lines of the log that tell of it.
@Suite("Traces", .timeLimit(.minutes(1)))
struct TraceTests {
    private static func parent(_ digit: Int) -> String {
        "00-\(String(repeating: "\(digit)", count: 32))-\(String(repeating: "\(digit)", count: 16))-01"
    }

    /// The digit of the trace in the lines of that message and transport, where they have one.
    private static func traces(_ message: String, _ transport: String, in log: String) -> [String] {
        log.split(separator: "\n").filter { $0.contains(" \(message) ") && $0.contains("transport=\(transport)") }
            .map { line in
                guard let match = line.firstMatch(of: /trace_id=(\d){32}(?: |$)/) else { return "none" }
                let digit = String(match.1)
                return line.contains("parent_span_id=" + String(repeating: digit, count: 16)) ? digit : "no parent"
            }
    }

    private static let document = "subscription { serviceUpdated { id } }"

    @Test(
        "Of sockets: the init payload before the header field, and the operation's own before both",
        arguments: WireClient.Dialect.allCases)
    func sockets(dialect: WireClient.Dialect) async throws {
        let server = try await ServerProcess.start(["--bus", "memory", "--log-level", "debug"])
        let start = dialect == .legacy ? "start" : "subscribe"
        var sockets: [RawWebSocket] = []
        for (fields, payload, extensions) in [
            (["traceparent: \(Self.parent(1))"], nil, ""),
            (["traceparent: \(Self.parent(1))"], #"{"traceparent":"\#(Self.parent(2))"}"#, ""),
            (
                ["traceparent: \(Self.parent(1))"], #"{"traceparent":"\#(Self.parent(2))"}"#,
                #","extensions":{"traceparent":"\#(Self.parent(3))"}"#
            ),
            (["traceparent: 00-nonsense"], nil, ""),
        ] {
            let socket = try RawWebSocket(port: server.port, subprotocol: dialect.rawValue, fields: fields)
            try socket.initialise(payload: payload)
            try socket.send(
                #"{"id":"1","type":"\#(start)","payload":{"query":"\#(Self.document)"\#(extensions)}}"#)
            sockets.append(socket)
            let count = sockets.count
            try await eventually("subscribed") {
                Self.traces("Subscription started", dialect.rawValue, in: server.log).count == count
            }
        }
        #expect(Self.traces("Connection established", dialect.rawValue, in: server.log) == ["1", "2", "2", "none"])
        #expect(Self.traces("Subscription started", dialect.rawValue, in: server.log) == ["1", "2", "3", "none"])
        sockets.removeAll()
        try await eventually("all have left") {
            Self.traces("Connection ended", dialect.rawValue, in: server.log).count == 4
        }
        #expect(
            Self.traces("Subscription stopped", dialect.rawValue, in: server.log).sorted() == ["1", "2", "3", "none"])
        server.terminate()
    }

    @Test("Of event streams: the header field of their request, and its extensions")
    func eventStreams() async throws {
        let server = try await ServerProcess.start(["--bus", "memory", "--log-level", "debug"])
        let header = "traceparent: \(Self.parent(4))"
        var streams: [HeldStream] = []
        let query = "query=subscription%7BserviceUpdated%7Bid%7D%7D"
        for extensions in ["", "&extensions=%7B%22traceparent%22%3A%22\(Self.parent(5))%22%7D"] {
            streams.append(
                try HeldStream("/graphql/stream?\(query)\(extensions)", port: server.port, fields: [header]))
            let count = streams.count
            try await eventually("subscribed") {
                Self.traces("Subscription started", "sse", in: server.log).count == count
            }
        }
        #expect(Self.traces("Connection established", "sse", in: server.log) == ["4", "5"])
        #expect(Self.traces("Subscription started", "sse", in: server.log) == ["4", "5"])
        let route = try HeldStream("/api/v1/realtime/alerts", port: server.port, fields: [header])
        try route.read(until: "event: connected")
        #expect(Self.traces("Connection established", "/api/v1/realtime/alerts", in: server.log) == ["4"])
        // One connection for several operations: each has the trace of its own request.
        let reserved = try RawHTTP.exchange("PUT", "/graphql/stream", port: server.port, fields: [header])
        #expect(reserved.status == 201, "\(reserved)")
        let token = "X-GraphQL-Event-Stream-Token: \(reserved.body)"
        for (id, own) in [("1", ""), ("2", #","traceparent":"\#(Self.parent(6))""#)] {
            let answer = try RawHTTP.exchange(
                "POST", "/graphql/stream", port: server.port,
                fields: [token, "Accept: application/json", "traceparent: \(Self.parent(7))"],
                body: #"{"query":"\#(Self.document)","extensions":{"operationId":"\#(id)"\#(own)}}"#)
            #expect(answer.status == 202, "\(answer)")
            try await eventually("subscribed") {
                Self.traces("Subscription started", "sse-single", in: server.log).count == Int(id)
            }
        }
        #expect(Self.traces("Connection established", "sse-single", in: server.log) == ["4"])
        #expect(Self.traces("Subscription started", "sse-single", in: server.log) == ["7", "6"])
        server.terminate()
    }
}
