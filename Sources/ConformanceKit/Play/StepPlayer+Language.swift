import Foundation

/// Steps that are about time, about the profile, or made of other steps.
extension StepPlayer {
    // MARK: Waiting

    /// Waits so many nanoseconds.
    func pause(_ nanoseconds: UInt64) async throws(Abort) {
        _ = try await self.session.wait(until: self.session.now() + nanoseconds) { _, passed in passed ? true : nil }
    }

    func wait(_ arguments: WaitArguments, _ place: String) async throws(Abort) {
        switch arguments {
        // What is waited for happens at the server, which hears of it later the farther it is away.
        case .elapsed(let nanoseconds): try await self.pause(nanoseconds + self.roundTrips.allowance(for: 1))
        case .expiry(let name, let plus):
            guard let expires = self.session.token(name)?.expires else {
                throw self.problem(.harness, "nothing with an expiry was minted as `\(name)`", nil, place)
            }
            let left = Double(expires) - Date().timeIntervalSince1970
            try await self.pause(UInt64(max(0, left) * 1_000_000_000) + plus)
        case .emitted(let name, let least, let within):
            // Each is emitted when the one before was answered.
            let deadline = self.session.now() + within + self.roundTrips.allowance(for: least)
            let count = try await self.session.wait(until: deadline) { state, passed -> Int? in
                let count = state.emissions.values.count { $0.emission.name == name && $0.outcome == .ok }
                return count >= least || passed ? count : nil
            }
            guard let count, count >= least else {
                throw self.problem(
                    .precondition, "\(count ?? 0) of \(least) events of `\(name)` were emitted", nil, place)
            }
        }
    }

    /// Looks again and again at a value that has to hold all the time.
    func always(
        _ source: ValueSource, _ expectation: Expectation, span: Span, every: UInt64, turn: Turn, _ place: String
    ) async throws(Abort) {
        let end: UInt64
        switch span {
        case .duration(let nanoseconds): end = self.session.now() + nanoseconds
        case .fault(let name):
            guard let over = self.faults.end(of: name) else {
                throw self.problem(
                    .harness, "no fault `\(name)` with `for` is there, so its end is not known", nil, place)
            }
            end = over
        }
        repeat {
            try await self.value(source, expectation, isEventual: false, scope: self.scope(turn), place)
            try await self.pause(min(every, max(1, end > self.session.now() ? end - self.session.now() : 1)))
        } while self.session.now() < end
    }

    // MARK: Faults

    func fault(_ arguments: FaultArguments, _ place: String) async throws(Abort) {
        self.session.record(
            .fault(
                name: arguments.name, phase: .begins, detail: "\(arguments.effect.word) \(arguments.target.rawValue)"),
            step: place)
        do throws(FaultController.Failure) {
            try await self.faults.begin(arguments)
        } catch {
            throw self.problem(
                error.isBeyondUs && self.target.control.isDistant ? .undeclared : .precondition,
                "the fault `\(arguments.name)` is not there: \(error.message)", nil, place)
        }
        self.session.record(.fault(name: arguments.name, phase: .seen, detail: ""), step: place)
    }

    func heal(_ name: String, _ place: String) async throws(Abort) {
        for name in name == "all" ? self.faults.activeNames : [name] {
            if let end = self.faults.end(of: name), end > self.session.now() {
                try await self.pause(end - self.session.now())
            }
            self.session.record(.fault(name: name, phase: .heals, detail: ""), step: place)
            do throws(FaultController.Failure) {
                try await self.faults.end(name)
            } catch {
                throw self.problem(.harness, "the fault `\(name)` did not go away: \(error.message)", nil, place)
            }
            self.session.record(.fault(name: name, phase: .healed, detail: ""), step: place)
        }
    }

    /// Takes every fault away, whatever became of the case.
    func healAll() async {
        for name in self.faults.activeNames {
            self.session.record(.fault(name: name, phase: .heals, detail: ""))
            do throws(FaultController.Failure) {
                try await self.faults.end(name)
                self.session.record(.fault(name: name, phase: .healed, detail: ""))
            } catch {
                self.session.record(
                    .problem(kind: .harness, message: "the fault `\(name)` did not go away: \(error.message)"))
            }
        }
    }

