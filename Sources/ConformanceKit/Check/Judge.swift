/// Judges a case by its records alone.
package enum Judge {
    /// Pure: the same records give the same result. A history without records is inconclusive.
    package static func judge(_ expandedCase: ExpandedCase, _ history: History) -> CaseResult {
        var judgement = Judgement(expandedCase)
        for record in history.records { judgement.take(record) }
        judgement.conclude()
        let first = history.records.first?.time ?? 0
        let last = history.records.last?.time ?? 0
        return judgement.result(duration: last > first ? last - first : 0, records: history.records.count)
    }
}

/// A judgement in the making.
struct Judgement {
    let expandedCase: ExpandedCase
    private(set) var state = CaseState()
    private(set) var reasons: [CaseResult.Reason] = []
    /// Places in `reasons` of those that say no more than that something was not seen, and that nobody tried to.
    private var absences: Set<Int> = []
    private(set) var lookedAt: Set<Facet> = [.behaviour]
    private var evaluated = 0
    private(set) var hasStarted = false
    private(set) var hasEnded = false
    private(set) var stepsEnd: HistoryRecord.StepsEnd?
    /// Places of steps that have to decide something, and of those that did.
    private var owing: [String] = []
    private var decided: Set<String> = []
    /// Connections whose end was expected.
    private(set) var expectedEnds: Set<String> = []
    private(set) var livenessDecided = false
    private(set) var cleanupDecided = false
    private(set) var hasProblem = false
    private var isUndeclared = false
    private(set) var allow: [MessagePattern] = []

    init(_ expandedCase: ExpandedCase) { self.expandedCase = expandedCase }

    /// - Parameter isAbsence: It says no more than that something was not seen, and nothing shows that it was tried: steps
    ///   that ended early explain it.
    mutating func add(_ reason: CaseResult.Reason, isAbsence: Bool = false) {
        self.lookedAt.insert(reason.facet)
        if isAbsence { self.absences.insert(self.reasons.count) }
        self.reasons.append(reason)
    }

    // MARK: Records in order

    mutating func take(_ record: HistoryRecord) {
        self.state.apply(record)
        switch record.event {
        case .caseStarted:
            self.hasStarted = true
            self.readAllowed()
        case .caseEnded: self.hasEnded = true
        case .stepsEnded(let how): self.stepsEnd = how
        case .stepStarted:
            let verb = record.step.map(Self.verb)
            let deciding = [
                "expect", "expect_close", "expect_none", "expect_http", "expect_events", "assert", "eventually", "run",
            ]
            if let verb, deciding.contains(verb), let step = record.step { self.owing.append(step) }
        case .problem(let kind, let message): self.take(kind, message, record)
        case .expected(let expectation, let since, let until, let deadlinePassed):
            self.decide(
                expectation, EvaluationWindow(since: since, until: until, deadlinePassed: deadlinePassed), record)
        default: return
        }
    }

    private static func verb(of step: String) -> String {
        String(step.split(separator: " ").last?.prefix { $0 != "#" } ?? "")
    }

    /// The scenario's `allow`, with this instance's token and cell filled in.
    private mutating func readAllowed() {
        var values: [String: JSON] = ["u": .string(self.state.token)]
        for member in self.expandedCase.values { values[member.name] = member.value }
        let scope = TemplateScope(values: values, profile: .null)
        let decoder = StepDecoder(
            context: DecodeContext(
                file: self.expandedCase.scenario.file, isLint: false, level: .must, timing: Target.Timing()))
        for node in self.expandedCase.scenario.allow {
            guard let filled = try? Template.fill(node, scope: scope),
                let patterns = try? decoder.patterns([filled])
            else { continue }
            self.allow.append(contentsOf: patterns)
        }
    }

