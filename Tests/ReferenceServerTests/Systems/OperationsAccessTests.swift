import Foundation
import RealtimeClient
import TestSupport
import Testing

/// Tokens, permissions, and what is on the wire of the operations system.
@Suite("System: operations streams, access", .timeLimit(.minutes(2)))
struct OperationsAccessTests {
    private static let base = "/api/v1/realtime"

    @Test("A token is taken from the query, the header field, the cookie, in this order", arguments: TokenWorld.buses)
    func carriers(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let token = try world.person("u", of: "acme").token
        func header(_ token: String) -> String { "Authorization: Bearer \(token)" }
        func cookie(_ token: String) -> String { "Cookie: a=b; access_token=\(token)" }
        let cases: [(query: String?, fields: [String], isLetIn: Bool)] = [
            (nil, [], false), (token, [], true), (nil, [header(token)], true), (nil, [cookie(token)], true),
            (token, [header("bad"), cookie("bad")], true), (nil, [header(token), cookie("bad")], true),
            ("bad", [header(token), cookie(token)], false), (nil, [header("bad"), cookie(token)], false),
            (nil, [cookie("bad")], false),
        ]
        for endpoint in ["onu-status", "alerts", "tickets", "subscribers", "radius-sessions"] {
            for (query, fields, isLetIn) in cases {
                let path = "\(Self.base)/\(endpoint)" + (query.map { "?token=\($0)" } ?? "")
                let stream = try HeldStream(path, port: world.listener.port, fields: fields)
                try stream.read(untilText: "\n\n")
                #expect(stream.text.hasPrefix(isLetIn ? "HTTP/1.1 200" : "HTTP/1.1 401"), "\(path) \(fields)")
            }
        }
        for endpoint in ["ws/sessions", "ws/jobs/1", "ws/campaigns/1"] {
            for (query, fields, isLetIn) in cases {
                let path = "\(Self.base)/\(endpoint)" + (query.map { "?token=\($0)" } ?? "")
                let isOpen: Bool
                do {
                    let socket = try RawWebSocket(
                        port: world.listener.port, path: path, subprotocol: "x", fields: fields)
                    if case .text = try socket.receive() { isOpen = true } else { isOpen = false }
                } catch let failure as RawSocket.Failure {
                    #expect(failure.description.hasPrefix("HTTP/1.1 401"), "\(failure)")
                    isOpen = false
                }
                #expect(isOpen == isLetIn, "\(path) \(fields)")
            }
        }
        world.end()
    }

