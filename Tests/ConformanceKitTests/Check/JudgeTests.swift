import Foundation
import Testing

@testable import ConformanceKit

@Suite struct JudgeTests {
    /// A case in which all is well.
    private func sound(_ body: (inout HistoryBuilder) -> Void = { _ in }) -> HistoryBuilder {
        var builder = HistoryBuilder()
        builder.open()
        builder.ping()
        body(&builder)
        builder.end()
        return builder
    }

    @Test func nothingRecordedIsInconclusive() throws {
        var builder = HistoryBuilder()
        builder.records = []
        let result = try builder.judge()
        #expect(result.verdict == .inconclusive)
        #expect(result.reasons.map(\.check) == ["non-vacuity"])
    }

    @Test func aSoundCasePasses() throws {
        let result = try self.sound().judge()
        #expect(result.verdict == .pass, "\(result.reasons)")
        #expect(result.facets == [.behaviour: .pass, .recovery: .pass])
        #expect(result.reasons.isEmpty)
    }

    @Test func anInfoCaseIsInfo() throws {
        #expect(try self.sound().judge(level: "INFO").verdict == .info)
    }

    @Test func judgingTwiceGivesTheSameAlsoFromStoredRecords() throws {
        let builder = self.sound()
        var stored = builder
        stored.records = try builder.records.map { record in
            try JSONDecoder().decode(HistoryRecord.self, from: JSONEncoder().encode(record))
        }
        #expect(stored.records == builder.records)
        #expect(try stored.judge() == builder.judge())
    }

    @Test func aTruncatedHistoryIsAnError() throws {
        var builder = self.sound()
        builder.records.removeLast()
        #expect(try builder.judge().verdict == .error)
    }

    @Test func openingAloneShowsNothing() throws {
        var builder = HistoryBuilder()
        builder.upgrade()
        builder.end()
        #expect(try builder.judge().verdict == .inconclusive)
    }

    @Test func aServerThatDiesFailsTheRecovery() throws {
        var builder = HistoryBuilder()
        builder.open()
        builder.ping()
        builder.add(.stepsEnded(how: .completed))
        builder.add(.connectFailed(reason: "refused"), connection: "~liveness", step: "after the case")
        builder.add(
            .problem(kind: .server, message: "no TCP connection"), connection: "~liveness", step: "after the case")
        builder.add(.caseEnded)
        let result = try builder.judge()
        #expect(result.verdict == .fail)
        #expect(result.facets[.recovery] == .fail)
        #expect(result.facets[.behaviour] == .pass)
    }

    @Test func livenessHasToBeLookedAt() throws {
        var builder = HistoryBuilder()
        builder.open()
        builder.ping()
        builder.end(liveness: false)
        #expect(try builder.judge().verdict == .inconclusive)
    }

    @Test(arguments: [
        (HistoryRecord.ProblemKind.harness, Verdict.error), (.budget, .error), (.precondition, .inconclusive),
        (.undeclared, .unsupported), (.server, .fail),
    ])
    func problemsHaveTheirVerdict(kind: HistoryRecord.ProblemKind, verdict: Verdict) throws {
        var builder = HistoryBuilder()
        builder.open()
        builder.add(.problem(kind: kind, message: "x"), step: "f:9 emit")
        builder.end(.aborted)
        #expect(try builder.judge().verdict == verdict)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var name: String
        var check: String
        var break_: @Sendable (inout HistoryBuilder) -> Void
        var testDescription: String { self.name }

        init(_ name: String, _ check: String, _ break_: @escaping @Sendable (inout HistoryBuilder) -> Void) {
            self.name = name
            self.check = check
            self.break_ = break_
        }
    }

