import GraphQLCore
import TestSupport
import Testing

@testable import SubscriptionProtocols

/// Plays one connection; handles are the names of operations.
private final class Script {
    var session: TransportWSSession<String>

    init(operationLimit: Int = .max) {
        self.session = TransportWSSession(operationLimit: operationLimit)
    }

    /// A script whose connection is acknowledged.
    static func ready(operationLimit: Int = .max) -> Script {
        let script = Script(operationLimit: operationLimit)
        _ = script.session.receive(.connectionInit(payload: nil))
        _ = script.session.admitted(ackPayload: nil)
        return script
    }

    func id(_ text: String) throws -> OperationID { try #require(OperationID(text)) }

    func subscribe(_ text: String) throws -> TransportWSSession<String>.OnMessage {
        self.session.receive(.subscribe(try self.id(text), SubscribePayload(query: "{a}")))
    }

    func finish(_ token: OperationToken) -> Bool { self.session.finish(token) }

    func attach(_ name: String, to token: OperationToken) -> Bool { self.session.attach(name, to: token) }

    /// Starts an operation whose handle is `name`.
    func start(_ text: String, as name: String) throws -> OperationToken {
        guard case .start(let token, _) = try self.subscribe(text) else {
            Issue.record("\(text) was not started")
            throw CancellationError()
        }
        #expect(self.attach(name, to: token))
        return token
    }

    func complete(_ text: String) throws -> TransportWSSession<String>.OnMessage {
        self.session.receive(.complete(try self.id(text)))
    }
}

extension TransportWSSession<String>.OnMessage {
    /// A line that says what is done.
    fileprivate var line: String {
        switch self {
        case .ignore: "ignore"
        case .send(let bytes): "send \(String(decoding: bytes, as: UTF8.self))"
        case .decide(let payload): "decide \(payload.map { JSONValue.object($0).text } ?? "-")"
        case .start(let token, let payload): "start \(token.id.text) \(payload.query)"
        case .stop(let handle): "stop \(handle)"
        case .close(let close): close.line
        }
    }
}

extension TransportWSSession<String>.OnClose {
    fileprivate var line: String {
        "close \(self.close.code.rawValue) \(self.close.reason) stopping \(self.stopping.sorted())"
    }
}

@Suite struct TransportWSSessionTests {
    @Suite struct Initialisation {
        @Test func isDecidedThenAcknowledged() {
            let script = Script()
            #expect(script.session.phase == .awaitingInit)
            #expect(script.session.receive(.connectionInit(payload: ["a": 1])).line == #"decide {"a":1}"#)
            #expect(script.session.phase == .deciding)
            #expect(script.session.admitted(ackPayload: nil) == ServerMessage.connectionAck())
            #expect(script.session.phase == .ready)
        }

        @Test func aSecondOneEndsAnOpenConnectionAndItsOperations() throws {
            let script = Script.ready()
            _ = try script.start("1", as: "first")
            #expect(
                script.session.receive(.connectionInit(payload: nil)).line
                    == #"close 4429 Too many initialisation requests stopping ["first"]"#)
            #expect(script.session.receive(.ping(payload: nil)).line == "ignore")
        }

        @Test func aSecondOneEndsAnUndecidedConnectionWithoutAcknowledgement() {
            let script = Script()
            _ = script.session.receive(.connectionInit(payload: nil))
            #expect(
                script.session.receive(.connectionInit(payload: nil)).line
                    == "close 4429 Too many initialisation requests stopping []")
            #expect(script.session.admitted(ackPayload: nil) == nil)
            #expect(script.session.refused() == nil)
            #expect(script.session.decisionFailed() == nil)
        }

        @Test func mayBeRefused() {
            let script = Script()
            _ = script.session.receive(.connectionInit(payload: nil))
            #expect(script.session.refused()?.line == "close 4403 Forbidden stopping []")
            #expect(script.session.admitted(ackPayload: nil) == nil)
        }

        @Test func mayFail() {
            let script = Script()
            _ = script.session.receive(.connectionInit(payload: nil))
            #expect(script.session.decisionFailed()?.line == "close 4500 Internal server error stopping []")
        }

