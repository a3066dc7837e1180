extension MutantSession {
    /// What one expectation of a scenario means for seeing a fault.
    package enum Decisive: Sendable, Equatable {
        /// Without it no case of the suite sees the fault.
        case survives(without: String)
        /// Without it the scenario does not see the fault, but other scenarios that claim it do.
        case seenByOthers(without: String, others: [String])
        /// The whole scenario does not see the fault.
        case neverKilled
        /// Whatever single expectation is taken out, the rest of the scenario sees the fault.
        case seenByEveryRest

        /// Whether one expectation was found without which the scenario is blind to the fault.
        package var isDecisive: Bool {
            switch self {
            case .survives, .seenByOthers: true
            case .neverKilled, .seenByEveryRest: false
            }
        }
    }

    /// Looks for the expectation without which the scenario no longer sees the fault.
    package func decisiveExpectation(
        of scenario: Scenario, for mutant: Mutant, stop: StopSwitch
    ) async throws(HarnessError) -> Decisive {
        let good = try await self.verdicts(of: [scenario], mutant: nil, stop: stop).verdicts
        guard try await self.sees(scenario, mutant, good: good, stop: stop) else { return .neverKilled }
        for weaker in WeakenedScenario.all(of: scenario) {
            guard try await !self.sees(weaker.scenario, mutant, good: good, stop: stop) else { continue }
            var others: [String] = []
            for other in self.scenarios where other.id != scenario.id && other.kills.contains(mutant.name) {
                let good = try await self.verdicts(of: [other], mutant: nil, stop: stop).verdicts
                if try await self.sees(other, mutant, good: good, stop: stop) { others.append(other.id) }
            }
            return others.isEmpty
                ? .survives(without: weaker.removed) : .seenByOthers(without: weaker.removed, others: others)
        }
        return .seenByEveryRest
    }

    private func sees(
        _ scenario: Scenario, _ mutant: Mutant, good: [String: Verdict], stop: StopSwitch
    ) async throws(HarnessError) -> Bool {
        let verdicts = try await self.verdicts(of: [scenario], mutant: mutant.name, stop: stop).verdicts
        return verdicts.contains { name, verdict in
            KillMatrix.Row.isKill(verdict, insteadOf: good[name] ?? .pass)
        }
    }
}
