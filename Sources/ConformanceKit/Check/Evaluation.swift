/// What an expectation comes to on what is known so far. Waiting steps and the judge use the same function.
package enum Evaluation: Sendable {
    /// Not decided yet.
    case pending
    /// An outcome fits. `consumed` are places in the connection's items; `matched` is saved for later steps.
    case met(outcome: Int, consumed: [Int], matched: JSON)
    /// No outcome fits any more. `actual` begins with the kind of thing that came, up to a colon.
    case failed(actual: String, records: [Int])
}

/// The window that an expectation is decided on.
package struct EvaluationWindow: Sendable {
    /// Records after this number (only values are tied to it; messages are used up instead).
    package var since: Int
    /// Records up to this number.
    package var until: Int
    package var deadlinePassed: Bool

    package init(since: Int, until: Int, deadlinePassed: Bool) {
        self.since = since
        self.until = until
        self.deadlinePassed = deadlinePassed
    }
}

extension Evaluation {
    var isPending: Bool {
        if case .pending = self { true } else { false }
    }
}

extension EvaluationWindow {
    /// Long sequences are looked at only when enough has come, so that waiting for n messages costs n and not n².
    func isTooEarly(for wanted: Int, _ connection: ConnectionState, id: String?) -> Bool {
        let open = id.map { connection.openOffsets(of: $0).count } ?? connection.items.count - connection.firstOpen
        return wanted > 32 && !self.deadlinePassed && open < wanted
            && !connection.isOver(until: self.until)
    }
}

extension Expectation {
    /// Decides, without side effects.
    package func evaluate(_ state: CaseState, _ window: EvaluationWindow) -> Evaluation {
        var verdicts: [Evaluation] = []
        var fallback: Int?
        for (index, outcome) in self.outcomes.enumerated() {
            if case .anything = outcome.form {
                fallback = fallback ?? index
                verdicts.append(.failed(actual: "", records: []))
                continue
            }
            let evaluation = self.checkTime(self.evaluate(outcome.form, index, state, window), state)
            if case .met = evaluation {
                // A better outcome that can still come is waited for.
                if window.deadlinePassed || !verdicts.contains(where: \.isPending) { return evaluation }
                return .pending
            }
            verdicts.append(evaluation)
        }
        var failure: (actual: String, records: [Int])?
        for (index, verdict) in verdicts.enumerated() where index != fallback {
            switch verdict {
            case .failed(let actual, let records): failure = failure ?? (actual, records)
            default: if !window.deadlinePassed { return .pending }
            }
        }
        if let fallback, window.deadlinePassed || failure != nil {
            let consumed = self.unconsumed(state, window)
            let what = failure?.actual ?? self.nothing(state, window)
            return .met(
                outcome: fallback, consumed: consumed.map(\.offset), matched: .object([.init("actual", .string(what))]))
        }
        if fallback != nil { return .pending }
        if let failure { return .failed(actual: failure.actual, records: failure.records) }
        return window.deadlinePassed ? .failed(actual: self.nothing(state, window), records: []) : .pending
    }

    private func evaluate(
        _ form: Form, _ index: Int, _ state: CaseState, _ window: EvaluationWindow
    ) -> Evaluation {
        switch (self.subject, form) {
        case (.messages(let name, _, let allow), .messages(let patterns, let times)):
            guard let connection = state.connections[name] else { return .pending }
            return self.messages(patterns, times, index, connection, allow, state, window)
        case (.messages(let name, _, _), .close(let pattern)):
            guard let connection = state.connections[name] else { return .pending }
            return pattern.evaluate(connection, index, window)
        case (.messages(let name, _, let allow), .nothing):
            guard let connection = state.connections[name] else { return .pending }
            if let (_, item) = self.unconsumed(state, window).first(where: { !Self.isAllowed($0.element, allow) }) {
                return .failed(actual: item.summary, records: [item.sequence])
            }
            // The end of an event stream is judged by its own rules.
            if connection.isOver(until: window.until), connection.leftAt == nil, !connection.speaksHTTP {
                return .failed(actual: connection.endSummary, records: [])
            }
            return window.deadlinePassed ? .met(outcome: index, consumed: [], matched: .null) : .pending
        case (.handshake(let name), .handshake(let pattern)):
            guard let connection = state.connections[name] else { return .pending }
            return pattern.evaluate(connection, index, window)
        case (.events(let events), .delivered): return events.evaluate(state, index, window)
        case (.value(let source), .value(let comparison)):
            guard let seen = state.observations[source], seen.sequence > window.since else { return .pending }
            guard seen.sequence <= window.until else { return .pending }
            if let difference = comparison.difference(from: seen.value) {
                return window.deadlinePassed ? .failed(actual: difference, records: [seen.sequence]) : .pending
            }
            return .met(outcome: index, consumed: [], matched: seen.value)
        default: return .failed(actual: "an outcome that cannot belong to this step", records: [])
        }
    }

