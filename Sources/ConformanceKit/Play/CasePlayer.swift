package import NIOCore

/// Plays cases against a server. Playing only writes a history; `Judge` says what it amounts to.
package struct CasePlayer: Sendable {
    /// Runs every connection and timer; the caller shuts it down after the last case.
    private let group: any EventLoopGroup
    /// Monotonic nanoseconds since the run began; the same clock as the history writers'.
    private let now: @Sendable () -> UInt64
    private let deliveries = DeliveryTracker()
    private let roundTrips = RoundTrips()
    private let oracles = RedisOracles()
    private let stalls: StallMeter

    /// Make one for a whole run: it remembers the slowest delivery.
    package init(group: any EventLoopGroup, now: @escaping @Sendable () -> UInt64) {
        self.group = group
        self.now = now
        self.stalls = StallMeter(group: group, now: now)
    }

    /// Plays one case and returns when all its connections are closed. Never throws: what goes wrong is in the history.
    ///
    /// Waits for the case's exclusive resources first; the budget counts from then on, without what the distance of the
    /// server and standstills of the runner cost. Cancelling the task ends the
    /// case early, as if its budget had run out.
    package func play(_ expandedCase: ExpandedCase, against target: Target, into history: HistoryWriter) async {
        await target.locks.withLock(expandedCase.scenario.exclusive, alone: expandedCase.scenario.harmsOthers) {
            await self.playLocked(expandedCase, target, history)
        }
    }

    private func playLocked(_ expandedCase: ExpandedCase, _ target: Target, _ history: HistoryWriter) async {
        let loop = self.group.next()
        let session = CaseSession(
            writer: history, now: self.now, timers: loop, stalls: self.stalls,
            mostReceived: target.mostReceived ?? CaseSession.mostReceived)
        let token = Self.makeToken()
        session.record(.caseStarted(token: token, values: .object(expandedCase.values)))
        if let secret = target.secret { history.redaction.hide(secret, as: "auth.secret") }
        for (name, secret) in target.redisSecrets { history.redaction.hide(secret, as: name) }
        let oracle = target.redis.map { self.oracles.oracle(for: $0) }
        let step = StepPlayer(
            expandedCase: expandedCase, target: target, session: session, group: self.group, token: token,
            deliveries: self.deliveries, roundTrips: self.roundTrips, oracle: oracle, links: ConnectionTable(),
            emitters: EmitterTable(),
            faults: FaultController(target: target, oracle: oracle, now: self.now))
        // Somebody who steps through a case takes the time that it needs.
        let budget =
            target.beforeStep == nil
            ? Self.budget(of: expandedCase.scenario, timing: target.timing) : 3_600_000_000_000
        let (began, stalledBefore) = (self.now(), self.stalls.stalled)
        let timer = loop.scheduleRepeatedTask(
            initialDelay: .nanoseconds(Int64(clamping: budget)), delay: .milliseconds(100)
        ) { timer in
            let distance = self.roundTrips.allowance(for: session.rounds)
            let excused = distance.addingReportingOverflow(self.stalls.stalled - stalledBefore).partialValue
            guard self.now() - began >= budget.addingReportingOverflow(excused).partialValue else { return }
            timer.cancel()
            session.record(
                .problem(kind: .budget, message: "the budget of \(Describe.milliseconds(budget)) ran out"))
            session.abort()
        }
        await withTaskCancellationHandler {
            await step.playSteps()
        } onCancel: {
            session.record(.problem(kind: .budget, message: "the run was stopped"))
            session.abort()
        }
        timer.cancel()
        await step.finish()
        session.record(.caseEnded)
    }

    /// What the scenario says, in nanoseconds, for a server that answers within the usual time; a server whose profile asks
    /// for patience has as much more.
    static func budget(of scenario: Scenario, timing: Target.Timing) -> UInt64 {
        let usual = Target.Timing().reply
        guard timing.reply > usual else { return scenario.budget }
        return scenario.budget / 1000 * (timing.reply / (usual / 1000))
    }

    /// Twelve letters and digits, unlikely to be anywhere else.
    private static func makeToken() -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        return "u" + String((0..<11).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}
