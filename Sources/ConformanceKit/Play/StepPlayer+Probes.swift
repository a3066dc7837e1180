/// Events that a scenario makes by itself, beside the profile's stream.
extension StepPlayer {
    /// Runs an operation until what it makes happen has arrived; what carries the probe's text is never unexpected.
    func live(
        _ name: String, _ id: String, by probe: OperationProbe, within: UInt64, _ place: String
    ) async throws(Abort) {
        let started = self.session.now()
        var pause: UInt64 = 50_000_000
        let mark = CaseState.probeMark(token: self.token)
        while self.session.now() < started + within {
            let variables = probe.variables + [.init("probe", .string("\(mark)\(self.session.nextSerial())"))]
            let payload = JSON.object([.init("query", .string(probe.query)), .init("variables", .object(variables))])
            switch try await self.ask(payload.text, connection: probe.connection, place) {
            case .result(let result) where result["errors"] == nil: break
            case .result(let answer), .refused(let answer):
                throw self.problem(
                    .precondition, "the probe was refused: \(PatternMatcher.brief(answer))", probe.connection, place)
            case .noAnswer(let why):
                throw self.problem(.server, "the probe got no answer: \(why)", probe.connection, place)
            }
            let found = try await self.session.wait(until: self.session.now() + pause) { state, _ -> String? in
                guard let connection = state.connections[name] else { return "lost" }
                for item in connection.items where item.hasID(id) {
                    if item.isProbe { return "live" }
                    if !item.isConsumed, item.type == "error" || item.type == "complete" { return item.summary }
                }
                return connection.isOver(until: .max) ? connection.endSummary : nil
            }
            if found == "live" {
                if self.wantsBaseline { await self.observeRedis(place) }
                return
            }
            if let found {
                throw self.problem(.server, "the subscription `\(id)` did not become live: \(found)", name, place)
            }
            pause = min(pause * 2, 400_000_000)
        }
        throw self.problem(
            .server, "the subscription `\(id)` delivered no event within \(Describe.milliseconds(within))", name, place)
    }

    /// Gives Redis a command.
    func command(redis words: [String], _ place: String) async throws(Abort) {
        guard let oracle = self.oracle else {
            throw self.problem(.undeclared, "the profile has no redis", nil, place)
        }
        if case .failure(let error) = await oracle.command(words) {
            throw self.problem(.precondition, "Redis did not take the command: \(error.message)", nil, place)
        }
    }
}
