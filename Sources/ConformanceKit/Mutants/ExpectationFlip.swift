/// Turns what a step expects into its contrary and judges the same records again: an expectation after whose turning the
/// case is still good decides nothing.
package enum ExpectationFlip {
    /// An expectation that decides nothing.
    package struct Dead: Sendable, Equatable {
        package var caseName: String
        /// `file:line verb`.
        package var step: String
        /// What it expects.
        package var expected: String
    }

    /// What was found in one case.
    package struct Finding: Sendable, Equatable {
        /// How many expectations were turned.
        package var flipped: Int
        package var dead: [Dead]
    }

    /// Turns every expectation of a good case, one at a time; of a step in a loop the first time that it was played. `nil` if
    /// the case is not good to begin with.
    package static func check(_ expanded: ExpandedCase, _ history: History) -> Finding? {
        guard Judge.judge(expanded, history).verdict.isGood else { return nil }
        var finding = Finding(flipped: 0, dead: [])
        var seen: Set<String> = []
        for (index, record) in history.records.enumerated() {
            guard case .expected(let expectation, let since, let until, _) = record.event,
                expectation.connection?.hasPrefix("~") != true,
                seen.insert(String((record.step ?? "").prefix { $0 != "#" })).inserted,
                let turned = self.contrary(of: expectation)
            else { continue }
            var changed = history
            changed.records[index].event = .expected(
                expectation: turned, since: since, until: until, deadlinePassed: true)
            finding.flipped += 1
            if Judge.judge(expanded, changed).verdict.isGood {
                finding.dead.append(
                    Dead(
                        caseName: expanded.name, step: record.step ?? "",
                        expected: expectation.outcomes.map(Describe.outcome).joined(separator: ", or ")))
            }
        }
        return finding
    }

    /// An expectation that nothing meets which met this one; `nil` if it takes whatever comes.
    private static func contrary(of expectation: Expectation) -> Expectation? {
        if expectation.outcomes.contains(where: { $0.form == .anything }) { return nil }
        var turned = expectation
        turned.otherwise = .fail
        if case .events(var events) = turned.subject {
            events.id = "~nobody"
            turned.subject = .events(events)
        }
        for index in turned.outcomes.indices {
            turned.outcomes[index].form = self.contrary(of: turned.outcomes[index].form)
        }
        return turned
    }

    private static func contrary(of form: Expectation.Form) -> Expectation.Form {
        let nobody = MessagePattern(message: .object([.init("type", .string("~nobody sends this"))]))
        switch form {
        // Not a close with another code: where streams are closed there are no codes.
        case .messages, .nothing, .close: return .messages([nobody], times: 1)
        case .handshake(var pattern):
            pattern.noAnswer = false
            pattern.statuses = [598...598]
            return .handshake(pattern)
        case .value(var comparison):
            switch comparison.kind {
            case .equals: comparison.kind = .differs
            case .differs: comparison.kind = .equals
            case .atLeast: comparison.operand = .number("1e300")
            case .atMost, .roseByAtMost: comparison.operand = .number("-1e300")
            case .roseBy: comparison.operand = .number("1e300")
            }
            return .value(comparison)
        case .delivered, .anything: return form
        }
    }
}
