extension StepPlayer {
    /// What an operation of the runner's own came to.
    enum Answer: Sendable {
        /// The payload of the first `next`.
        case result(JSON)
        /// The payload of `error`.
        case refused(JSON)
        case noAnswer(String)
    }

    /// Runs an operation on a connection, by default on one of the runner's own that stays open for the case.
    func ask(_ payload: String, connection: String?, _ place: String) async throws(Abort) -> Answer {
        let name = connection ?? Self.controlName
        if connection == nil {
            guard let transport = self.ownTransport else { return try await self.askByHTTP(payload, place) }
            try await self.openControl(transport, place)
        }
        let id = "~\(self.session.nextSerial())"
        let from = self.session.read { $0.connections[name]?.items.count ?? 0 }
        try await self.write(
            [.start(OperationStart(id: id, kind: .payload(payload)))], to: name, split: nil, place)
        let answer = try await self.session.wait(until: self.session.now() + self.target.timing.reply) {
            state, _ -> Answer? in
            guard let connection = state.connections[name] else { return nil }
            var result: JSON?
            for item in connection.items[from...] where item.id == id {
                switch item.type {
                case "next", "data": result = result ?? item.json?["payload"]
                case "error", "refused": return .refused(item.json?["payload"] ?? .null)
                case "complete": return result.map { .result($0) } ?? .noAnswer("complete without a result")
                default: continue
                }
            }
            return connection.isOver(until: .max) ? .noAnswer(connection.endSummary) : nil
        }
        return answer ?? .noAnswer("nothing within \(Describe.milliseconds(self.target.timing.reply))")
    }

    /// Of a server without sockets.
    private func askByHTTP(_ payload: String, _ place: String) async throws(Abort) -> Answer {
        let name = "~http-\(self.session.nextSerial())"
        guard let response = try await self.post(payload, to: name, place) else {
            return .noAnswer("nothing within \(Describe.milliseconds(self.target.timing.reply))")
        }
        guard let json = try? JSONParser.parse(response.body.bytes) else {
            return .noAnswer("status \(response.status), and no JSON")
        }
        return json["data"] == nil ? .refused(json["errors"] ?? json) : .result(json)
    }

    private func openControl(_ transport: String, _ place: String) async throws(Abort) {
        if self.links.get(Self.controlName) != nil { return }
        try await self.open(
            Self.plainConnection(Self.controlName, transport), payload: nil, within: self.target.timing.reply, place)
    }

    /// Reads a value once, writes it down and returns it.
    func observe(_ source: ValueSource, scope: TemplateScope, _ place: String) async throws(Abort) -> JSON {
        switch await self.read(source, scope: scope, place) {
        case .success(let value):
            self.session.record(.observed(source: source.label, value: value), step: place)
            return value
        case .failure(let failure):
            throw self.problem(failure.kind, failure.message, nil, place)
        }
    }

    struct ReadFailure: Error {
        var kind: HistoryRecord.ProblemKind
        var message: String
        var isAbort = false
    }

    private func read(
        _ source: ValueSource, scope: TemplateScope, _ place: String
    ) async -> Result<JSON, ReadFailure> {
        switch source {
        case .query(let payload, let path, let connection):
            do throws(Abort) {
                switch try await self.ask(payload, connection: connection, place) {
                case .result(let result):
                    if let value = result.at(path) { return .success(value) }
                    return .failure(
                        .init(kind: .precondition, message: "no `\(path)` in \(PatternMatcher.brief(result))"))
                case .refused(let errors):
                    return .failure(.init(kind: .precondition, message: "refused: \(PatternMatcher.brief(errors))"))
                case .noAnswer(let why):
                    return .failure(.init(kind: .server, message: "a query of the runner got no answer: \(why)"))
                }
            } catch {
                return .failure(.init(kind: .harness, message: "", isAbort: true))
            }
        case .redis(let question):
            guard let oracle = self.oracle else {
                return .failure(.init(kind: .undeclared, message: "the profile has no redis"))
            }
            switch await oracle.ask(question) {
            case .success(let count): return .success(.int(count))
            case .failure(let error): return .failure(.init(kind: .harness, message: error.message))
            }
        case .saved(let name):
            if case .string(let text) = name, let value = scope.value(text) { return .success(value) }
            return .success(name)
        }
    }

    /// Compares a value, again and again until it fits if it may take its time.
    func value(
        _ source: ValueSource, _ expectation: Expectation, isEventual: Bool, scope: TemplateScope, _ place: String
    ) async throws(Abort) {
        var expectation = expectation
        if case .value(var comparison) = expectation.outcomes[0].form, case .string(let name)? = comparison.base {
            guard let base = scope.value(name) ?? Double(name).map({ _ in .number(name) }) else {
                throw self.problem(.harness, "nothing was saved as `\(name)`", nil, place)
            }
            comparison.base = base["value"] ?? base
            expectation.outcomes[0].form = .value(comparison)
        }
        let since = self.session.writer.nextSequence - 1
        let deadline = self.session.now() + expectation.within
        var pause: UInt64 = 5_000_000
        while true {
            switch await self.read(source, scope: scope, place) {
            case .success(let value): self.session.record(.observed(source: source.label, value: value), step: place)
            case .failure(let failure):
                if failure.isAbort { throw .aborted }
                if !isEventual || self.session.now() >= deadline || failure.kind == .undeclared {
                    throw self.problem(failure.kind, failure.message, nil, place)
                }
            }
            let isDecided = self.session.read { state in
                let window = EvaluationWindow(since: since, until: .max, deadlinePassed: false)
                if case .pending = expectation.evaluate(state, window) { return false }
                return true
            }
            if isDecided || !isEventual || self.session.now() >= deadline { break }
            _ = try await self.session.wait(until: self.session.now() + pause) { _, passed in passed ? true : nil }
            pause = min(pause * 2, 100_000_000)
        }
        let evaluation = try await self.session.decide(expectation, since: since, deadline: 0, step: place)
        guard case .met(_, _, let matched) = evaluation else {
            if expectation.otherwise.isGood { return }
            throw .aborted
        }
        if let name = expectation.name { self.session.save(name, matched) }
    }

    // MARK: What is left behind

    var wantsBaseline: Bool {
        self.expandedCase.scenario.checks.contains { $0.name == "subscriptions-return-to-baseline" }
    }

    private var redisSource: ValueSource { .redis(.subscriptions(containing: self.token)) }

    /// Shows that the probe can see what the case opens.
    func observeRedis(_ place: String) async {
        guard let oracle = self.oracle else { return }
        if case .success(let count) = await oracle.ask(.subscriptions(containing: self.token)) {
            self.session.record(.observed(source: self.redisSource.label, value: .int(count)), step: place)
        }
    }

    /// After everything was closed: what is still open under the case's token has to go.
    func observeBaseline() async {
        let place = "after the case"
        var sources: [ValueSource] = []
        if self.oracle != nil { sources.append(self.redisSource) }
        if self.target.has("fixture.active") {
            let payload = "{\"query\":\"{ active(key: \\\"\(self.token)\\\") }\"}"
            sources.append(.query(payload: payload, at: "data.active", connection: nil))
        }
        for source in sources {
            let comparison = ValueComparison(kind: .equals, operand: .int(0), base: nil)
            let expectation = self.implicit(
                .value(source: source.label), .value(comparison), within: self.target.timing.cleanup, facet: .cleanup)
            do throws(Abort) {
                try await self.value(
                    source, expectation, isEventual: true,
                    scope: TemplateScope(values: [:], profile: .null), place)
            } catch {
                // The judge finds it in the history.
            }
        }
    }
}
