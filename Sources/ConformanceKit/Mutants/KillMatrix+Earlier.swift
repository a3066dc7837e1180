// A matrix that goes on where an earlier one ended.
extension KillMatrix {
    /// The rows that need not be played again: the fault is still known, was killed, and is claimed by the same scenarios.
    /// Whether these or the server were changed is not looked at.
    package func stillTrue(of known: [Mutant], scenarios: [Scenario]) -> [Row] {
        self.rows.compactMap { row in
            guard row.fate == .killed, let mutant = known.first(where: { $0.name == row.mutant }) else { return nil }
            let claiming = scenarios.filter { $0.kills.contains(row.mutant) }.map(\.id)
            guard Set(claiming) == Set(row.claimedBy) else { return nil }
            var row = row
            row.summary = mutant.summary
            return row
        }
    }

    /// This matrix with the rows that were kept of an earlier one, all in the order of the known faults.
    package func after(
        _ earlier: KillMatrix?, keeping kept: [Row], of known: [Mutant], scenarios: [Scenario]
    ) -> KillMatrix {
        guard let earlier else { return self }
        var whole = self
        let rows = Dictionary((kept + self.rows).map { ($0.mutant, $0) }) { $1 }
        whole.rows = known.compactMap { rows[$0.name] }
        whole.claimless = scenarios.filter { $0.kills.isEmpty && $0.level != .info }.map(\.id)
        guard let made = self.made, let before = earlier.made else { return whole }
        whole.made?.scenarios = scenarios.count
        whole.made?.seconds += before.seconds
        whole.made?.earlier = [Earlier(command: before.command, day: before.day, rows: kept.count)]
        // Of the good server the earlier run saw more.
        if before.cases > made.cases {
            whole.made?.cases = before.cases
            whole.made?.good = before.good - self.notGreen.count
        }
        return whole
    }
}