        @Test func timesOutOnlyWhileAwaited() {
            let silent = Script()
            _ = silent.session.receive(.ping(payload: nil))
            #expect(silent.session.initTimedOut()?.line == "close 4408 Connection initialisation timeout stopping []")
            #expect(silent.session.initTimedOut() == nil)

            let deciding = Script()
            _ = deciding.session.receive(.connectionInit(payload: nil))
            #expect(deciding.session.initTimedOut() == nil)

            let ready = Script.ready()
            #expect(ready.session.initTimedOut() == nil)
        }

        @Test(arguments: [false, true])
        func subscribeIsUnauthorizedBefore(deciding: Bool) throws {
            let script = Script()
            if deciding {
                _ = script.session.receive(.connectionInit(payload: nil))
            }
            #expect(try script.subscribe("1").line == "close 4401 Unauthorized stopping []")
            #expect(script.session.admitted(ackPayload: nil) == nil)
            #expect(script.session.openOperations == 0)
        }

        @Test func completeIsHarmlessBefore() throws {
            let script = Script()
            #expect(try script.complete("1").line == "ignore")
            #expect(script.session.receive(.connectionInit(payload: nil)).line == "decide -")
        }

        @Test(arguments: [false, true])
        func invalidMessagesCountBefore(deciding: Bool) {
            let script = Script()
            if deciding {
                _ = script.session.receive(.connectionInit(payload: nil))
            }
            #expect(script.session.receiveInvalid()?.line == "close 4400 Invalid message received stopping []")
            #expect(script.session.receiveInvalid() == nil)
        }
    }

    @Suite struct Pings {
        @Test func areAnsweredInEveryPhaseButTheLast() {
            let script = Script()
            let pong = #"send {"type":"pong","payload":{"n":1}}"#
            #expect(script.session.receive(.ping(payload: ["n": 1])).line == pong)
            _ = script.session.receive(.connectionInit(payload: nil))
            #expect(script.session.receive(.ping(payload: ["n": 1])).line == pong)
            _ = script.session.admitted(ackPayload: nil)
            #expect(script.session.receive(.ping(payload: ["n": 1])).line == pong)
            #expect(script.session.receive(.ping(payload: nil)).line == #"send {"type":"pong"}"#)
            #expect(script.session.receive(.pong).line == "ignore")
            #expect(script.session.closing(.goingAway)?.line == "close 1001 Going away stopping []")
            #expect(script.session.receive(.ping(payload: nil)).line == "ignore")
        }
    }

    @Suite struct Operations {
        @Test func endOnce() throws {
            let script = Script.ready()
            let token = try script.start("1", as: "first")
            #expect(script.session.isOpen(token))
            #expect(script.finish(token))
            #expect(!script.finish(token))
            #expect(!script.session.isOpen(token))
        }

        @Test func holdTheirIDFromTheMomentOfSubscribe() throws {
            let script = Script.ready()
            guard case .start = try script.subscribe("1") else {
                Issue.record("not started")
                return
            }
            // Nothing was attached yet, and still the id is taken.
            #expect(try script.subscribe("1").line == "close 4409 Subscriber for 1 already exists stopping []")
        }

        @Test func duplicatesEndAllOfTheConnection() throws {
            let script = Script.ready()
            _ = try script.start("1", as: "first")
            _ = try script.start("2", as: "second")
            #expect(
                try script.subscribe("1").line
                    == #"close 4409 Subscriber for 1 already exists stopping ["first", "second"]"#)
            #expect(script.session.openOperations == 0)
            #expect(script.session.disconnected() == [])
        }

        @Test func idsAreFreeAfterTheEnd() throws {
            let script = Script.ready()
            for round in 0..<100 {
                let token = try script.start("1", as: "\(round)")
                #expect(script.finish(token))
            }
            #expect(script.session.openOperations == 0)
        }