    private func messages(
        _ patterns: [MessagePattern], _ times: Int, _ index: Int, _ connection: ConnectionState,
        _ allow: [MessagePattern], _ state: CaseState, _ window: EvaluationWindow
    ) -> Evaluation {
        let wanted = patterns.count * times
        if window.isTooEarly(for: wanted, connection, id: self.operationID) { return .pending }
        var consumed: [Int] = []
        var last: ConnectionState.Item?
        for (offset, item) in self.unconsumed(state, window) {
            if consumed.count == wanted { break }
            let pattern = patterns[consumed.count % patterns.count]
            let difference = item.json.map { pattern.mismatch($0) } ?? "it is no JSON message"
            guard let difference else {
                consumed.append(offset)
                last = item
                continue
            }
            if Self.isAllowed(item, allow) { continue }
            return .failed(actual: "\(item.summary) (\(difference))", records: [item.sequence])
        }
        if consumed.count == wanted {
            var matched = last?.json ?? .null
            if case .object(let members) = matched, let time = last?.time {
                matched = .object(members + [.init("received_at", .int(Int(time)))])
            }
            return .met(outcome: index, consumed: consumed, matched: matched)
        }
        if connection.isOver(until: window.until) {
            return .failed(actual: connection.endSummary, records: [])
        }
        return .pending
    }

    /// The lane's items that are left, with their places.
    private func unconsumed(
        _ state: CaseState, _ window: EvaluationWindow
    ) -> [(offset: Int, element: ConnectionState.Item)] {
        guard case .messages(let name, let lane, _) = self.subject, let connection = state.connections[name] else {
            return []
        }
        var found: [(offset: Int, element: ConnectionState.Item)] = []
        func look(at offset: Int) {
            let item = connection.items[offset]
            if !item.isConsumed, !item.isProbe, item.sequence <= window.until, lane.contains(item) {
                found.append((offset, item))
            }
        }
        if case .operation(let id) = lane {
            for offset in connection.openOffsets(of: id) { look(at: offset) }
        } else {
            for offset in connection.firstOpen..<connection.items.count { look(at: offset) }
        }
        return found
    }

    /// The id of the one operation whose messages are looked at.
    private var operationID: String? {
        if case .messages(_, .operation(let id), _) = self.subject { id } else { nil }
    }

    /// Keep-alives, and what the step allows.
    static func isAllowed(_ item: ConnectionState.Item, _ allow: [MessagePattern]) -> Bool {
        switch item.content {
        case .control, .note: return true
        default: break
        }
        if item.type == "ping" || item.type == "pong" || item.type == "ka" { return true }
        guard let json = item.json else { return false }
        return allow.contains { $0.mismatch(json) == nil }
    }

    private func checkTime(_ evaluation: Evaluation, _ state: CaseState) -> Evaluation {
        guard let notBefore = self.notBefore, case .met(let index, let consumed, _) = evaluation,
            case .messages(let name, _, _) = self.subject, let connection = state.connections[name],
            let opened = connection.openedAt
        else { return evaluation }
        let time: UInt64?
        switch self.outcomes[index].form {
        case .close: time = connection.close?.time ?? connection.ended?.time
        default: time = consumed.last.map { connection.items[$0].time }
        }
        guard let time, time < opened + notBefore else { return evaluation }
        let passed = Describe.milliseconds(time - opened)
        return .failed(actual: "too early: \(passed) after the connection was opened", records: [])
    }

    /// What to say when the deadline passed.
    private func nothing(_ state: CaseState, _ window: EvaluationWindow) -> String {
        switch self.subject {
        case .value(let source): return "no value: \(source)"
        case .events(let events): return events.progress(state, window)
        case .handshake: return "nothing: no answer within \(Describe.milliseconds(self.within))"
        case .messages(let name, _, _):
            if let connection = state.connections[name], connection.connectFailed != nil {
                return connection.endSummary
            }
            let rest = self.unconsumed(state, window)
            guard let last = rest.last?.element else {
                return "nothing: no message within \(Describe.milliseconds(self.within))"
            }
            return
                "nothing more: \(rest.count) messages within \(Describe.milliseconds(self.within)), the last \(last.summary)"
        }
    }
}

extension Expectation.Lane {
    func contains(_ item: ConnectionState.Item) -> Bool {
        switch item.content {
        case .control, .note: return self == .control
        default: break
        }
        switch self {
        case .all: return true
        case .operation(let id): return item.hasID(id)
        case .connection: return item.id == nil
        case .operations: return item.id != nil
        case .control: return false
        }
    }
}
