import NIOCore

/// Plays the steps of one case.
struct StepPlayer: Sendable {
    typealias Abort = CaseSession.StepAbort

    let expandedCase: ExpandedCase
    let target: Target
    let session: CaseSession
    let group: any EventLoopGroup
    let token: String
    let deliveries: DeliveryTracker
    let roundTrips: RoundTrips
    let oracle: RedisOracle?
    let links: ConnectionTable
    let emitters: EmitterTable
    let faults: FaultController

    /// The loop variables around a step, and what they add to its place.
    struct Turn: Sendable {
        var variables: [(name: String, value: JSON)] = []
        var suffix = ""
        /// The file of the fragment that is played; nil for the scenario's own.
        var file: String?
        /// How many fragments are around it.
        var depth = 0
    }

    // MARK: The case

    func playSteps() async {
        await self.observeMemory("before the case")
        let how: HistoryRecord.StepsEnd
        do throws(Abort) {
            for (index, step) in self.expandedCase.scenario.steps.enumerated() {
                let place = "\(self.expandedCase.scenario.file):\(step.line)"
                await self.target.beforeStep?(self.expandedCase, index + 1, place)
                try await self.play([step], Turn())
            }
            how = .completed
        } catch {
            how = error == .stopped ? .stopped : .aborted
        }
        self.session.record(.stepsEnded(how: how))
    }

    /// Cleans up, then looks at what is left and whether the server still serves.
    func finish() async {
        self.session.resume()
        await self.emitters.stopAll()
        let timer = self.group.next().scheduleTask(in: .nanoseconds(Int64(clamping: self.finishBudget))) {
            self.session.record(.problem(kind: .budget, message: "cleaning up took too long"))
            self.session.abort()
        }
        do throws(Abort) {
            try await self.play(self.expandedCase.scenario.finally, Turn())
        } catch {
            // What stopped it is in the history.
        }
        await self.healAll()
        await self.awaitRecovery()
        await self.closeAll(except: self.controlNames)
        if self.wantsBaseline { await self.observeBaseline() }
        await self.checkLiveness()
        await self.closeAll(except: [])
        await self.observeMemory("after the case")
        await self.faults.stop()
        timer.cancel()
    }

    private var finishBudget: UInt64 {
        self.target.timing.cleanup + self.target.timing.recovery + 3 * self.target.timing.reply + 5_000_000_000
    }

    private func closeAll(except kept: Set<String>) async {
        for (name, connection) in self.links.all where !kept.contains(name) {
            let isOver = self.session.read { $0.connections[name]?.isOver(until: .max) ?? true }
            let hasLeft = self.session.read { $0.connections[name]?.leftAt != nil }
            let isUpgraded = self.session.read { $0.connections[name]?.response?.response.status == 101 }
            if !isOver, !hasLeft, isUpgraded {
                let frame = FrameWriter.close(code: 1000, reason: "")
                self.session.record(.frameSent(frame: FrameWriter.record(frame)), connection: name)
                connection.willSendClose()
                await connection.send(FrameWriter.bytes(frame), split: nil)
            }
            await connection.close()
        }
        for (name, stream) in self.links.allStreams { self.closeStream(stream, name, nil) }
        await self.awaitEnds()
    }

    /// Requests that were left end at once; their last records belong to the case.
    private func awaitEnds() async {
        _ = try? await self.session.wait(until: self.session.now() + 1_000_000_000) { state, _ -> Bool? in
            let isOpen = state.connections.values.contains { $0.exchanges.values.contains { $0.end == nil } }
            return isOpen ? nil : true
        }
    }

    // MARK: Steps

    func play(_ nodes: [ScenarioNode], _ turn: Turn) async throws(Abort) {
        for node in nodes {
            if self.session.isAborted { throw .aborted }
            try await self.play(node, turn)
        }
    }