    static let faults: [Fault] = [
        .init("a second ack", "message-order") { $0.receive(#"{"type":"connection_ack"}"#) },
        .init("a message of an id that was never used", "message-order") {
            $0.receive(#"{"id":"9","type":"complete"}"#)
        },
        .init("a message after complete", "message-order") {
            $0.send(#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#)
            $0.receive(#"{"id":"1","type":"complete"}"#)
            $0.receive(#"{"id":"1","type":"complete"}"#)
        },
        .init("a frame after the close frame", "message-order") {
            $0.receiveClose(1000)
            $0.receive(#"{"type":"ping"}"#)
        },
        .init("an unknown type", "message-shape") { $0.receive(#"{"type":"ka"}"#) },
        .init("an error that is no array", "message-shape") {
            $0.send(#"{"id":"1","type":"subscribe","payload":{}}"#)
            $0.receive(#"{"id":"1","type":"error","payload":{"message":"x"}}"#)
        },
        .init("empty errors", "message-shape") {
            $0.send(#"{"id":"1","type":"subscribe","payload":{}}"#)
            $0.receive(#"{"id":"1","type":"next","payload":{"data":{},"errors":[]}}"#)
        },
        .init("two members of a name", "message-shape") { $0.receive(#"{"type":"ping","type":"ping"}"#) },
        .init("text that is no JSON", "message-shape") { $0.receive("{") },
        .init("a binary message", "message-shape") {
            $0.receive(WireFrame(opcode: Opcode.binary, masked: false, payload: Array(#"{"type":"ping"}"#.utf8)))
        },
        .init("a masked frame", "frames-wellformed") {
            $0.receive(WireFrame(opcode: Opcode.ping, masked: true, payload: []))
        },
        .init("a long length", "frames-wellformed") {
            $0.receive(WireFrame(opcode: Opcode.ping, masked: false, lengthForm: 2, payload: []))
        },
        .init("a close nobody expected", "no-unexpected-close") { $0.receiveClose(1001, "Going away") },
        .init("TCP that just ends", "no-unexpected-close") { $0.add(.ended(how: .fin), connection: "c1") },
        .init("a message nobody expected", "no-unexpected-message") {
            $0.send(#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#)
            $0.receive(#"{"id":"1","type":"next","payload":{"data":{}}}"#)
        },
        .init("bytes that are no frames", "frames-wellformed") {
            $0.add(.unreadable(reason: "too long", bytes: Bytes([])), connection: "c1")
        },
        .init("an emission that is not known to have happened", "non-vacuity") {
            $0.add(.emitting(emission: .init(name: "e1", topic: "t", nonce: "n1")))
            $0.add(.emitted(nonce: "n1", outcome: .unknown, detail: ""))
        },
        .init("an expectation that was never decided", "non-vacuity") { $0.add(.stepStarted, step: "f:8 expect") },
    ]

    @Test(arguments: faults)
    func everyCheckCanFail(fault: Fault) throws {
        let result = try self.sound(fault.break_).judge()
        #expect(!result.verdict.isGood)
        #expect(result.reasons.contains { $0.check == fault.check }, "\(result.reasons)")
    }

    @Test func whatIsAllowedIsNotUnexpected() throws {
        let builder = self.sound {
            $0.send(#"{"id":"utoken","type":"subscribe","payload":{"query":"{a}"}}"#)
            $0.receive(#"{"id":"utoken","type":"next","payload":{"data":{}}}"#)
        }
        #expect(try builder.judge().verdict == .fail)
        #expect(try builder.judge(allow: "{type: next, id: \"{{u}}\"}").verdict == .pass)
    }

    @Test func whatComesAfterLeavingIsNotUnexpected() throws {
        let builder = self.sound {
            $0.send(#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#)
            $0.add(.dropped(how: "rst"), connection: "c1")
            $0.receive(#"{"id":"1","type":"next","payload":{"data":{}}}"#)
            $0.add(.ended(how: .reset), connection: "c1")
        }
        #expect(try builder.judge().verdict == .pass)
    }

    @Test func messagesUnderWayWhenTheClientCompletesAreLegal() throws {
        let builder = self.sound {
            $0.send(#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#)
            $0.send(#"{"id":"1","type":"complete"}"#)
            $0.receive(#"{"id":"1","type":"next","payload":{"data":{}}}"#)
            $0.receive(#"{"id":"1","type":"complete"}"#)
        }
        let result = try builder.judge(allow: "{id: \"1\"}")
        #expect(result.verdict == .pass, "\(result.reasons)")
    }

    @Test func silenceNeedsAFence() throws {
        func build(fence: Bool) -> HistoryBuilder {
            self.sound {
                if fence { $0.add(.fencePassed(kind: "ping", settled: false), connection: "c1", step: "f:7 fence") }
                $0.decide(
                    .init(
                        subject: .messages(connection: "c1", lane: .all, allow: []),
                        outcomes: [.init(verdict: .pass, name: nil, note: nil, stop: false, form: .nothing)],
                        otherwise: .fail, facet: .behaviour, requirements: [], within: 1, notBefore: nil, name: nil),
                    step: "f:8 expect_none", deadlinePassed: true)
            }
        }
        #expect(try build(fence: true).judge().verdict == .pass)
        #expect(try build(fence: false).judge().verdict == .inconclusive)
    }

    @Test func aLateRunnerIsNotTheServersFault() throws {
        var builder = HistoryBuilder()
        builder.upgrade()
        builder.add(.stepStarted, after: 900)
        builder.receiveClose(4408, "Connection initialisation timeout")
        builder.add(.problem(kind: .server, message: "ended"), connection: "c1", step: "f:1 open")
        builder.end(.aborted)
        let result = try builder.judge()
        #expect(result.verdict == .inconclusive, "\(result.reasons)")
        #expect(result.reasons.first?.message.hasPrefix("the runner was late") == true)
    }

    @Test func aPromptRunnerThatIsCutIsTheServersFault() throws {
        var builder = HistoryBuilder()
        builder.upgrade()
        builder.send(#"{"type":"connection_init"}"#)
        builder.receiveClose(4408, "Connection initialisation timeout")
        builder.add(.problem(kind: .server, message: "ended"), connection: "c1", step: "f:1 open")
        builder.end(.aborted)
        #expect(try builder.judge().verdict == .fail)
    }

    // MARK: Checks on request

    private func deliveries(_ order: [String], topic: String = "t") -> HistoryBuilder {
        self.sound {
            $0.send(#"{"id":"s","type":"subscribe","payload":{"query":"q","variables":{"name":"\#(topic)"}}}"#)
            for nonce in ["n1", "n2"] {
                $0.add(.emitting(emission: .init(name: "e1", topic: "t", nonce: nonce)))
                $0.add(.emitted(nonce: nonce, outcome: .ok, detail: ""))
            }
            for nonce in order { $0.receive(#"{"id":"s","type":"next","payload":{"data":{"x":"\#(nonce)"}}}"#) }
        }
    }

    @Test(arguments: [
        ("exactly-once", ["n1", "n2"], Verdict.pass), ("exactly-once", ["n1"], .fail),
        ("exactly-once", ["n1", "n1", "n2"], .fail), ("no-duplicates", ["n1"], .pass),
        ("no-duplicates", ["n2", "n2"], .fail), ("order-per-topic", ["n1", "n2"], .pass),
        ("order-per-topic", ["n2", "n1"], .fail), ("never-delivered", [], .pass), ("never-delivered", ["n1"], .fail),
        ("no-cross-talk", ["n1"], .pass),
    ])
    func checksDeliveries(check: String, order: [String], verdict: Verdict) throws {
        let result = try self.deliveries(order).judge(checks: check, allow: "{type: next}")
        #expect(result.verdict == verdict, "\(result.reasons)")
    }

    @Test func stepsThatEndedEarlyMissNothing() throws {
        var builder = HistoryBuilder()
        builder.open()
        builder.ping()
        builder.send(#"{"id":"s","type":"subscribe","payload":{"query":"q","variables":{"name":"t"}}}"#)
        builder.add(.emitting(emission: .init(name: "e1", topic: "t", nonce: "n1")))
        builder.add(.emitted(nonce: "n1", outcome: .ok, detail: ""))
        builder.add(.problem(kind: .precondition, message: "no more events"), step: "f:9 wait_until")
        builder.end(.aborted)
        let result = try builder.judge(checks: "exactly-once", allow: "{type: next}")
        #expect(result.verdict == .inconclusive, "\(result.reasons)")
    }

    /// What happened besides in a case that met something which the profile lacks, and how the steps ended.
    struct Beside: Sendable, CustomTestStringConvertible {
        var name: String
        var verdict: Verdict
        var checks = ""
        var how = HistoryRecord.StepsEnd.aborted
        var what: @Sendable (inout HistoryBuilder) -> Void = { _ in }
        var testDescription: String { self.name }
    }

    private static func emission(
        _ outcome: HistoryRecord.EmitOutcome?, _ builder: inout HistoryBuilder
    ) {
        builder.send(#"{"id":"s","type":"subscribe","payload":{"query":"q","variables":{"name":"t"}}}"#)
        builder.add(.emitting(emission: .init(name: "e1", topic: "t", nonce: "n1")))
        if let outcome { builder.add(.emitted(nonce: "n1", outcome: outcome, detail: "")) }
    }

    private static func silence(_ builder: inout HistoryBuilder) {
        builder.decide(
            .init(
                subject: .messages(connection: "c1", lane: .all, allow: []),
                outcomes: [.init(verdict: .pass, name: nil, note: nil, stop: false, form: .nothing)],
                otherwise: .fail, facet: .behaviour, requirements: [], within: 1, notBefore: nil, name: nil),
            step: "f:8 expect_none", deadlinePassed: true)
    }

    /// What the profile lacks explains what was therefore not looked at, and nothing that was tried.
    @Test(arguments: [
        Beside(name: "nothing else", verdict: .unsupported),
        Beside(name: "no events were looked for", verdict: .unsupported, checks: "exactly-once"),
        Beside(name: "no topic was subscribed to", verdict: .unsupported, checks: "no-cross-talk"),
        Beside(name: "nothing was emitted", verdict: .unsupported, checks: "never-delivered"),
        Beside(name: "an event that nobody can emit", verdict: .unsupported, checks: "never-delivered: {events: e1}") {
            JudgeTests.emission(nil, &$0)
        },
        Beside(name: "an event that was refused", verdict: .inconclusive) { JudgeTests.emission(.failed, &$0) },
        Beside(
            name: "an event of which nobody knows", verdict: .inconclusive, checks: "never-delivered: {events: e1}"
        ) { JudgeTests.emission(.unknown, &$0) },
        Beside(name: "a fault that was not seen", verdict: .inconclusive) {
            $0.add(.fault(name: "f", phase: .begins, detail: ""))
            $0.add(.problem(kind: .precondition, message: "the fault `f` is not there"), step: "f:7 fault")
        },
        Beside(name: "a fault that did not go away", verdict: .error) {
            $0.add(.fault(name: "f", phase: .begins, detail: ""))
            $0.add(.fault(name: "f", phase: .seen, detail: ""))
            $0.add(.fault(name: "f", phase: .heals, detail: ""))
            $0.add(.problem(kind: .harness, message: "the fault `f` did not go away"), step: "f:7 heal")
        },
        Beside(name: "a Redis that does not answer", verdict: .inconclusive) {
            $0.add(.problem(kind: .precondition, message: "Redis: connection refused"), step: "f:7 assert")
        },
        Beside(name: "silence without a fence", verdict: .inconclusive) { JudgeTests.silence(&$0) },
        Beside(name: "a wrong message", verdict: .fail) { $0.receive(#"{"type":"ka"}"#) },
        Beside(
            name: "steps that went on to their end", verdict: .inconclusive, checks: "exactly-once", how: .completed),
    ])
    func whatTheProfileLacksHidesNothingElse(beside: Beside) throws {
        var builder = HistoryBuilder()
        builder.open()
        builder.ping()
        beside.what(&builder)
        builder.add(.problem(kind: .undeclared, message: "the profile has no redis"), step: "f:9 redis")
        builder.end(beside.how)
        let result = try builder.judge(checks: beside.checks)
        #expect(result.verdict == beside.verdict, "\(result.reasons)")
        #expect(result.reasons.contains { $0.message == "the profile has no redis" })
    }

    /// Events `n1` to `n5`; `n3` is emitted while the fault is there, the last two behind it. What was sent last before the
    /// fault may be lost in it, but nothing that others have overtaken.
    @Test(arguments: [
        (["n1", "n2", "n3", "n4", "n5"], Verdict.pass), (["n1", "n2", "n4", "n5"], .pass), (["n1", "n2", "n5"], .pass),
        (["n1", "n4", "n5"], .pass), (["n2", "n3", "n4", "n5"], .fail), (["n1", "n2", "n4"], .fail),
        (["n1", "n2"], .inconclusive),
    ])
    func aGapEndsWithTheFirstDelivery(order: [String], verdict: Verdict) throws {
        let builder = self.sound {
            $0.send(#"{"id":"s","type":"subscribe","payload":{"query":"q","variables":{"name":"t"}}}"#)
            $0.add(.emitting(emission: .init(name: "~probe", topic: "t", nonce: "utoken-probe-0")))
            $0.receive(#"{"id":"s","type":"next","payload":{"data":{"x":"utoken-probe-0"}}}"#)
            for nonce in ["n1", "n2", "n3", "n4", "n5"] {
                if nonce == "n3" {
                    $0.add(.fault(name: "f", phase: .begins, detail: ""))
                    $0.add(.fault(name: "f", phase: .seen, detail: ""))
                }
                if nonce == "n4" {
                    $0.add(.fault(name: "f", phase: .heals, detail: ""))
                    $0.add(.fault(name: "f", phase: .healed, detail: ""))
                }
                $0.add(.emitting(emission: .init(name: "e1", topic: "t", nonce: nonce)))
                $0.add(.emitted(nonce: nonce, outcome: .ok, detail: ""))
                if order.contains(nonce) {
                    $0.receive(#"{"id":"s","type":"next","payload":{"data":{"x":"\#(nonce)"}}}"#)
                }
            }
        }
        let result = try builder.judge(checks: "gap-only-in: {window: f, until: delivery}", allow: "{type: next}")
        #expect(result.verdict == verdict, "\(result.reasons)")
    }

    /// An event that nobody can pass on has been shown to be there when it was refused.
    @Test(arguments: [
        (HistoryRecord.EmitOutcome.failed, false, Verdict.pass), (.failed, true, .fail),
        (.unknown, false, .inconclusive),
    ])
    func whatHadToFailIsNeverDelivered(outcome: HistoryRecord.EmitOutcome, comes: Bool, verdict: Verdict) throws {
        let builder = self.sound {
            $0.send(#"{"id":"s","type":"subscribe","payload":{"query":"q","variables":{"name":"t"}}}"#)
            $0.add(.emitting(emission: .init(name: "e1", topic: "t", nonce: "utoken-e1-1", hasToFail: true)))
            $0.add(.emitted(nonce: "utoken-e1-1", outcome: outcome, detail: ""))
            if comes { $0.receive(#"{"id":"s","type":"next","payload":{"data":{"x":"utoken-e1-1"}}}"#) }
        }
        let result = try builder.judge(checks: "never-delivered: {events: e1}", allow: "{type: next}")
        #expect(result.verdict == verdict, "\(result.reasons)")
    }

    @Test func foreignEventsAreCrossTalk() throws {
        let result = try self.deliveries(["n1"], topic: "other").judge(checks: "no-cross-talk", allow: "{type: next}")
        #expect(result.reasons.contains { $0.check == "no-cross-talk" && $0.verdict == .fail })
    }

    @Test(arguments: ["exactly-once", "never-delivered", "order-per-topic", "no-duplicates"])
    func checksWithoutAnythingToLookAtAreInconclusive(check: String) throws {
        #expect(try self.sound().judge(checks: check).verdict == .inconclusive)
    }

    @Test func whatCannotBeSeenByAnyWindowOfTheServerIsUnsupported() throws {
        let result = try self.sound().judge(checks: "subscriptions-return-to-baseline")
        #expect(result.verdict == .unsupported)
        #expect(result.facets[.cleanup] == .unsupported)
        #expect(result.facets[.behaviour] == .pass)
    }

    @Test func aWindowThatShowsNothingIsInconclusive() throws {
        let builder = self.sound { $0.add(.problem(kind: .precondition, message: "Redis: connection refused")) }
        #expect(try builder.judge(checks: "subscriptions-return-to-baseline").verdict == .inconclusive)
    }

    @Test func secretsAreFound() throws {
        let builder = self.sound {
            $0.send(#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#)
            $0.receive(#"{"id":"1","type":"error","payload":[{"message":"redis://10.0.0.1 is gone"}]}"#)
        }
        let result = try builder.judge(checks: "no-secrets-on-wire", allow: "{type: error}")
        #expect(result.verdict == .fail)
        #expect(try self.sound().judge(checks: "no-secrets-on-wire").verdict == .pass)
    }
}