    @Test("Each command needs its permission, is acknowledged, and is told on its channel", arguments: TokenWorld.buses)
    func commands(bus: String) async throws {
        let world = try await TokenWorld(bus: bus)
        let told = OutputFile()
        let listening = try world.redis.map { redis in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(Executable.find("redis-cli")))
            process.arguments = ["-p", "\(redis.port)", "SUBSCRIBE", "acme:job:control", "acme:campaign:control"]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = told.handle
            try process.run()
            return process
        }
        defer { if let listening, listening.isRunning { kill(listening.processIdentifier, SIGTERM) } }
        if let redis = world.redis {
            try await eventually("redis-cli listens") { try TokenWorld.channels(of: redis).count == 2 }
        }
        let admin = try world.administrator(of: "acme")
        for kind in ["job", "campaign"] {
            let name = kind.prefix(1).uppercased() + kind.dropFirst()
            let answer = try admin.run("mutation { start\(name)(\(kind)Type: \"x\", itemsTotal: 1000000) }")
            let id = String(try #require(answer.firstMatch(of: /_id":"([^"]+)"/), "\(answer)").1)
            let verbs = ["pause", "resume", "cancel"]
            for verb in verbs {
                let command = "\(verb)_\(kind)"
                // Whoever has all the others, and whoever has this one only.
                let others = verbs.filter { $0 != verb }.map { "\(kind)s.\($0)" }.joined(separator: ",")
                let refused = try world.person("u", of: "acme", "--permissions", others)
                #expect(
                    try Self.answer(to: command, by: refused, path: "\(kind)s/\(id)", at: world)
                        == #"{"type":"error","command":"\#(command)","code":"FORBIDDEN","message":"This needs the permission \"\#(kind)s.\#(verb)\"."}"#
                )
                let granted = try world.person("u", of: "acme", "--permissions", "\(kind)s.\(verb)")
                #expect(
                    try Self.answer(to: command, by: granted, path: "\(kind)s/\(id)", at: world)
                        == #"{"type":"ack","command":"\#(command)","\#(kind)_id":"\#(id)"}"#)
                guard world.redis != nil else { continue }
                try await eventually("\(command) is told") {
                    told.text.contains(
                        "acme:\(kind):control\n"
                            + #"{"command":"\#(command)","\#(kind)_id":"\#(id)","tenant_id":"acme","requested_by":"u","#
                    )
                }
            }
            #expect(try admin.run("{ \(kind)(id: \"\(id)\") }").contains(#""status":"cancelled""#))
        }
        world.end()
    }

    /// What a socket answers to a command.
    private static func answer(
        to command: String, by person: TokenWorld.Person, path: String, at world: TokenWorld
    ) throws -> String {
        let socket = try RawWebSocket(
            port: world.listener.port, path: "\(Self.base)/ws/\(path)?token=\(person.token)", subprotocol: "x")
        try socket.send(#"{"type":"\#(command)"}"#)
        while case .text(let text) = try socket.receive() {
            if text.contains(#""command":"#) { return text }
        }
        return "closed"
    }

    @Test("What an event stream writes", arguments: TokenWorld.buses)
    func wire(bus: String) async throws {
        let world = try await TokenWorld(bus: bus, arguments: ["--keepalive-interval", "200ms"])
        let admin = try world.administrator(of: "acme")
        func publish(_ number: Int) throws -> String {
            let answer = try admin.run(
                """
                mutation { publishOperationsEvent(eventType: "alert.raised", payload: {alert_id: "a\(number)", \
                alert_type: "t", severity: "info", source: "s", message: "m", timestamp: "2025-10-16T09:30:00Z"}) { id } }
                """)
            return String(try #require(answer.firstMatch(of: /"id":"([^"]+)"/), "\(answer)").1)
        }
        func written(_ number: Int, _ id: String) -> String {
            """
            event: alert.raised
            id: \(id)
            data: {"event_type":"alert.raised","tenant_id":"acme","timestamp":"2025-10-16T09:30:00Z",\
            "alert_id":"a\(number)","alert_type":"t","severity":"info","source":"s","message":"m"}


            """
        }
        func open(_ query: String, _ fields: [String] = []) throws -> HeldStream {
            let stream = try HeldStream(
                "\(Self.base)/alerts\(query)", port: world.listener.port,
                fields: fields + ["Authorization: Bearer \(admin.token)"])
            try stream.read(until: "event: connected")
            return stream
        }
        let first = try open("")
        #expect(first.text.lowercased().contains("content-type: text/event-stream"))
        try first.read(until: "retry: 1000")
        let ids = try (1...3).map(publish)
        for (number, id) in zip(1..., ids) { try first.read(until: written(number, id)) }
        // A comment when nothing happens.
        try first.read(untilText: "\n:")
        // What was missed, by either name.
        for (query, fields) in [("", ["Last-Event-ID: \(ids[0])"]), ("?last_event_id=\(ids[0])", [])] {
            let again = try open(query, fields)
            try again.read(until: written(2, ids[1]) + written(3, ids[2]))
            #expect(!again.text.contains("\"a1\""))
        }
        // The last that are kept.
        let recent = try open("?recent=2")
        try recent.read(
            until: "event: older\ndata: {\"event_type\":\"older\",\"count\":2}\n\n" + written(2, ids[1])
                + written(3, ids[2]))
        let all = try open("?recent=1000")
        try all.read(until: #""count":3}"#)
        // What cannot be gone on behind.
        for id in ["1-1", "nonsense", "99999999999999-0"] {
            let lost = try open("", ["Last-Event-ID: \(id)"])
            try lost.read(until: "event: replay.unavailable")
            #expect(!lost.text.contains("\"a1\""), "\(id)")
        }
        for query in ["?recent=-1", "?recent=1001", "?recent=x", "?event_types=", "?event_types=onu.online"] {
            let answer = try RawHTTP.exchange(
                "GET", "\(Self.base)/alerts\(query)", port: world.listener.port,
                fields: ["Authorization: Bearer \(admin.token)"])
            #expect(answer.status == 400 && answer.body.contains("BAD_USER_INPUT"), "\(query): \(answer.body)")
        }
        world.end()
    }

    @Test("Sessions over the socket begin with the last that are kept, as far as they are asked for")
    func recentSessions() async throws {
        let world = try await TokenWorld(bus: "memory")
        let admin = try world.administrator(of: "acme")
        for number in 1...3 {
            _ = try admin.run(
                """
                mutation { publishOperationsEvent(eventType: "session.started", payload: {username: "u", \
                session_id: "s\(number)"}) { id } }
                """)
        }
        let path = "\(Self.base)/ws/sessions?token=\(admin.token)"
        let socket = try RawWebSocket(port: world.listener.port, path: path + "&recent=2", subprotocol: "x")
        for part in [#"{"type":"connected"}"#, #"{"type":"older","count":2}"#, #""session_id":"s2""#, #""s3""#] {
            guard case .text(let text) = try socket.receive() else {
                Issue.record("no message for \(part)")
                return
            }
            #expect(text.contains(part), "\(text)")
        }
        world.end()
    }
}

/// A request whose answer goes on, read as text.
final class HeldStream {
    private let socket: RawSocket
    /// What has come: the head, and the body with its framing; line ends are line feeds.
    private(set) var text = ""

    init(_ path: String, port: Int, fields: [String]) throws {
        self.socket = try RawSocket(port: port)
        let lines = ["GET \(path) HTTP/1.1", "Host: 127.0.0.1", "Accept: text/event-stream"] + fields
        try self.socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }

    /// The lines of events: without the chunks' sizes, comments, and empty lines.
    private var lines: String {
        self.text.split(separator: "\n")
            .filter { line in !line.hasPrefix(":") && !line.allSatisfy(\.isHexDigit) }
            .joined(separator: "\n")
    }

    /// Reads until these lines have come, one behind the other.
    func read(until lines: String) throws {
        let wanted = lines.split(separator: "\n").joined(separator: "\n")
        while !self.lines.contains(wanted) { try self.readOn("ended before \(wanted)") }
    }

    /// Reads until this has come, wherever.
    func read(untilText part: String) throws {
        while !self.text.contains(part) { try self.readOn("ended before \(part)") }
    }

    private func readOn(_ failure: String) throws {
        let bytes = try self.socket.receive()
        guard !bytes.isEmpty else { throw NeverHappened(description: "\(failure): \(self.text)") }
        self.text += String(decoding: bytes.filter { $0 != 13 }, as: UTF8.self)
    }
}