    private func play(_ node: ScenarioNode, _ turn: Turn) async throws(Abort) {
        let scope = self.scope(turn)
        let context = DecodeContext(
            file: turn.file ?? self.expandedCase.scenario.file, isLint: false, level: self.expandedCase.scenario.level,
            timing: self.target.timing)
        let decoder = StepDecoder(context: context)
        var step: Step
        do {
            let head = try decoder.head(of: node)
            let leaving = StepDecoder.verbs[head.key] ?? []
            var entry = head
            entry.value = try Template.fill(head.value, scope: scope, leaving: leaving)
            let filled = ScenarioNode(content: .map([entry]), line: node.line, column: node.column)
            step = try decoder.decode(filled, scope: scope)
        } catch let unknown as UnknownTemplateName {
            let place = "\(turn.file ?? self.expandedCase.scenario.file):\(unknown.line)"
            if unknown.name.hasPrefix("profile.") {
                throw self.problem(.undeclared, "the profile does not say `\(unknown.name)`", nil, place)
            }
            throw self.problem(.harness, "nothing was saved as `\(unknown.name)`", nil, place)
        } catch {
            throw self.problem(.harness, "the step cannot be played: \(error)", nil, nil)
        }
        step.place += turn.suffix
        self.session.record(.stepStarted, step: step.place)
        try await self.play(step, turn)
    }

    func scope(_ turn: Turn) -> TemplateScope {
        var values: [String: JSON] = ["u": .string(self.token)]
        // Filled in when the request is built.
        for name in ["host", "path", "key"] { values[name] = .string("{{\(name)}}") }
        for member in self.expandedCase.values { values[member.name] = member.value }
        values.merge(self.session.saved) { _, saved in saved }
        var scope = TemplateScope(values: values, profile: self.target.profile)
        for (name, value) in turn.variables { scope = scope.with(name, value) }
        return scope
    }

    private func play(_ step: Step, _ turn: Turn) async throws(Abort) {
        switch step.action {
        case .connect(let arguments):
            // What goes into the init is for the step that sends it.
            let token = arguments.token == nil ? nil : try await self.token(arguments.token, step.place)
            try await self.connect(self.carry(token, in: arguments, payload: nil).arguments, step.place)
        case .open(let arguments, let payload, let within):
            let token = try await self.token(arguments.token, step.place)
            let carried = self.carry(token, in: arguments, payload: payload)
            if let patience = arguments.retriesFor {
                try await self.come(
                    again: carried.arguments, payload: carried.payload, within: within, patience: patience, step.place)
            } else {
                try await self.open(carried.arguments, payload: carried.payload, within: within, step.place)
            }
        case .write(let connection, let items, let split):
            try await self.write(items, to: connection, split: split, step.place)
        case .run(let connection, let start, let expectation):
            let since = self.session.writer.nextSequence - 1
            try await self.write([.start(start)], to: connection, split: nil, step.place)
            try await self.decide(expectation, since: since, step.place)
        case .http(let arguments):
            let token = try await self.token(arguments.token, step.place)
            try await self.http(self.carry(token, in: arguments), step.place)
        case .close(let connection, let code, let reason):
            if let stream = self.links.stream(connection) {
                self.closeStream(stream, connection, step.place)
                return
            }
            let link = try self.link(connection, step.place)
            link.willSendClose()
            try await self.write(
                [.frames([FrameWriter.close(code: code, reason: reason)])], to: connection, split: nil, step.place)
        case .drop(let connection, let how): try await self.drop(connection, how, step.place)
        case .reading(let connection, let paused):
            if let stream = self.links.stream(connection) {
                for exchange in stream.exchanges { exchange.transfer.setReading(!paused) }
                return
            }
            await (try self.link(connection, step.place)).setReading(!paused)
        case .expect(var expectation):
            if case .events(var events) = expectation.subject {
                guard let stream = self.target.stream else {
                    throw self.problem(.undeclared, "the profile has no stream", nil, step.place)
                }
                events.noncePath = stream.noncePath
                expectation.subject = .events(events)
            }
            try self.checkExists(expectation, step.place)
            try await self.decide(expectation, since: self.session.writer.nextSequence - 1, step.place)
        case .expectNone(var expectation):
            try self.checkExists(expectation, step.place)
            expectation.within = self.deliveries.settleTime(minimum: self.target.timing.settle)
            try await self.decide(expectation, since: self.session.writer.nextSequence - 1, step.place)
        case .fence(let connection): try await self.fence(connection, step.place)
        case .live(let connection, let id, let probe, let within):
            if let probe {
                try await self.live(connection, id, by: probe, within: within, step.place)
            } else {
                try await self.live(connection, id, within: within, step.place)
            }
        case .redis(let words): try await self.command(redis: words, step.place)
        case .wait(let arguments): try await self.wait(arguments, step.place)
        case .mint(let arguments): try await self.mint(arguments, step.place)
        case .revoke(let token): try await self.revoke(token, step.place)
        case .emitter(let arguments): try self.startEmitter(arguments, step.place)
        case .stop(let name):
            guard await self.emitters.stop(name) else {
                throw self.problem(.harness, "there is no emitter `\(name)`", nil, step.place)
            }
        case .fault(let arguments): try await self.fault(arguments, step.place)
        case .heal(let name): try await self.heal(name, step.place)
        case .always(let source, let expectation, let span, let every):
            try await self.always(source, expectation, span: span, every: every, turn: turn, step.place)
        case .policy(let path, let branches): try await self.policy(of: path, branches, turn, step.place)
        case .use(let use): try await self.use(use, turn, step.place)
        case .emit(let arguments): try await self.emit(arguments, step.place)
        case .observe(let source, let name):
            let value = try await self.observe(source, scope: self.scope(turn), step.place)
            self.session.save(name, value)
        case .value(let source, let expectation, let isEventual):
            try await self.value(source, expectation, isEventual: isEventual, scope: self.scope(turn), step.place)
        case .loop(let times, let variable, let concurrency, let steps):
            try await self.loop(times, variable, steps, concurrency: concurrency, turn)
        case .parallel(let branches): try await self.parallel(branches, turn)
        case .branch(let condition, let then, let otherwise):
            try await self.play(try self.holds(condition, turn, step.place) ? then : otherwise, turn)
        }
    }

