@testable import ConformanceKit

/// Writes histories by hand. Times are a millisecond apart.
struct HistoryBuilder {
    var records: [HistoryRecord] = []
    let caseName: String

    init(_ caseName: String = "transport-ws/x") {
        self.caseName = caseName
        self.add(.caseStarted(token: "utoken", values: .object([])))
    }

    mutating func add(
        _ event: HistoryRecord.Event, connection: String? = nil, step: String? = nil, after milliseconds: UInt64 = 1
    ) {
        let time = (self.records.last?.time ?? 0) + milliseconds * 1_000_000
        self.records.append(
            HistoryRecord(
                sequence: self.records.count, time: time, caseName: self.caseName, step: step, connection: connection,
                event: event))
    }

    mutating func upgrade(_ name: String = "c1", step: String = "f:1 open") {
        self.add(
            .connecting(address: "a:1", transport: "transport-ws", offered: ["graphql-transport-ws"]),
            connection: name, step: step)
        let response = WireResponse(
            status: 101, headers: [.init("Sec-WebSocket-Protocol", "graphql-transport-ws")], head: [],
            acceptIsRight: true)
        self.add(.responseReceived(response: response), connection: name)
    }

    mutating func open(_ name: String = "c1") {
        self.upgrade(name)
        self.send(#"{"type":"connection_init"}"#, name)
        self.receive(#"{"type":"connection_ack"}"#, name)
        self.expect(name, [.init(message: .object([.init("type", .string("connection_ack"))]))], step: "f:1 open")
    }

    mutating func send(_ text: String, _ name: String = "c1") {
        self.add(
            .frameSent(frame: WireFrame(opcode: Opcode.text, masked: true, payload: Array(text.utf8))),
            connection: name)
    }

    mutating func receive(_ text: String, _ name: String = "c1") {
        self.receive(WireFrame(opcode: Opcode.text, masked: false, payload: Array(text.utf8)), name)
    }

    mutating func receive(_ frame: WireFrame, _ name: String = "c1") {
        self.add(.frameReceived(frame: frame), connection: name)
    }

    mutating func receiveClose(_ code: Int, _ reason: String = "", _ name: String = "c1") {
        let payload = [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8)
        self.receive(WireFrame(opcode: Opcode.close, masked: false, payload: payload), name)
    }

    /// Decides an expectation on everything so far.
    mutating func expect(
        _ name: String = "c1", _ patterns: [MessagePattern], lane: CaseExpectation.Lane = .connection,
        step: String = "f:2 expect", deadlinePassed: Bool = false, facet: Facet = .behaviour
    ) {
        self.decide(
            .init(
                subject: .messages(connection: name, lane: lane, allow: []),
                outcomes: [
                    .init(verdict: .pass, name: nil, note: nil, stop: false, form: .messages(patterns, times: 1))
                ], otherwise: .fail, facet: facet, requirements: [], within: 2_000_000_000, notBefore: nil, name: nil),
            step: step, deadlinePassed: deadlinePassed)
    }

    mutating func decide(_ expectation: CaseExpectation, step: String = "f:2 expect", deadlinePassed: Bool = false) {
        self.add(
            .expected(
                expectation: expectation, since: -1, until: self.records.count - 1, deadlinePassed: deadlinePassed),
            connection: expectation.connection, step: step)
    }

    /// One round trip that is expected, so that the case is about something.
    mutating func ping(_ name: String = "c1") {
        self.send(#"{"type":"ping"}"#, name)
        self.receive(#"{"type":"pong"}"#, name)
        self.expect(name, [.init(message: .object([.init("type", .string("pong"))]))])
    }

    /// The end of a case with a server that is alive.
    mutating func end(_ how: HistoryRecord.StepsEnd = .completed, liveness: Bool = true) {
        self.add(.stepsEnded(how: how))
        if liveness {
            self.upgrade("~liveness", step: "after the case")
            self.send(#"{"type":"connection_init"}"#, "~liveness")
            self.receive(#"{"type":"connection_ack"}"#, "~liveness")
            self.expect(
                "~liveness", [.init(message: .object([.init("type", .string("connection_ack"))]))],
                step: "after the case")
            self.send(#"{"id":"alive","type":"subscribe","payload":{"query":"{ __typename }"}}"#, "~liveness")
            self.receive(#"{"id":"alive","type":"next","payload":{"data":{"__typename":"Query"}}}"#, "~liveness")
            self.receive(#"{"id":"alive","type":"complete"}"#, "~liveness")
            self.expect(
                "~liveness", ["next", "complete"].map { .init(message: .object([.init("type", .string($0))])) },
                lane: .operation(id: "alive"), step: "after the case", facet: .recovery)
        }
        self.add(.caseEnded)
    }

    func judge(
        level: String = "MUST", checks: String = "", allow: String = ""
    ) throws -> CaseResult {
        let text = """
            id: transport-ws/x
            uid: GC-0001
            title: A fact
            level: \(level)
            source: somewhere
            checks: [\(checks)]
            allow: [\(allow)]
            steps:
              - open: {}
              - expect: {type: pong}
            """
        let scenario = try ScenarioLoader.load([(name: "f.yaml", text: text)])[0]
        return Judge.judge(ExpandedCase(scenario: scenario, values: []), History(self.records))
    }
}

/// The test library has an `Expectation` of its own.
typealias CaseExpectation = ConformanceKit.Expectation
