import Testing

@testable import ConformanceKit

@Suite struct EvaluationTests {
    private func state(_ body: (inout HistoryBuilder) -> Void) -> (CaseState, Int) {
        var builder = HistoryBuilder()
        builder.upgrade()
        body(&builder)
        var state = CaseState()
        for record in builder.records { state.apply(record) }
        return (state, builder.records.count - 1)
    }

    private func expectation(
        _ forms: [CaseExpectation.Form], lane: CaseExpectation.Lane = .all, notBefore: UInt64? = nil
    ) -> CaseExpectation {
        CaseExpectation(
            subject: .messages(connection: "c1", lane: lane, allow: []),
            outcomes: forms.map { .init(verdict: .pass, name: nil, note: nil, stop: false, form: $0) },
            otherwise: .fail, facet: .behaviour, requirements: [], within: 1_000_000_000, notBefore: notBefore,
            name: nil)
    }

    private func type(_ type: String) -> MessagePattern {
        MessagePattern(message: .object([.init("type", .string(type))]))
    }

    private func decide(
        _ expectation: CaseExpectation, deadline: Bool = false, _ body: (inout HistoryBuilder) -> Void
    ) -> String {
        let (state, until) = self.state(body)
        switch expectation.evaluate(state, .init(since: -1, until: until, deadlinePassed: deadline)) {
        case .pending: return "pending"
        case .met(let index, let consumed, _): return "met \(index) \(consumed)"
        case .failed(let actual, _): return "failed " + actual.prefix { $0 != ":" }
        }
    }

    private let close = ClosePattern(codes: [4400], reason: nil, form: .frame, untilEOF: false)