    private func parallel(_ branches: [[ScenarioNode]], _ turn: Turn) async throws(Abort) {
        let aborts = await withTaskGroup(of: Abort?.self) { group in
            for branch in branches {
                group.addTask {
                    do throws(Abort) {
                        try await self.play(branch, turn)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: [Abort]()) { all, abort in
                if let abort { all.append(abort) }
            }
        }
        if let worst = aborts.first(where: { $0 == .aborted }) ?? aborts.first { throw worst }
    }

    private func holds(_ condition: Condition, _ turn: Turn, _ place: String) throws(Abort) -> Bool {
        switch condition {
        case .feature(let feature): return self.target.has(feature)
        case .values(let values):
            let scope = self.scope(turn)
            for (name, expected) in values {
                guard let value = scope.value(name) else {
                    throw self.problem(.harness, "nothing is known as `\(name)`", nil, place)
                }
                let plain = value["name"] ?? value
                let options = expected.arrayValue ?? [expected]
                guard options.contains(where: { plain.plainText == $0.plainText }) else { return false }
            }
            return true
        }
    }

    // MARK: Deciding

    /// Waits for an expectation, saves what it matched, and throws if it failed.
    @discardableResult
    func decide(_ expectation: Expectation, since: Int, _ place: String) async throws(Abort) -> JSON {
        let deadline = self.session.now() + expectation.within + self.roundTrips.allowance(for: 1)
        let evaluation = try await self.session.decide(expectation, since: since, deadline: deadline, step: place)
        guard case .met(let index, _, let matched) = evaluation else {
            // The judge finds the same; a listed verdict that is not bad lets the case go on to its other facets.
            throw .aborted
        }
        let outcome = expectation.outcomes[index]
        if let name = expectation.name {
            var members = matched.members ?? [.init("value", matched)]
            members.removeAll { $0.name == "name" }
            if let label = outcome.name { members.append(.init("name", .string(label))) }
            self.session.save(name, matched.members == nil && outcome.name == nil ? matched : .object(members))
        }
        if outcome.stop || !outcome.verdict.isGood { throw .stopped }
        return matched
    }

    /// Writes a problem down; the result is thrown.
    func problem(
        _ kind: HistoryRecord.ProblemKind, _ message: String, _ connection: String?, _ place: String?
    ) -> Abort {
        self.session.record(.problem(kind: kind, message: message), connection: connection, step: place)
        return .aborted
    }

    private func checkExists(_ expectation: Expectation, _ place: String) throws(Abort) {
        guard let name = expectation.connection else { return }
        let isKnown = self.session.read { $0.connections[name] != nil }
        guard isKnown else { throw self.problem(.harness, "there is no connection `\(name)`", name, place) }
    }

    func link(_ name: String, _ place: String) throws(Abort) -> WireConnection {
        guard let link = self.links.get(name) else {
            throw self.problem(.harness, "there is no connection `\(name)`", name, place)
        }
        return link
    }
}