    private mutating func take(_ kind: HistoryRecord.ProblemKind, _ message: String, _ record: HistoryRecord) {
        self.hasProblem = true
        let isLiveness = record.connection == StepPlayer.livenessName
        let verdict: Verdict
        switch kind {
        case .harness, .budget: verdict = .error
        case .precondition: verdict = .inconclusive
        case .undeclared:
            verdict = .unsupported
            self.isUndeclared = true
        case .server: verdict = .fail
        }
        if isLiveness { self.livenessDecided = true }
        self.add(
            .init(
                verdict: verdict, facet: isLiveness ? .recovery : .behaviour,
                check: isLiveness ? "liveness" : "step", step: record.step,
                requirements: isLiveness ? [] : self.expandedCase.scenario.covers, message: message,
                actual: "\(kind.rawValue): \(message)", connection: record.connection, records: [record.sequence]))
    }

    private mutating func decide(_ expectation: Expectation, _ window: EvaluationWindow, _ record: HistoryRecord) {
        self.evaluated += 1
        if let step = record.step { self.decided.insert(step) }
        let isLiveness = expectation.connection == StepPlayer.livenessName
        let facet = isLiveness ? Facet.recovery : expectation.facet
        self.lookedAt.insert(facet)
        if isLiveness, facet == .recovery { self.livenessDecided = true }
        if facet == .cleanup { self.cleanupDecided = true }
        let requirements =
            expectation.requirements.isEmpty && !isLiveness
            ? self.expandedCase.scenario.covers : expectation.requirements
        func reason(_ verdict: Verdict, _ message: String, _ actual: String, _ records: [Int]) -> CaseResult.Reason {
            .init(
                verdict: verdict, facet: facet, check: isLiveness ? "liveness" : "expectation", step: record.step,
                requirements: requirements, message: message, expected: expectation.outcomes.map(Describe.outcome),
                actual: actual, connection: expectation.connection, records: records)
        }
        let subject = Describe.subject(expectation.subject)
        switch expectation.evaluate(self.state, window) {
        case .pending:
            self.add(reason(.error, "the history decides nothing about \(subject)", "", []))
        case .failed(let actual, let records):
            self.add(reason(expectation.otherwise, "\(subject) are not as expected", actual, records))
        case .met(let index, let consumed, let matched):
            let outcome = expectation.outcomes[index]
            if let connection = expectation.connection {
                let records = consumed.compactMap { self.state.connections[connection]?.items[$0].sequence }
                self.state.consume(consumed, of: connection)
                self.noteEnd(outcome.form, connection)
                if outcome.verdict != .pass {
                    let what = outcome.name ?? outcome.note ?? Describe.form(outcome.form)
                    self.add(reason(outcome.verdict, "\(subject): \(what)", self.text(of: matched), records))
                }
                if case .nothing = outcome.form { self.checkFence(connection, window, record) }
            } else if outcome.verdict != .pass {
                self.add(reason(outcome.verdict, subject, "value: \(PatternMatcher.brief(matched))", []))
            }
        }
    }

    private func text(of matched: JSON) -> String {
        if let actual = matched["actual"]?.stringValue { return actual }
        if let code = matched["code"]?.intValue { return "close \(code): \(matched["reason"]?.stringValue ?? "")" }
        if let type = matched["type"]?.stringValue { return "\(type): \(PatternMatcher.brief(matched))" }
        return PatternMatcher.brief(matched)
    }

    private mutating func noteEnd(_ form: Expectation.Form, _ connection: String) {
        switch form {
        case .close, .anything: self.expectedEnds.insert(connection)
        case .handshake(let pattern) where pattern.noAnswer: self.expectedEnds.insert(connection)
        default: return
        }
    }

    /// Silence shows nothing unless a fence passed before.
    private mutating func checkFence(_ connection: String, _ window: EvaluationWindow, _ record: HistoryRecord) {
        if let fence = self.state.connections[connection]?.lastFence, fence <= window.until { return }
        // Only `expect_none` is refused without a fence; a listed outcome of silence waits out its own deadline.
        guard record.step.map(Self.verb) == "expect_none" else { return }
        self.add(
            .init(
                verdict: .inconclusive, facet: .behaviour, check: "non-vacuity", step: record.step,
                message: "silence on \(connection) was taken without a fence", connection: connection))
    }

    // MARK: At the end

