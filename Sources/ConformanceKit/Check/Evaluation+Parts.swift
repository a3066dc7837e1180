extension ClosePattern {
    func evaluate(_ connection: ConnectionState, _ index: Int, _ window: EvaluationWindow) -> Evaluation {
        if connection.speaksHTTP { return self.evaluateStream(connection, index, window) }
        let hasEnded = connection.ended.map { $0.sequence <= window.until } ?? false
        if let close = connection.close, close.sequence <= window.until {
            guard self.form != .eof else { return .failed(actual: close.summary, records: [close.sequence]) }
            let code = close.code ?? 1005
            if let codes = self.codes, !codes.contains(code) {
                return .failed(actual: close.summary, records: [close.sequence])
            }
            let reason = String(decoding: close.reason, as: UTF8.self)
            if let pattern = self.reason,
                let difference = PatternMatcher.mismatch(.string(reason), pattern, at: "reason")
            {
                return .failed(actual: "\(close.summary) (\(difference))", records: [close.sequence])
            }
            if self.untilEOF && !hasEnded { return .pending }
            return .met(
                outcome: index, consumed: [],
                matched: .object([.init("code", .int(code)), .init("reason", .string(reason))]))
        }
        guard connection.isOver(until: window.until) else { return .pending }
        guard self.form != .frame else { return .failed(actual: connection.endSummary, records: []) }
        return .met(outcome: index, consumed: [], matched: .object([.init("code", .int(1006))]))
    }
}

extension ClosePattern {
    /// There are neither codes nor frames: the end of the stream is all there is.
    private func evaluateStream(_ connection: ConnectionState, _ index: Int, _ window: EvaluationWindow) -> Evaluation {
        guard connection.isOver(until: window.until) else { return .pending }
        return .met(
            outcome: index, consumed: [],
            matched: .object([.init("end", .string(connection.ended?.text ?? "refused"))]))
    }
}

extension HandshakePattern {
    func evaluate(_ connection: ConnectionState, _ index: Int, _ window: EvaluationWindow) -> Evaluation {
        guard let (response, sequence) = connection.response, sequence <= window.until else {
            guard connection.isOver(until: window.until) else { return .pending }
            return self.noAnswer
                ? .met(outcome: index, consumed: [], matched: .null)
                : .failed(actual: "no answer: \(connection.endSummary)", records: [])
        }
        let what = "status \(response.status): \(response.head.text?.prefix(300) ?? "")"
        func fail(_ why: String) -> Evaluation { .failed(actual: "\(what) (\(why))", records: [sequence]) }
        if self.noAnswer { return fail("an answer came") }
        if let statuses = self.statuses, !statuses.contains(where: { $0.contains(response.status) }) {
            return fail("another status is expected")
        }
        let selected = response.values("Sec-WebSocket-Protocol")
        if let subprotocol = self.subprotocol {
            guard selected == (subprotocol == "none" ? [] : [subprotocol]) else {
                return fail("the selected subprotocol is \(selected)")
            }
        }
        if let version = self.version, response.version != version {
            return fail("it came over HTTP/\(response.version ?? "1.1")")
        }
        if self.validUpgrade, let problem = response.upgradeProblem { return fail(problem) }
        for member in self.headers.members ?? [] {
            let values = response.values(member.name)
            let value: JSON? = values.isEmpty ? nil : .string(values.joined(separator: ", "))
            if let difference = PatternMatcher.mismatch(value, member.value, at: member.name) {
                return fail(difference)
            }
        }
        if let difference = self.bodyDifference(response.body) { return fail(difference) }
        return .met(
            outcome: index, consumed: [],
            matched: .object([
                .init("status", .int(response.status)),
                .init("subprotocol", selected.first.map { .string($0) } ?? .string("none")),
                .init("headers", .object(response.headers.map { .init($0.name.lowercased(), .string($0.value)) })),
                .init("body", (try? JSONParser.parse(response.body.bytes)) ?? .string(response.body.text ?? "")),
            ]))
    }

    private func bodyDifference(_ body: Bytes) -> String? {
        if let pattern = self.body {
            let value: JSON? =
                body.bytes.isEmpty ? nil : (try? JSONParser.parse(body.bytes)) ?? .string(body.text ?? "")
            if let difference = PatternMatcher.mismatch(value, pattern, at: "body") { return difference }
        }
        guard let pattern = self.bodyText else { return nil }
        guard let text = body.text else { return "the body is not UTF-8" }
        return PatternMatcher.mismatch(.string(text), pattern, at: "body_text")
    }
}

