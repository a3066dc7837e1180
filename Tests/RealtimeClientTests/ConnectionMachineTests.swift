import Testing

@testable import RealtimeClient

@Suite struct ConnectionMachineTests {
    private static let refused = Loss.network("connection refused")

    private static func started(heartbeat: Duration? = .seconds(30)) -> ConnectionMachine {
        var machine = ConnectionMachine(backoff: Backoff(), heartbeat: heartbeat)
        #expect(machine.handle(.start) == [.state(.connecting), .connect])
        return machine
    }

    @Test func waitsLongerBeforeEachAttemptAndGivesUpBehindTheTenth() {
        var machine = Self.started()
        var waits: [Duration] = []
        for attempt in 1...10 {
            let outputs = machine.handle(.lost(Self.refused))
            guard case .wait(let delay)? = outputs.last else {
                Issue.record("no wait before attempt \(attempt): \(outputs)")
                return
            }
            waits.append(delay)
            #expect(outputs.contains(.state(.reconnecting(attempt: attempt, delay: delay, loss: Self.refused))))
            #expect(machine.handle(.retryDue) == [.connect])
        }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30, 30, 30].map { .seconds($0) })
        #expect(
            machine.handle(.lost(Self.refused)) == [
                .cancelWaits, .state(.error("gave up after 10 attempts: connection refused")),
            ])
        #expect(machine.handle(.retryDue) == [])
    }

    @Test func countsFromOneAgainOnceTheServerHasAgreed() {
        var machine = Self.started()
        _ = machine.handle(.lost(Self.refused))
        _ = machine.handle(.retryDue)
        #expect(machine.handle(.ready) == [.state(.connected), .awaitHeartbeat(.seconds(30))])
        #expect(machine.handle(.lost(Self.refused)).last == .wait(.seconds(1)))
    }

    @Test func takesAnUnansweredHeartbeatForALoss() {
        var machine = Self.started()
        _ = machine.handle(.ready)
        #expect(machine.handle(.heartbeatDue) == [.beat, .awaitHeartbeat(.seconds(30))])
        #expect(machine.handle(.heard) == [])
        #expect(machine.handle(.heartbeatDue) == [.beat, .awaitHeartbeat(.seconds(30))])
        #expect(
            machine.handle(.heartbeatDue) == [
                .drop, .cancelWaits, .state(.reconnecting(attempt: 1, delay: .seconds(1), loss: .stale)),
                .wait(.seconds(1)),
            ])
    }

    @Test func needsNoHeartbeatWhenNoneIsWanted() {
        var machine = Self.started(heartbeat: nil)
        #expect(machine.handle(.ready) == [.state(.connected)])
        #expect(machine.handle(.heartbeatDue) == [])
    }

    @Test(arguments: [
        Loss.closed(code: 4400, reason: ""), .closed(code: 4401, reason: "Unauthorized"),
        .closed(code: 4403, reason: "Forbidden"), .closed(code: 4406, reason: ""), .closed(code: 4409, reason: ""),
        .closed(code: 1002, reason: ""), .closed(code: 1007, reason: ""), .closed(code: 1008, reason: ""),
        .closed(code: 1009, reason: ""), .status(400, retryAfter: nil), .status(401, retryAfter: nil),
        .status(404, retryAfter: nil), .misunderstood("HTML"),
    ])
    func doesNotComeBackToARefusal(_ loss: Loss) {
        var machine = Self.started()
        #expect(machine.handle(.lost(loss)) == [.cancelWaits, .state(.error("\(loss)"))])
        #expect(machine.state.isFinal)
    }

    @Test(arguments: [
        Loss.closed(code: 1000, reason: ""), .closed(code: 1001, reason: "Going away"), .closed(code: 1006, reason: ""),
        .closed(code: 1011, reason: ""), .closed(code: 1012, reason: ""), .closed(code: 1013, reason: ""),
        .closed(code: 4408, reason: ""), .closed(code: 4429, reason: ""), .closed(code: 4500, reason: ""),
        .status(429, retryAfter: nil), .status(503, retryAfter: nil), .stale, .network("reset"),
    ])
    func comesBackWhereItMayHelp(_ loss: Loss) {
        var machine = Self.started()
        #expect(machine.handle(.lost(loss)).last == .wait(.seconds(1)))
    }

    @Test func waitsAsLongAsTheServerAsks() {
        var machine = Self.started()
        #expect(machine.handle(.lost(.status(429, retryAfter: .seconds(7)))).last == .wait(.seconds(7)))
        var other = Self.started()
        _ = other.handle(.firstDelay(.seconds(3)))
        #expect(other.handle(.lost(Self.refused)).last == .wait(.seconds(3)))
        _ = other.handle(.retryDue)
        #expect(other.handle(.lost(Self.refused)).last == .wait(.seconds(6)))
    }

    @Test(arguments: [true, false])
    func nothingHappensBehindTheEnd(isClosed: Bool) {
        var machine = Self.started()
        _ = machine.handle(.ready)
        let outputs = machine.handle(isClosed ? .close : .completed)
        #expect(outputs == [.cancelWaits, .drop, .state(.disconnected)])
        for input: ConnectionMachine.Input in [.start, .ready, .heard, .heartbeatDue, .retryDue, .lost(.stale), .close]
        {
            #expect(machine.handle(input) == [])
        }
    }

    @Test func startsOnce() {
        var machine = Self.started()
        #expect(machine.handle(.start) == [])
    }
}
