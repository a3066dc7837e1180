extension StepPlayer {
    // MARK: Emitting

    func emit(_ arguments: EmitArguments, _ place: String) async throws(Abort) {
        if arguments.wanted == .failed { try self.checkThatServerEmits(place) }
        for number in 1...arguments.count {
            let nonce = "\(self.token)-\(arguments.name)-\(number)"
            let outcome = try await self.emitOne(
                HistoryRecord.Emission(
                    name: arguments.name, topic: arguments.topic, nonce: nonce, tenant: arguments.tenant,
                    hasToFail: arguments.wanted == .failed ? true : nil), place)
            guard let wanted = arguments.wanted, outcome != wanted else { continue }
            let detail = self.session.read { $0.emissions[nonce]?.detail ?? "" }
            guard wanted == .failed else {
                throw self.problem(.precondition, "an event could not be emitted: \(detail)", nil, place)
            }
            let what = outcome == .ok ? "was reported as emitted" : "was neither emitted nor refused (\(detail))"
            throw self.problem(.server, "an event that nobody could pass on \(what)", nil, place)
        }
    }

    /// Only what the server itself does can be reported by it as failed.
    private func checkThatServerEmits(_ place: String) throws(Abort) {
        switch self.target.declared.emit ?? self.target.emit.map(Profile.Emit.init) {
        case .mutation, .http, nil: return
        case .redis, .command, .ticker:
            throw self.problem(.undeclared, "events are not emitted by the server itself", nil, place)
        }
    }

    /// Emits one event through the profile.
    func emitOne(
        _ emission: HistoryRecord.Emission, _ place: String
    ) async throws(Abort) -> HistoryRecord.EmitOutcome {
        guard let way = self.target.declared.emit ?? self.target.emit.map(Profile.Emit.init) else {
            throw self.problem(.undeclared, "the profile does not say how to emit an event", nil, place)
        }
        let values = [
            "topic": emission.topic, "nonce": emission.nonce, "tenant": emission.tenant ?? self.emittingTenant ?? "",
        ]
        var known = emission
        known.tenant = emission.tenant ?? self.emittingTenant
        self.session.record(.emitting(emission: known), step: place)
        let (outcome, detail) = try await self.emit(way, values, tenant: emission.tenant, place)
        self.session.record(.emitted(nonce: emission.nonce, outcome: outcome, detail: detail), step: place)
        return outcome
    }

    /// The tenant of events that name none.
    private var emittingTenant: String? {
        let auth = self.target.declared.auth
        let own = (self.target.declared.emit?.subject ?? self.defaultSubject).flatMap { auth?.subjects[$0]?.tenant }
        return own ?? self.target.declared.tenancy?.tenants.first
    }

    private func emit(
        _ way: Profile.Emit, _ values: [String: String], tenant: String?, _ place: String
    ) async throws(Abort) -> (HistoryRecord.EmitOutcome, String) {
        switch way {
        case .mutation(let document, let variables, let subject, let isOverHTTP):
            let payload = JSON.object([
                .init("query", .string(document)), .init("variables", variables.replacing(values)),
            ])
            let who = Asker(subject: subject, tenant: tenant, isOverHTTP: isOverHTTP)
            switch try await self.ask(payload.text, as: who, place) {
            case .result(let result) where result["errors"] == nil && result["data"] != nil: return (.ok, "")
            case .result(let result): return (.failed, PatternMatcher.brief(result))
            case .refused(let errors): return (.failed, PatternMatcher.brief(errors))
            case .noAnswer(let why): return (.unknown, why)
            }
        case .redis(let channel, let message):
            let channel = JSON.string(channel).replacing(values).plainText
            // The message is JSON text more often than not: the values are put in escaped.
            let escaped = values.mapValues { String(JSON.string($0).text.dropFirst().dropLast()) }
            let text = JSON.string(message).replacing(escaped).plainText
            switch await self.oracle?.publish(text, to: channel) {
            case .success: return (.ok, "")
            case .failure(let error): return (.failed, error.message)
            case nil: return (.failed, "the profile has no redis")
            }
        case .http(let method, let url, let headers, let json, let subject):
            return try await self.emitByHTTP(
                method, url, headers, json.replacing(values), subject, tenant, values, place)
        case .command(let words):
            let all = self.target.placeholders.merging(values) { _, own in own }
            let filled = words.map { Placeholders.fill($0, all) }
            let output = await ShortCommand.run(filled, within: .seconds(10))
            guard let output else { return (.unknown, "the command did not end") }
            return output.status == 0 ? (.ok, "") : (.failed, "status \(output.status): \(output.text.prefix(200))")
        case .ticker:
            throw self.problem(.undeclared, "the server emits by itself, so no event can be asked for", nil, place)
        }
    }

    private func emitByHTTP(
        _ method: String, _ url: String, _ headers: [HTTPHeader], _ json: JSON, _ subject: String?, _ tenant: String?,
        _ values: [String: String], _ place: String
    ) async throws(Abort) -> (HistoryRecord.EmitOutcome, String) {
        let name = "~http-\(self.session.nextSerial())"
        let filled = Placeholders.fill(url, values)
        var arguments = HTTPArguments(name: name, method: method, within: self.target.timing.reply)
        if filled.hasPrefix("/") { arguments.path = filled } else { arguments.url = filled }
        arguments.headers = headers.map { ($0.name, [Placeholders.fill($0.value, values)]) }
        arguments.body = Array(json.text.utf8)
        arguments.isJSON = true
        let token = try await self.token(subject, tenant: tenant, place)
        try await self.http(self.carry(token, in: arguments), place)
        guard let response = self.session.read({ $0.connections[name]?.response?.response }) else {
            return (.unknown, "no answer")
        }
        return (200..<300).contains(response.status) ? (.ok, "") : (.failed, "status \(response.status)")
    }

    /// The tenant of a connection's token, where events that name none belong to another.
    private func foreignTenant(of connection: String) -> String? {
        let tenant = self.session.read { $0.connections[connection]?.tenant }
        return tenant == self.emittingTenant ? nil : tenant
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
            let outcome = try await self.emitOne(
                .init(name: "~probe", topic: topic, nonce: nonce, tenant: self.foreignTenant(of: name)), place)
            sawSuccess = sawSuccess || outcome == .ok
            let found = try await self.session.wait(until: self.session.now() + pause) { state, _ -> String? in
                guard let connection = state.connections[name] else { return "lost" }
                for item in connection.items where item.hasID(id) {
                    // A probe of an earlier time shows nothing about now.
                    if item.isProbe, let text = item.json?["payload"]?.at(path)?.stringValue,
                        let emission = state.emissions[text], emission.emission.topic == topic,
                        emission.time >= started
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

extension Profile.Emit {
    /// As the smaller form says it.
    init(_ template: Target.EmitTemplate) {
        switch template {
        case .mutation(let document, let variables):
            self = .mutation(document: document, variables: variables, subject: nil, isOverHTTP: false)
        case .redis(let channel, let message): self = .redis(channel: channel, message: message)
        case .http(let path, let body):
            self = .http(method: "POST", url: path, headers: [], json: body, subject: nil)
        }
    }
}
