extension StepPlayer {
    // MARK: Emitting

    func emit(_ arguments: EmitArguments, _ place: String) async throws(Abort) {
        for number in 1...arguments.count {
            let nonce = "\(self.token)-\(arguments.name)-\(number)"
            let outcome = try await self.emitOne(
                HistoryRecord.Emission(name: arguments.name, topic: arguments.topic, nonce: nonce), place)
            if arguments.mustSucceed, outcome != .ok {
                let detail = self.session.read { $0.emissions[nonce]?.detail ?? "" }
                throw self.problem(.precondition, "an event could not be emitted: \(detail)", nil, place)
            }
        }
    }

    /// Emits one event through the profile.
    func emitOne(
        _ emission: HistoryRecord.Emission, _ place: String
    ) async throws(Abort) -> HistoryRecord.EmitOutcome {
        guard let template = self.target.emit else {
            throw self.problem(.undeclared, "the profile does not say how to emit an event", nil, place)
        }
        let values = ["topic": emission.topic, "nonce": emission.nonce]
        self.session.record(.emitting(emission: emission), step: place)
        let outcome: HistoryRecord.EmitOutcome
        var detail = ""
        switch template {
        case .mutation(let document, let variables):
            let payload = JSON.object([
                .init("query", .string(document)), .init("variables", variables.replacing(values)),
            ])
            switch try await self.ask(payload.text, connection: nil, place) {
            case .result(let result) where result["errors"] == nil && result["data"] != nil: outcome = .ok
            case .result(let result):
                outcome = .failed
                detail = PatternMatcher.brief(result)
            case .refused(let errors):
                outcome = .failed
                detail = PatternMatcher.brief(errors)
            case .noAnswer(let why):
                outcome = .unknown
                detail = why
            }
        case .redis(let channel, let message):
            let channel = JSON.string(channel).replacing(values).plainText
            // The message is JSON text more often than not: the values are put in escaped.
            let escaped = values.mapValues { String(JSON.string($0).text.dropFirst().dropLast()) }
            let text = JSON.string(message).replacing(escaped).plainText
            switch await self.oracle?.publish(text, to: channel) {
            case .success: outcome = .ok
            case .failure(let error):
                outcome = .failed
                detail = error.message
            case nil:
                outcome = .failed
                detail = "the profile has no redis"
            }
        case .http(let path, let body):
            (outcome, detail) = try await self.post(body.replacing(values), path: path, place)
        }
        self.session.record(.emitted(nonce: emission.nonce, outcome: outcome, detail: detail), step: place)
        return outcome
    }

    private func post(
        _ body: JSON, path: String, _ place: String
    ) async throws(Abort) -> (HistoryRecord.EmitOutcome, String) {
        let name = "~http-\(self.session.nextSerial())"
        guard let response = try await self.post(body.text, to: name, path: path, place) else {
            return (.unknown, "no answer")
        }
        return (200..<300).contains(response.status) ? (.ok, "") : (.failed, "status \(response.status)")
    }

    // MARK: Waiting for a subscription

    func live(_ name: String, _ id: String, within: UInt64, _ place: String) async throws(Abort) {
        guard let topic = self.session.topic(connection: name, id: id) else {
            throw self.problem(.harness, "`\(id)` of `\(name)` was not started by `subscribe`", name, place)
        }
        guard let path = self.target.stream?.noncePath else {
            throw self.problem(.undeclared, "the profile has no stream", name, place)
        }
        let started = self.session.now()
        var pause: UInt64 = 20_000_000
        var sawSuccess = false
        while self.session.now() < started + within {
            let nonce = "\(CaseState.probeMark(token: self.token))\(self.session.nextSerial())"
            let outcome = try await self.emitOne(.init(name: "~probe", topic: topic, nonce: nonce), place)
            sawSuccess = sawSuccess || outcome == .ok
            let found = try await self.session.wait(until: self.session.now() + pause) { state, _ -> String? in
                guard let connection = state.connections[name] else { return "lost" }
                for item in connection.items where item.hasID(id) {
                    if item.isProbe, let text = item.json?["payload"]?.at(path)?.stringValue,
                        let emission = state.emissions[text], emission.emission.topic == topic
                    {
                        self.deliveries.note(item.time > emission.time ? item.time - emission.time : 0)
                        return "live"
                    }
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
            pause = min(pause * 2, 200_000_000)
        }
        throw self.problem(
            sawSuccess ? .server : .precondition,
            sawSuccess
                ? "the subscription `\(id)` delivered no event within \(Describe.milliseconds(within))"
                : "no probe event could be emitted", name, place)
    }
}