        @Test func idsAreFreeAfterTheClientCompletes() throws {
            let script = Script.ready()
            let old = try script.start("1", as: "old")
            #expect(try script.complete("1").line == "stop old")
            let new = try script.start("1", as: "new")
            // What the old one still sends finds nobody.
            #expect(!script.session.isOpen(old))
            #expect(!script.finish(old))
            #expect(script.session.isOpen(new))
            #expect(try script.complete("1").line == "stop new")
            #expect(try script.complete("1").line == "ignore")
        }

        @Test func completeOfAnUnknownIDIsIgnored() throws {
            let script = Script.ready()
            #expect(try script.complete("zzz").line == "ignore")
            let token = try script.start("1", as: "first")
            #expect(script.finish(token))
            #expect(try script.complete("1").line == "ignore")
        }

        @Test func whatIsAttachedTooLateIsToBeStopped() throws {
            let script = Script.ready()
            guard case .start(let token, _) = try script.subscribe("1") else {
                Issue.record("not started")
                return
            }
            #expect(try script.complete("1").line == "ignore")
            #expect(!script.attach("late", to: token))
            #expect(script.session.disconnected() == [])
        }

        @Test(arguments: [
            ("1", "01"), ("1", "1 "), ("e\u{301}", "\u{e9}"), ("a", "A"), ("\0", "\0\0"), ("K", "\u{212A}"),
        ])
        func idsThatLookAlikeAreTwo(first: String, second: String) throws {
            let script = Script.ready()
            _ = try script.start(first, as: "first")
            _ = try script.start(second, as: "second")
            #expect(script.session.openOperations == 2)
            #expect(try script.complete(first).line == "stop first")
            #expect(try script.complete(second).line == "stop second")
        }

        @Test(arguments: ["__proto__", "constructor", "toString", "hasOwnProperty"])
        func specialNamesAreOrdinary(name: String) throws {
            let script = Script.ready()
            let token = try script.start(name, as: name)
            #expect(token.id.text == name)
        }

        @Test func beyondTheLimitAreRefusedOneByOne() throws {
            let script = Script.ready(operationLimit: 2)
            let first = try script.start("1", as: "first")
            _ = try script.start("2", as: "second")
            let refusal = #"{"id":"3","type":"error","payload":[{"message":"Too many operations on this connection"}]}"#
            #expect(try script.subscribe("3").line == "send \(refusal)")
            #expect(script.session.openOperations == 2)
            #expect(script.finish(first))
            _ = try script.start("3", as: "third")
        }

        @Test func endWithTheSocket() throws {
            let script = Script.ready()
            let token = try script.start("1", as: "first")
            _ = try script.start("2", as: "second")
            #expect(script.session.disconnected().sorted() == ["first", "second"])
            #expect(script.session.disconnected() == [])
            #expect(!script.session.isOpen(token))
            #expect(script.session.closing(.goingAway) == nil)
            #expect(try script.subscribe("3").line == "ignore")
        }
    }

    /// Random scripts: a handle is given back exactly once unless its operation finished, and no token is ever open
    /// after its end.
    @Test func noHandleIsLostOrStoppedTwice() throws {
        var generator = SeededGenerator()
        print("seed \(generator.seed)")
        for _ in 0..<200 {
            let script = Script.ready()
            var open: [String: OperationToken] = [:]
            var ended: [OperationToken] = []
            var counter = 0
            for _ in 0..<60 {
                let id = "\(Int.random(in: 0..<5, using: &generator))"
                switch Int.random(in: 0..<3, using: &generator) {
                case 0 where open[id] == nil:
                    counter += 1
                    open[id] = try script.start(id, as: "\(id)#\(counter)")
                case 1:
                    guard let token = open.removeValue(forKey: id) else { continue }
                    #expect(script.finish(token))
                    ended.append(token)
                case 2:
                    let line = try script.complete(id).line
                    #expect(line.hasPrefix(open[id] == nil ? "ignore" : "stop \(id)#"))
                    if let token = open.removeValue(forKey: id) {
                        ended.append(token)
                    }
                default:
                    continue
                }
                #expect(script.session.openOperations == open.count)
                let session = script.session
                #expect(open.values.allSatisfy { session.isOpen($0) })
                #expect(!ended.contains { session.isOpen($0) })
            }
            #expect(script.session.disconnected().count == open.count)
        }
    }
}