extension WireResponse {
    /// What is wrong with a 101 answer as an upgrade (RFC 6455 §4.1), or nil.
    var upgradeProblem: String? {
        guard self.status == 101 else { return "the status is \(self.status)" }
        guard self.acceptIsRight ?? true else { return "Sec-WebSocket-Accept does not belong to the key" }
        guard self.values("Upgrade").map({ $0.lowercased() }) == ["websocket"] else { return "no `Upgrade: websocket`" }
        let tokens = self.values("Connection").flatMap { $0.split(separator: ",") }.map { token in
            token.filter { $0 != " " }.lowercased()
        }
        guard tokens.contains("upgrade") else { return "no `Connection: Upgrade`" }
        return nil
    }
}

extension Expectation.EventsExpectation {
    /// The nonces in question, in the order of emission, without those of events that are known to have failed.
    private func wanted(_ state: CaseState) -> [String] {
        state.emissionOrder.filter { nonce in
            guard let emission = state.emissions[nonce] else { return false }
            return self.emissions.contains(emission.emission.name) && emission.outcome != .failed
        }
    }

    private func candidates(
        _ state: CaseState, _ window: EvaluationWindow
    ) -> [(offset: Int, item: ConnectionState.Item, nonce: String?)] {
        guard let connection = state.connections[self.connection] else { return [] }
        var found: [(offset: Int, item: ConnectionState.Item, nonce: String?)] = []
        for offset in connection.openOffsets(of: self.id) {
            let item = connection.items[offset]
            guard !item.isConsumed, !item.isProbe, item.sequence <= window.until else { continue }
            found.append((offset, item, item.json?["payload"]?.at(self.noncePath)?.plainText))
        }
        return found
    }

    func evaluate(_ state: CaseState, _ index: Int, _ window: EvaluationWindow) -> Evaluation {
        let least = self.emissions.reduce(0) { $0 + (state.emissionCounts[$1] ?? 0) }
        if let connection = state.connections[self.connection], window.isTooEarly(for: least, connection, id: self.id) {
            return .pending
        }
        let wanted = self.wanted(state)
        guard !wanted.isEmpty else {
            return .failed(
                actual: "no emission: none of \(self.emissions.joined(separator: ", ")) took place", records: [])
        }
        var consumed: [Int] = []
        // What is missing, and the first of it: every event is looked up, not searched for.
        var missing = Set(wanted)
        var next = 0
        for (offset, item, nonce) in self.candidates(state, window) {
            if missing.isEmpty { break }
            while next < wanted.count, !missing.contains(wanted[next]) { next += 1 }
            let isWanted = nonce.map { missing.contains($0) } ?? false
            if let nonce, isWanted, !self.ordered || wanted[next] == nonce {
                missing.remove(nonce)
                consumed.append(offset)
            } else if isWanted {
                return .failed(actual: "out of order: \(item.summary)", records: [item.sequence])
            } else if self.exactly || (item.type != "next" && item.type != "data") {
                return .failed(actual: item.summary, records: [item.sequence])
            }
        }
        if missing.isEmpty {
            return .met(outcome: index, consumed: consumed, matched: .object([.init("count", .int(consumed.count))]))
        }
        if let connection = state.connections[self.connection], connection.isOver(until: window.until) {
            return .failed(actual: connection.endSummary, records: [])
        }
        return .pending
    }

    func progress(_ state: CaseState, _ window: EvaluationWindow) -> String {
        let wanted = Set(self.wanted(state))
        let came = Set(self.candidates(state, window).compactMap(\.nonce)).intersection(wanted)
        return "missing events: \(came.count) of \(wanted.count) came"
    }
}

extension ValueComparison {
    /// Nil if it holds, otherwise what is there.
    func difference(from value: JSON) -> String? {
        let shown = "value: \(PatternMatcher.brief(value))"
        switch self.kind {
        case .equals: return PatternMatcher.mismatch(value, self.operand) == nil ? nil : shown
        case .differs: return PatternMatcher.mismatch(value, self.operand) == nil ? shown : nil
        case .atLeast, .atMost, .roseBy, .roseByAtMost:
            guard let number = value.doubleValue, let operand = self.operand.numeric else { return shown }
            switch self.kind {
            case .atLeast: return number >= operand ? nil : shown
            case .atMost: return number <= operand ? nil : shown
            default:
                guard let base = self.base?.numeric else { return "\(shown), and nothing to count from" }
                let fits = self.kind == .roseBy ? number - base == operand : number - base <= operand
                return fits ? nil : "\(shown), risen by \(number - base) since \(base)"
            }
        }
    }
}

extension JSON {
    /// A number, also when a template made it a string.
    var numeric: Double? { self.doubleValue ?? self.stringValue.flatMap { Double($0) } }
}
