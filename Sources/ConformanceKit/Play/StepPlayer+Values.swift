import Foundation

extension StepPlayer {
    /// What an operation of the runner's own came to.
    enum Answer: Sendable {
        /// The payload of the first `next`.
        case result(JSON)
        /// The payload of `error`.
        case refused(JSON)
        case noAnswer(String)
    }

    /// Who runs an operation of the runner's own.
    struct Asker: Sendable {
        /// Nil for the default subject.
        var subject: String?
        /// Nil for the subject's own.
        var tenant: String?
        var isOverHTTP = false

        /// The connection that stays open for it.
        var connectionName: String {
            let words = [self.subject, self.tenant].compactMap { $0 }
            return words.isEmpty ? StepPlayer.controlName : "\(StepPlayer.controlName)-" + words.joined(separator: "-")
        }
    }

    /// Runs an operation of the runner's own on a connection that stays open for the case, or by HTTP.
    func ask(_ payload: String, as who: Asker = Asker(), _ place: String) async throws(Abort) -> Answer {
        guard let transport = self.ownTransport, !who.isOverHTTP else {
            return try await self.askByHTTP(payload, who, place)
        }
        let name = self.living(who.connectionName)
        try await self.openControl(who, as: name, transport, place)
        return try await self.ask(payload, connection: name, place)
    }

    /// Runs an operation on a connection.
    func ask(_ payload: String, connection name: String, _ place: String) async throws(Abort) -> Answer {
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

    /// Of a server without sockets, or of one that takes mutations by HTTP only.
    private func askByHTTP(_ payload: String, _ who: Asker, _ place: String) async throws(Abort) -> Answer {
        let name = "~http-\(self.session.nextSerial())"
        let token = try await self.token(who.subject, tenant: who.tenant, place)
        guard let response = try await self.post(payload, to: name, token: token, place) else {
            return .noAnswer("nothing within \(Describe.milliseconds(self.target.timing.reply))")
        }
        guard let json = try? JSONParser.parse(response.body.bytes) else {
            return .noAnswer("status \(response.status), and no JSON")
        }
        return json["data"] == nil ? .refused(json["errors"] ?? json) : .result(json)
    }

    /// The first of `name`, `name~2` and so on that the server has not ended: a fault may well cost the runner its own
    /// connections.
    private func living(_ name: String) -> String {
        self.session.read { state in
            var number = 1
            while let connection = state.connections[number == 1 ? name : "\(name)~\(number)"],
                connection.isOver(until: .max)
            { number += 1 }
            return number == 1 ? name : "\(name)~\(number)"
        }
    }

    /// Opens the runner's own connection once; whoever comes second waits for the first.
    private func openControl(
        _ who: Asker, as name: String, _ transport: String, _ place: String
    ) async throws(Abort) {
        guard self.session.claim(name) else {
            _ = try await self.session.wait(until: self.session.now() + self.target.timing.reply) { state, _ -> Bool? in
                guard let connection = state.connections[name] else { return nil }
                let isAcknowledged = connection.items.contains { $0.type == "connection_ack" }
                return isAcknowledged || connection.isOver(until: .max) ? true : nil
            }
            return
        }
        let token = try await self.token(who.subject, tenant: who.tenant, place)
        let own = self.carry(token, in: Self.plainConnection(name, transport), payload: nil)
        try await self.openOwn(own.arguments, payload: own.payload, place)
    }

    /// The runner's own connections.
    var controlNames: Set<String> { Set(self.links.all.map(\.name).filter { $0.hasPrefix(Self.controlName) }) }

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
                let answer =
                    if let connection {
                        try await self.ask(payload, connection: connection, place)
                    } else {
                        try await self.ask(payload, place)
                    }
                switch answer {
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
        case .redisConnects:
            guard let proxy = self.target.control.redisProxy else {
                return .failure(.init(kind: .undeclared, message: "no proxy of the run stands before Redis"))
            }
            return .success(.int(await proxy.accepted))
        case .process(let question): return await self.process(question)
        case .metric(let name): return await self.metric(name)
        case .status(let path): return await self.status(of: path, place)
        case .openConnections:
            let count = self.session.read { state in
                state.connections.values.count { connection in
                    let isUpgraded = connection.response?.response.status == 101
                    let isStream = connection.exchanges.values.contains { $0.isEventStream && $0.end == nil }
                    return !connection.name.hasPrefix("~") && connection.leftAt == nil && (isUpgraded || isStream)
                        && !connection.isOver(until: .max)
                }
            }
            return .success(.int(count))
        case .deliveries(let name, let connection, let id):
            let count = self.session.read { state -> Int in
                var seen: Set<String> = []
                for item in state.connections[connection]?.items ?? [] where id.map({ item.hasID($0) }) ?? true {
                    for text in item.json?["payload"]?.strings ?? [] where state.emissions[text]?.emission.name == name
                    {
                        seen.insert(text)
                    }
                }
                return seen.count
            }
            return .success(.int(count))
        case .saved(let name):
            if case .string(let text) = name, let value = scope.value(text) { return .success(value) }
            return .success(name)
        }
    }