    /// Behind a fault that others would feel as well, the case is over when events flow again: the next case must not pay
    /// for a server that is still finding its way back.
    func awaitRecovery() async {
        let place = "after the case"
        let hadFaults = self.session.read { !$0.faults.isEmpty }
        guard hadFaults, self.expandedCase.scenario.harmsOthers, let transport = self.ownTransport,
            self.target.stream != nil, self.target.declared.emit != nil
        else { return }
        let name = "~recovery"
        let topic = "\(self.token)-recovery"
        let deadline = self.session.now() + self.target.timing.recovery
        do throws(Abort) {
            let token = try await self.token(nil, place)
            let own = self.carry(token, in: Self.plainConnection(name, transport), payload: nil)
            try await self.open(own.arguments, payload: own.payload, within: self.target.timing.reply, place)
            var number = 0
            while self.session.now() < deadline {
                number += 1
                // One that was refused stays refused, so each try is a new one; any of them may deliver.
                try await self.write(
                    [.start(OperationStart(id: "~r\(number)", kind: .stream(topic: topic, tenant: nil)))], to: name,
                    split: nil, place)
                let nonce = "\(CaseState.probeMark(token: self.token))\(self.session.nextSerial())"
                _ = try await self.emitOne(.init(name: "~probe", topic: topic, nonce: nonce), place)
                let flows = try await self.session.wait(until: self.session.now() + 250_000_000) { state, _ -> Bool? in
                    let items = state.connections[name]?.items ?? []
                    return items.contains { $0.type == "next" || $0.type == "data" } ? true : nil
                }
                if flows == true { return }
            }
        } catch {
            // What stopped it is in the history.
            return
        }
        self.session.record(
            .problem(
                kind: .server,
                message:
                    "events do not flow again \(Describe.milliseconds(self.target.timing.recovery)) after the fault"),
            connection: Self.livenessName, step: place)
    }

    // MARK: Flow

    func policy(
        of path: String, _ branches: [(value: String, steps: [ScenarioNode])], _ turn: Turn, _ place: String
    ) async throws(Abort) {
        let value = self.target.profile.at(path)
        guard let value, value != .null else {
            throw self.problem(.undeclared, "the profile does not say `profile.\(path)`", nil, place)
        }
        let branch = branches.first { $0.value == value.plainText } ?? branches.first { $0.value == "otherwise" }
        guard let branch else {
            throw self.problem(
                .harness, "`policy` has no branch for `\(value.plainText)`, and no `otherwise`", nil, place)
        }
        try await self.play(branch.steps, turn)
    }

    func use(_ use: FragmentUse, _ turn: Turn, _ place: String) async throws(Abort) {
        guard let fragment = self.expandedCase.scenario.fragments[use.name] else {
            throw self.problem(.harness, "there is no fragment `\(use.name)`", nil, place)
        }
        guard turn.depth < 16 else {
            throw self.problem(.harness, "fragments use each other without an end", nil, place)
        }
        // A fragment sees its parameters, what was saved, and the axes; not the loops around its call.
        var inner = Turn(suffix: turn.suffix, file: fragment.file, depth: turn.depth + 1)
        for parameter in fragment.parameters {
            let given = use.arguments.first { $0.name == parameter.name }?.value
            inner.variables.append((parameter.name, given ?? parameter.fallback ?? .null))
        }
        try await self.play(fragment.steps, inner)
    }

    /// The turns of a loop, so many at a time.
    func loop(
        _ times: Int, _ variable: String?, _ steps: [ScenarioNode], concurrency: Int, _ turn: Turn
    ) async throws(Abort) {
        func inner(_ number: Int) -> Turn {
            var inner = turn
            inner.variables.append((variable ?? "~", .int(number)))
            inner.suffix = turn.suffix + "#\(number)"
            return inner
        }
        guard concurrency > 1 else {
            for number in stride(from: 1, through: times, by: 1) { try await self.play(steps, inner(number)) }
            return
        }
        let abort = await withTaskGroup(of: Abort?.self) { group -> Abort? in
            var next = 1
            var worst: Abort?
            func add() {
                guard next <= times, worst == nil else { return }
                let turn = inner(next)
                next += 1
                group.addTask {
                    do throws(Abort) {
                        try await self.play(steps, turn)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for _ in 0..<concurrency { add() }
            for await result in group {
                if let result { worst = worst == .aborted ? .aborted : result }
                add()
            }
            return worst
        }
        if let abort { throw abort }
    }

    // MARK: Events in the background

    func startEmitter(_ arguments: EmitterArguments, _ place: String) throws(Abort) {
        let player = self
        let name = arguments.emit.name
        let isNew = self.emitters.start(name) {
            await player.emitAll(arguments, place)
        }
        guard isNew else { throw self.problem(.harness, "the emitter `\(name)` is running already", nil, place) }
    }

    private func emitAll(_ arguments: EmitterArguments, _ place: String) async {
        let emit = arguments.emit
        let started = self.session.now()
        for number in 1...emit.count {
            if Task.isCancelled { return }
            do throws(Abort) {
                _ = try await self.emitOne(
                    .init(
                        name: emit.name, topic: emit.topic, nonce: "\(self.token)-\(emit.name)-\(number)",
                        tenant: emit.tenant), place)
                // On a grid, so that a slow answer does not slow the rest down; what was missed is not made up for.
                let next = started + UInt64(number) * arguments.interval
                let now = self.session.now()
                if next > now { try await self.pause(next - now) }
            } catch {
                return
            }
        }
    }
}
