import GraphQLCore
import Testing

@testable import SubscriptionProtocols

/// Plays connections from tables: each line of input is an event, what is done about it the line of output. Handles are
/// `op1`, `op2`, … in the order of the starts.
@Suite struct LegacyWSSessionTests {
    private struct Player {
        var session: LegacyWSSession<String>
        var tokens: [OperationToken] = []

        /// Does what a driver does with an event.
        mutating func play(_ event: String) throws -> String {
            let words = event.split(separator: " ", maxSplits: 1).map(String.init)
            let argument = words.count > 1 ? words[1] : ""
            switch words[0] {
            case "init": return self.perform(self.session.receive(.connectionInit(payload: nil), bytes: 10))
            case "start":
                let id = try #require(OperationID(argument))
                let message = LegacyClientMessage.start(id, SubscribePayload(query: "{a}"))
                return self.perform(self.session.receive(message, bytes: 10))
            case "stop":
                let id = try #require(OperationID(argument))
                return self.perform(self.session.receive(.stop(id), bytes: 10))
            case "terminate": return self.perform(self.session.receive(.connectionTerminate, bytes: 10))
            case "invalid":
                return self.perform(
                    self.session.receive(LegacyInvalidMessage("bad", id: OperationID(argument)), bytes: 10))
            case "admitted":
                guard let messages = self.session.admitted(ackPayload: nil) else { return "late" }
                var lines = messages.map(self.text)
                while let waiting = self.session.nextWaiting() {
                    switch waiting {
                    case .message(let message): lines.append(self.perform(self.session.receive(message, bytes: 10)))
                    case .invalid(let invalid): lines.append(self.perform(self.session.receive(invalid, bytes: 10)))
                    }
                }
                return lines.joined(separator: ", ")
            case "refused": return self.line(self.session.refused())
            case "crashed": return self.line(self.session.decisionFailed())
            case "timeout": return self.line(self.session.initTimedOut())
            case "ka": return self.session.keepAliveDue().map(self.text) ?? "nothing"
            case "shutdown": return self.line(self.session.closing(.goingAway))
            case "gone": return "stopping \(self.session.disconnected().sorted())"
            case "event": return self.session.isOpen(try self.token(argument)) ? "data" : "nothing"
            case "ended": return self.session.finish(try self.token(argument)) ? "complete" : "nothing"
            default: throw NeverSaid(event: event)
            }
        }

        private struct NeverSaid: Error { let event: String }

        private func token(_ number: String) throws -> OperationToken {
            self.tokens[try #require(Int(number)) - 1]
        }

        private mutating func perform(_ action: LegacyWSSession<String>.OnMessage) -> String {
            switch action {
            case .ignore: return "nothing"
            case .send(let message): return self.text(message)
            case .decide: return "decide"
            case .start(let token, _, let replaced):
                self.tokens.append(token)
                let handle = "op\(self.tokens.count)"
                let isAttached = self.session.attach(handle, to: token)
                return "start \(token.id.text) as \(handle)" + (replaced.map { " for \($0)" } ?? "")
                    + (isAttached ? "" : " too late")
            case .stop(let handle, let answer): return "stop \(handle ?? "none"), \(self.text(answer))"
            case .close(let close): return self.line(close)
            }
        }

        private func line(_ close: LegacyWSSession<String>.OnClose?) -> String {
            guard let close else { return "nothing" }
            let message = close.message.map { self.text($0) + ", " } ?? ""
            return "\(message)close \(close.close.code.rawValue) \(close.close.reason) stopping "
                + "\(close.stopping.sorted())"
        }

        private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    }