    private func process(_ question: ValueSource.ProcessQuestion) async -> Result<JSON, ReadFailure> {
        if question == .alive, let isRunning = self.target.control.server?.isRunning {
            return .success(.int(await isRunning() ? 1 : 0))
        }
        let processID = self.serverProcessID
        let facts = processID.flatMap { ProcessProbe.look(at: $0) }
        if question == .alive, self.target.control.server != nil { return .success(.int(facts == nil ? 0 : 1)) }
        guard let facts else {
            return .failure(.init(kind: .undeclared, message: "the process of the server cannot be looked at"))
        }
        switch question {
        case .memory: return .success(.int(facts.memory))
        case .descriptors: return .success(.int(facts.descriptors))
        case .threads: return .success(.int(facts.threads))
        case .cpu: return .success(.int(facts.processorTime))
        case .alive: return .success(.int(1))
        }
    }

    /// That of a server of the run, or the one that the profile points to.
    private var serverProcessID: Int32? {
        if let server = self.target.control.server { return server.processID() }
        guard let file = self.target.declared.probes.processIDFile,
            let text = try? String(contentsOfFile: file, encoding: .utf8)
        else { return nil }
        return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Shows `bounded-memory` how much there is at this time.
    func observeMemory(_ place: String) async {
        let wantsIt = self.expandedCase.scenario.checks.contains { $0.name == "bounded-memory" }
        guard wantsIt, case .success(let value) = await self.process(.memory) else { return }
        self.session.record(.observed(source: ValueSource.memoryLabel, value: value), step: place)
    }

    private func metric(_ name: String) async -> Result<JSON, ReadFailure> {
        guard let path = self.target.declared.probes.metrics else {
            return .failure(.init(kind: .undeclared, message: "the profile has no probes.metrics"))
        }
        let endpoint = self.target.endpoints["http"] ?? self.target.endpoints.values.first
        let url = path.hasPrefix("/") ? endpoint?.url(path: path) ?? path : path
        let answer = await TransferEngine.shared.whole(
            TransferRequest(method: "GET", url: url, tls: self.target.declared.tls))
        guard answer.head?.status == 200 else {
            return .failure(.init(kind: .precondition, message: "\(url) gave \(answer.head?.status ?? 0)"))
        }
        let selector = self.target.declared.probes.gauges[name] ?? name
        guard let value = MetricsText.value(selector, in: String(decoding: answer.body, as: UTF8.self)) else {
            return .failure(.init(kind: .precondition, message: "there is no metric `\(selector)` at \(url)"))
        }
        return .success(.number(value == value.rounded() ? String(Int(value)) : String(value)))
    }

    /// Asked on a connection of its own each time; what is answered stands in the history.
    private func status(of path: String, _ place: String) async -> Result<JSON, ReadFailure> {
        let name = "~http-\(self.session.nextSerial())"
        var arguments = HTTPArguments(name: name, method: "GET", within: self.target.timing.reply)
        arguments.path = path
        do throws(Abort) {
            try await self.http(arguments, place)
        } catch {
            return .failure(.init(kind: .harness, message: "", isAbort: true))
        }
        guard let response = self.session.read({ $0.connections[name]?.response?.response }) else {
            return .failure(.init(kind: .server, message: "GET \(path) was not answered"))
        }
        return .success(.int(response.status))
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
        let deadline = self.session.now() + expectation.within + self.roundTrips.allowance(for: 1)
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
