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

    @Test("Of queries and mutations: the extensions before the header field of a request, or before the connection's")
    func operations() async throws {
        let server = try await ServerProcess.start(["--bus", "memory", "--log-level", "debug"])
        for own in ["", #","extensions":{"traceparent":"\#(Self.parent(2))"}"#] {
            let answer = try RawHTTP.exchange(
                "POST", "/graphql", port: server.port, fields: ["traceparent: \(Self.parent(1))"],
                body: #"{"query":"query Named { __typename }"\#(own)}"#)
            #expect(answer.status == 200, "\(answer)")
        }
        let query = "/graphql?query=%7B__typename%7D"
        for fields in [["traceparent: \(Self.parent(3))"], ["traceparent: nonsense"], []] {
            #expect(try RawHTTP.exchange("GET", query, port: server.port, fields: fields).status == 200)
        }
        #expect(Self.traces("Operation executed", "http", in: server.log) == ["1", "2", "3", "none", "none"])
        let line = try #require(server.log.split(separator: "\n").first { $0.contains("Operation executed") })
        for part in ["kind=query", "operation_name=Named", "tenant=public", "peer=127.0.0.1", "errors=0"] {
            #expect(line.contains(part), "\(line)")
        }
        let socket = try RawWebSocket(port: server.port, fields: ["traceparent: \(Self.parent(4))"])
        try socket.initialise()
        for own in ["", #","extensions":{"traceparent":"\#(Self.parent(5))"}"#] {
            try socket.send(#"{"id":"1","type":"subscribe","payload":{"query":"{ __typename }"\#(own)}}"#)
            _ = try socket.receive()
            #expect(try socket.receive() == .text(#"{"id":"1","type":"complete"}"#))
        }
        #expect(Self.traces("Operation executed", "graphql-transport-ws", in: server.log) == ["4", "5"])
        server.terminate()
    }

    @Test(
        "What a mutation publishes goes on with its trace, over either bus, to every subscription with messages of JSON",
        arguments: [false, true].filter { !$0 || RedisServer.isInstalled })
    func passedOn(usesRedis: Bool) async throws {
        let redis = usesRedis ? try await RedisServer.start() : nil
        let options = redis.map { ["--redis-url", "redis://127.0.0.1:\($0.port)"] } ?? ["--bus", "memory"]
        let listener = try await ServerProcess.start(options)
        let publisher = usesRedis ? try await ServerProcess.start(options) : listener
        for server in [listener, publisher] { try await eventually("ready") { try server.readiness() == 200 } }
        func run(_ mutation: String, _ fields: [String] = []) throws -> String {
            let body = try JSONSerialization.data(withJSONObject: ["query": "mutation { \(mutation) }"])
            return try RawHTTP.exchange(
                "POST", "/graphql", port: publisher.port, fields: fields, body: String(decoding: body, as: UTF8.self)
            ).body
        }
        for row in SubscriptionRow.all where !row.channel.hasPrefix("documents:") {
            try await eventually("nobody listens") {
                try RawHTTP.request("GET", "/metrics", port: listener.port).body.contains(
                    "\ngraphql_realtime_subscriptions 0\n")
            }
            var id = ""
            if let needs = row.needs { id = String(try #require(try run(needs).firstMatch(of: /"id":"([^"]+)"/)?.1)) }
            let client = try WireClient(port: listener.port, dialect: .transportWS)
            try client.start("s", "subscription { \(SubscriptionRow.filled(row.subscription, id: id)) }")
            try await eventually("\(row.subscription) is live") {
                try RawHTTP.request("GET", "/metrics", port: listener.port).body.contains(
                    "\ngraphql_realtime_subscriptions 1\n")
                    && redis.map { try $0.channels().contains("public:" + row.channel) } ?? true
            }
            _ = try client.waiting()
            let requests = [(1, []), (2, ["traceparent: \(Self.parent(8))"]), (3, ["traceparent: 8"]), (4, [])]
            for (number, fields) in requests {
                let answer = try run(SubscriptionRow.filled(row.mutation, number, id: id), fields)
                #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
                let extensions = number == 2 ? #","extensions":{"traceparent":"\#(Self.parent(8))"}"# : ""
                var message = try client.next()
                // The simulated assistant's, each some time behind what it answers.
                while message.contains("You wrote: ") { message = try client.next() }
                let event = SubscriptionRow.filled(row.event, number, id: id)
                #expect(message == #"s {"data":{"event":\#(event)}\#(extensions)}"#)
            }
        }
        for server in [listener, publisher] { server.terminate() }
        redis?.kill()
    }
}