    private static let ack = #"{"type":"connection_ack"}, {"type":"ka"}"#
    private static func connectionError(_ message: String) -> String {
        #"{"type":"connection_error","payload":{"message":"\#(message)"}}"#
    }
    private static func error(_ id: String, _ message: String) -> String {
        #"{"id":"\#(id)","type":"error","payload":{"message":"\#(message)"}}"#
    }
    private static func complete(_ id: String) -> String { #"{"id":"\#(id)","type":"complete"}"# }
    private static let opening = [("init", "decide"), ("admitted", ack)]

    struct Play: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let lines: [(String, String)]

        init(_ name: String, _ lines: [(String, String)]) {
            self.testDescription = name
            self.lines = lines
        }
    }

    private static let initialisation: [Play] = [
        Play("is acknowledged, then kept alive", opening + [("ka", #"{"type":"ka"}"#)]),
        Play("no keep-alive before the acknowledgement", [("ka", "nothing"), ("init", "decide"), ("ka", "nothing")]),
        Play(
            "is refused",
            [
                ("init", "decide"), ("refused", connectionError("Forbidden") + ", close 4403 Forbidden stopping []"),
                ("admitted", "late"), ("start 1", "nothing"), ("ka", "nothing"),
            ]),
        Play(
            "fails",
            [
                ("init", "decide"),
                (
                    "crashed",
                    connectionError("Internal server error") + ", close 4500 Internal server error stopping []"
                ),
            ]),
        Play(
            "times out while awaited",
            [
                (
                    "timeout",
                    connectionError("Connection initialisation timeout")
                        + ", close 4408 Connection initialisation timeout stopping []"
                ), ("timeout", "nothing"),
            ]),
        Play("does not time out once received", [("init", "decide"), ("timeout", "nothing"), ("admitted", ack)]),
        Play("does not time out once acknowledged", opening + [("timeout", "nothing")]),
        Play(
            "comes twice",
            opening + [
                ("start 1", "start 1 as op1"),
                (
                    "init",
                    connectionError("Too many initialisation requests")
                        + #", close 4429 Too many initialisation requests stopping ["op1"]"#
                ),
            ]),
        Play(
            "comes twice before the decision",
            [
                ("init", "decide"),
                (
                    "init",
                    connectionError("Too many initialisation requests")
                        + ", close 4429 Too many initialisation requests stopping []"
                ), ("admitted", "late"), ("refused", "nothing"), ("crashed", "nothing"),
            ]),
        Play(
            "operations before it are refused",
            [
                ("start 1", error("1", "connection_init has to come first")), ("stop 1", "nothing"), ("init", "decide"),
                ("admitted", ack), ("start 1", "start 1 as op1"),
            ]),
        Play(
            "operations behind it wait",
            [
                ("init", "decide"), ("start 1", "nothing"), ("start 2", "nothing"), ("stop 1", "nothing"),
                ("invalid", "nothing"),
                (
                    "admitted",
                    ack + ", start 1 as op1, start 2 as op2, stop op1, " + complete("1") + ", "
                        + connectionError("bad")
                ), ("event 1", "nothing"), ("event 2", "data"),
            ]),
        Play(
            "operations behind a refused one never run",
            [
                ("init", "decide"), ("start 1", "nothing"),
                ("refused", connectionError("Forbidden") + ", close 4403 Forbidden stopping []"),
                ("admitted", "late"),
            ]),
    ]

    private static let operations: [Play] = [
        Play(
            "an operation ends once",
            opening + [
                ("start 1", "start 1 as op1"), ("event 1", "data"), ("ended 1", "complete"), ("ended 1", "nothing"),
                ("event 1", "nothing"), ("stop 1", "nothing"),
            ]),
        Play(
            "stop is answered with complete, once",
            opening + [
                ("start 1", "start 1 as op1"), ("start 2", "start 2 as op2"), ("stop 1", "stop op1, " + complete("1")),
                ("stop 1", "nothing"), ("event 1", "nothing"), ("ended 1", "nothing"), ("event 2", "data"),
            ]),
        Play("stop of an unknown id", opening + [("stop zzz", "nothing"), ("stop __proto__", "nothing")]),
        Play(
            "an id is free after complete and after stop",
            opening + [
                ("start 1", "start 1 as op1"), ("ended 1", "complete"), ("start 1", "start 1 as op2"),
                ("event 1", "nothing"), ("stop 1", "stop op2, " + complete("1")), ("start 1", "start 1 as op3"),
                ("event 2", "nothing"), ("event 3", "data"),
            ]),
        Play(
            "an id in use names the newest operation",
            opening + [
                ("start 1", "start 1 as op1"), ("start 1", "start 1 as op2 for op1"), ("event 1", "nothing"),
                ("ended 1", "nothing"), ("event 2", "data"), ("ended 2", "complete"),
            ]),
    ]

    private static let ends: [Play] = [
        Play("terminate before init", [("terminate", "close 1000 Terminated stopping []"), ("init", "nothing")]),
        Play(
            "terminate stops operations",
            opening + [
                ("start 1", "start 1 as op1"), ("start 2", "start 2 as op2"),
                ("terminate", #"close 1000 Terminated stopping ["op1", "op2"]"#), ("event 1", "nothing"),
                ("terminate", "nothing"),
            ]),
        Play(
            "terminate while deciding",
            [("init", "decide"), ("terminate", "close 1000 Terminated stopping []"), ("admitted", "late")]),
        Play(
            "shutdown says nothing but the close",
            opening + [
                ("start 1", "start 1 as op1"), ("shutdown", #"close 1001 Going away stopping ["op1"]"#),
                ("shutdown", "nothing"), ("gone", "stopping []"),
            ]),
        Play(
            "a socket that is gone",
            opening + [("start 1", "start 1 as op1"), ("gone", #"stopping ["op1"]"#), ("ended 1", "nothing")]),
    ]

    private static let mistakes: [Play] = [
        Play(
            "are answered before init",
            [("invalid", connectionError("bad")), ("invalid 1", error("1", "bad")), ("init", "decide")]),
        Play(
            "are answered after init, and end no operation",
            opening + [
                ("start 1", "start 1 as op1"), ("invalid", connectionError("bad")), ("invalid 2", error("2", "bad")),
                ("invalid 1", connectionError("bad")), ("event 1", "data"),
            ]),
        Play(
            "are nothing after the end", [("terminate", "close 1000 Terminated stopping []"), ("invalid", "nothing")]),
    ]

    @Test(arguments: initialisation + operations + ends + mistakes)
    func plays(play: Play) throws {
        var player = Player(session: LegacyWSSession(waitingLimit: .init(bytes: 1000)))
        for (event, line) in play.lines {
            let done = try player.play(event)
            #expect(done == line, "\(event)")
        }
    }

    @Test func operationsAreLimited() throws {
        var player = Player(session: LegacyWSSession(operationLimit: 2, waitingLimit: .init(bytes: 100)))
        for (event, line) in Self.opening + [
            ("start 1", "start 1 as op1"), ("start 2", "start 2 as op2"),
            ("start 3", Self.error("3", "Too many operations on this connection")),
            ("start 1", "start 1 as op3 for op1"), ("ended 2", "complete"), ("start 3", "start 3 as op4"),
        ] {
            let done = try player.play(event)
            #expect(done == line, "\(event)")
        }
        #expect(player.session.openOperations == 2)
    }

    @Test(arguments: [(2, Int.max), (.max, 20)])
    func whatWaitsIsLimited(messages: Int, bytes: Int) throws {
        var player = Player(session: LegacyWSSession(waitingLimit: .init(messages: messages, bytes: bytes)))
        for (event, line) in [
            ("init", "decide"), ("start 1", "nothing"), ("invalid", "nothing"),
            (
                "stop 1",
                Self.connectionError("Too much before the acknowledgement")
                    + ", close 1009 Too much before the acknowledgement stopping []"
            ), ("admitted", "late"),
        ] {
            let done = try player.play(event)
            #expect(done == line, "\(event)")
        }
    }
}