    mutating func conclude() {
        guard self.hasStarted else {
            self.add(
                .init(
                    verdict: .inconclusive, facet: .behaviour, check: "non-vacuity",
                    message: "nothing was recorded for this case"))
            return
        }
        self.checkVacuity()
        self.checkConnections()
        self.checkMessages()
        self.checkRequested()
        self.excuseLateness()
    }

    /// What follows from a runner that was too slow says nothing about the server.
    private mutating func excuseLateness() {
        for index in self.reasons.indices where !self.reasons[index].verdict.isGood {
            guard let name = self.reasons[index].connection, self.state.connections[name]?.runnerWasLate ?? false else {
                continue
            }
            self.reasons[index].verdict = .inconclusive
            self.reasons[index].message =
                "the runner was late: it did not send connection_init in time (\(self.reasons[index].message))"
        }
    }

    private mutating func checkVacuity() {
        func vacuous(_ verdict: Verdict, _ message: String, _ facet: Facet = .behaviour) -> CaseResult.Reason {
            .init(verdict: verdict, facet: facet, check: "non-vacuity", message: message)
        }
        let isBroken = self.reasons.contains { !$0.verdict.isGood }
        if !self.hasEnded || self.stepsEnd == nil {
            self.add(vacuous(.error, "the history ends before the case does"))
        } else if self.stepsEnd == .aborted, self.reasons.isEmpty {
            self.add(vacuous(.error, "the steps ended early and nothing says why"))
        }
        if self.stepsEnd == .completed {
            let owed = Set(self.owing).subtracting(self.decided)
            if let first = owed.sorted().first {
                self.add(vacuous(.inconclusive, "\(owed.count) expectations were never decided, among them \(first)"))
            }
        }
        // Opening, liveness and cleaning up are not what a scenario is about.
        let own = self.decided.subtracting(["after the case"]).count
        if own == 0, !isBroken { self.add(vacuous(.inconclusive, "nothing was expected"), isAbsence: true) }
        for name in Set(self.state.emissions.values.map(\.emission.name)).sorted() where !name.hasPrefix("~") {
            let emissions = self.state.emissions.values.filter { $0.emission.name == name }
            if !emissions.contains(where: { $0.outcome == ($0.emission.hasToFail == true ? .failed : .ok) }) {
                // One that was refused or lost is a finding, whatever else the case went without.
                self.add(
                    vacuous(.inconclusive, "no event of `\(name)` is known to have been emitted"),
                    isAbsence: emissions.allSatisfy { $0.outcome == nil })
            }
        }
        if self.hasEnded, !self.livenessDecided, !isBroken, self.usedWebSocket {
            self.add(vacuous(.inconclusive, "nobody looked whether the server still serves", .recovery))
        }
    }

    private var usedWebSocket: Bool { self.state.connections.keys.contains { !$0.hasPrefix("~http") } }

    /// The reasons without what is explained by another: where the profile lacks what a step needs the steps end there, and
    /// what they would have shown is not missing. What was tried and did not come off is a finding all the same.
    private var unexplained: [CaseResult.Reason] {
        guard self.isUndeclared, self.stepsEnd == .aborted else { return self.reasons }
        return self.reasons.indices.filter { !self.absences.contains($0) }.map { self.reasons[$0] }
    }

    func result(duration: UInt64, records: Int) -> CaseResult {
        var facets: [Facet: Verdict] = [:]
        let best: Verdict = self.expandedCase.scenario.level == .info ? .info : .pass
        for facet in self.lookedAt { facets[facet] = facet == .behaviour ? best : .pass }
        let reasons = self.unexplained
        for reason in reasons {
            facets[reason.facet] = Verdict.worse(facets[reason.facet] ?? .pass, reason.verdict)
        }
        return CaseResult(
            caseName: self.expandedCase.name, verdict: facets.values.reduce(.pass, Verdict.worse), facets: facets,
            reasons: reasons.enumerated().sorted { left, right in
                left.element.verdict != right.element.verdict
                    ? Verdict.worse(left.element.verdict, right.element.verdict) == left.element.verdict
                    : left.offset < right.offset
            }.map(\.element),
            duration: duration, records: records, expectationsEvaluated: self.evaluated)
    }
}