    @Test func theNextMessageOfTheLaneDecides() {
        let expectation = self.expectation(
            [.messages([self.type("next"), self.type("complete")], times: 1)], lane: .operation(id: "1"))
        #expect(self.decide(expectation) { _ in } == "pending")
        #expect(self.decide(expectation, deadline: true) { _ in } == "failed nothing")
        #expect(self.decide(expectation) { $0.receive(#"{"id":"1","type":"next"}"#) } == "pending")
        #expect(self.decide(expectation) { $0.receive(#"{"id":"1","type":"error"}"#) } == "failed error")
        #expect(
            self.decide(expectation) {
                $0.receive(#"{"id":"2","type":"error"}"#)
                $0.receive(#"{"id":"1","type":"next"}"#)
                $0.receive(#"{"type":"ping"}"#)
                $0.receive(#"{"id":"1","type":"complete"}"#)
            } == "met 0 [1, 3]")
        #expect(
            self.decide(expectation) {
                $0.receive(#"{"id":"1","type":"next"}"#)
                $0.receiveClose(4400)
            } == "failed close 4400")
    }

    @Test func idsAreComparedByTheirBytes() {
        let expectation = self.expectation([.messages([self.type("next")], times: 1)], lane: .operation(id: "\u{E9}"))
        #expect(self.decide(expectation) { $0.receive("{\"id\":\"e\u{301}\",\"type\":\"next\"}") } == "pending")
    }

    @Test func keepAlivesArePassedOverUnlessAskedFor() {
        let ack = self.expectation([.messages([self.type("connection_ack")], times: 1)], lane: .connection)
        #expect(
            self.decide(ack) {
                $0.receive(#"{"type":"pong"}"#)
                $0.receive(#"{"type":"connection_ack"}"#)
            } == "met 0 [1]")
        let pongs = self.expectation([.messages([self.type("pong")], times: 2)], lane: .connection)
        #expect(
            self.decide(pongs) {
                $0.receive(#"{"type":"pong"}"#)
                $0.receive(#"{"type":"pong"}"#)
            } == "met 0 [0, 1]")
    }

    @Test func controlFramesHaveALaneOfTheirOwn() {
        let pattern = MessagePattern(
            message: .object([.init("control", .string("pong")), .init("payload_hex", .string("00ff"))]))
        let expectation = self.expectation([.messages([pattern], times: 1)], lane: .control)
        #expect(
            self.decide(expectation) {
                $0.receive(#"{"type":"pong"}"#)
                $0.receive(WireFrame(opcode: Opcode.pong, masked: false, payload: [0, 255]))
            } == "met 0 [1]")
    }

    @Test func aBetterOutcomeThatCanStillComeIsWaitedFor() {
        let expectation = self.expectation([.close(self.close), .messages([self.type("error")], times: 1)])
        #expect(self.decide(expectation) { $0.receive(#"{"id":"1","type":"error"}"#) } == "pending")
        #expect(self.decide(expectation, deadline: true) { $0.receive(#"{"id":"1","type":"error"}"#) } == "met 1 [0]")
        #expect(
            self.decide(expectation) {
                $0.receive(#"{"id":"1","type":"error"}"#)
                $0.receiveClose(4400)
            } == "met 0 []")
    }

    @Test func closing() {
        #expect(self.decide(self.expectation([.close(self.close)])) { $0.receiveClose(4400) } == "met 0 []")
        #expect(self.decide(self.expectation([.close(self.close)])) { $0.receiveClose(4401) } == "failed close 4401")
        #expect(
            self.decide(self.expectation([.close(self.close)])) { $0.add(.ended(how: .fin), connection: "c1") }
                == "failed eof")
        var either = ClosePattern(codes: nil, reason: nil, form: .either, untilEOF: false)
        #expect(
            self.decide(self.expectation([.close(either)])) { $0.add(.ended(how: .reset), connection: "c1") }
                == "met 0 []")
        either.untilEOF = true
        #expect(self.decide(self.expectation([.close(either)])) { $0.receiveClose(1000) } == "pending")
        let reason = ClosePattern(codes: [4401], reason: .string("Unauthorized"), form: .frame, untilEOF: false)
        #expect(self.decide(self.expectation([.close(reason)])) { $0.receiveClose(4401, "no") } == "failed close 4401")
    }

    @Test func aCloseCanComeTooEarly() {
        let expectation = self.expectation([.close(self.close)], notBefore: 50_000_000)
        #expect(self.decide(expectation) { $0.receiveClose(4400) } == "failed too early")
        #expect(
            self.decide(expectation) {
                $0.add(.stepStarted, after: 60)
                $0.receiveClose(4400)
            } == "met 0 []")
    }

    @Test func silence() {
        let expectation = self.expectation([.nothing])
        #expect(self.decide(expectation) { _ in } == "pending")
        #expect(self.decide(expectation, deadline: true) { $0.receive(#"{"type":"ping"}"#) } == "met 0 []")
        #expect(self.decide(expectation) { $0.receive(#"{"type":"connection_ack"}"#) } == "failed connection_ack")
        #expect(self.decide(expectation) { $0.receiveClose(1000) } == "failed close 1000")
    }

    @Test func anythingElseIsTakenLast() {
        let expectation = self.expectation([.messages([self.type("next")], times: 1), .anything])
        #expect(self.decide(expectation) { _ in } == "pending")
        #expect(self.decide(expectation) { $0.receive(#"{"id":"1","type":"next"}"#) } == "met 0 [0]")
        #expect(self.decide(expectation) { $0.receive(#"{"id":"1","type":"error"}"#) } == "met 1 [0]")
        #expect(self.decide(expectation, deadline: true) { _ in } == "met 1 []")
    }

    @Test func longLanesAreLookedAtWhenEnoughHasCome() {
        let expectation = self.expectation([.messages([self.type("pong")], times: 100)], lane: .connection)
        #expect(self.decide(expectation) { for _ in 0..<99 { $0.receive(#"{"type":"pong"}"#) } } == "pending")
        #expect(
            self.decide(expectation) { for _ in 0..<100 { $0.receive(#"{"type":"pong"}"#) } }.hasPrefix("met 0"))
    }

    @Test(arguments: [
        (["n1", "n2"], true, true, "met 0 [0, 1]"), (["n2", "n1"], true, true, "failed out of order"),
        (["n2", "n1"], true, false, "met 0 [0, 1]"), (["n1", "x", "n2"], true, true, "failed next"),
        (["n1", "x", "n2"], false, true, "met 0 [0, 2]"), (["n1"], true, true, "pending"),
        (["n1", "n1"], true, true, "failed next"), (["utoken~probe~1", "n1", "n2"], true, true, "met 0 [1, 2]"),
    ])
    func events(came: [String], exactly: Bool, ordered: Bool, decision: String) {
        var expectation = self.expectation([.delivered])
        expectation.subject = .events(
            .init(
                connection: "c1", id: "s", emissions: ["e1"], exactly: exactly, ordered: ordered,
                noncePath: "data.x"))
        let found = self.decide(expectation) { builder in
            for nonce in ["n1", "n2"] {
                builder.add(.emitting(emission: .init(name: "e1", topic: "t", nonce: nonce)))
                builder.add(.emitted(nonce: nonce, outcome: .ok, detail: ""))
            }
            for nonce in came { builder.receive(#"{"id":"s","type":"next","payload":{"data":{"x":"\#(nonce)"}}}"#) }
        }
        #expect(found == decision)
    }

    @Test(arguments: [
        (ValueComparison.Kind.equals, "3", "3", true), (.equals, "3", "4", false), (.differs, "3", "4", true),
        (.atLeast, "3", "3", true), (.atMost, "3", "4", false), (.roseBy, "1", "6", true), (.roseBy, "2", "6", false),
    ])
    func values(kind: ValueComparison.Kind, operand: String, value: String, holds: Bool) {
        let comparison = ValueComparison(kind: kind, operand: .number(operand), base: .number("5"))
        #expect((comparison.difference(from: .number(value)) == nil) == holds)
    }
}
