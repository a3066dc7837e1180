import Testing

@testable import ConformanceKit

@Suite struct KillMatrixMarkdownTests {
    private func row(_ name: String, killedBy: [String: Verdict], missed: [String] = []) -> KillMatrix.Row {
        var row = KillMatrix.Row(mutant: Mutant(name: name, summary: "Breaks a | b.", source: ""), claimedBy: [])
        row.played = 2
        row.killedBy = killedBy
        row.missedClaims = missed
        return row
    }

    @Test func everyFamilyListsTheFaultsThatItsScenariosSee() {
        let matrix = KillMatrix(
            rows: [
                self.row("first", killedBy: ["ws/a[x=1]": .fail, "ws/a[x=2]": .nonstrict, "sse/b": .fail]),
                self.row("second", killedBy: ["ws/c": .fail]),
            ], notGreen: [:], claimless: [])
        let lines = matrix.markdown.split(separator: "\n").map(String.init)
        #expect(lines.contains("| [ws](#ws) | 2 | 2 |"))
        #expect(lines.contains("| [sse](#sse) | 1 | 1 |"))
        #expect(lines.contains("| all | 3 | 2 of 2 |"))
        #expect(lines.contains("| `first` | Breaks a \\| b. | a (2) |"))
        #expect(lines.contains("| `first` | Breaks a \\| b. | b |"))
        #expect(lines.contains("| `second` | Breaks a \\| b. | c |"))
        #expect(matrix.markdown.contains("Nothing: every fault is seen"))
    }

    @Test func whatIsLeftOpenIsSaid() {
        var unknown = self.row("gone", killedBy: [:])
        unknown.problem = "no server"
        let matrix = KillMatrix(
            rows: [
                self.row("alive", killedBy: [:]), self.row("missed", killedBy: ["ws/a": .fail], missed: ["ws/b"]),
                unknown,
            ], notGreen: ["ws/c": .fail], claimless: ["ws/d"], unknownClaims: ["ws/e claims what is not there"])
        let text = matrix.markdown
        #expect(text.contains("- `alive` survives: Breaks a | b."))
        #expect(text.contains("- `missed` is not seen by ws/b, which claim it."))
        #expect(text.contains("- `gone` could not be judged: no server"))
        #expect(text.contains("- `ws/c` is fail on the server without a fault."))
        #expect(text.contains("- `ws/d` claims no fault."))
        #expect(text.contains("- ws/e claims what is not there"))
    }

    @Test func aClaimThatCouldNotBePlayedIsNotMissed() throws {
        let scenario = try Cases.expanded("a/b").scenario
        var claiming = scenario
        claiming.kills = ["m"]
        var row = KillMatrix.Row(mutant: Mutant(name: "m", summary: "", source: ""), claimedBy: ["a/b"])
        row.take([:], baseline: [:], scenarios: [claiming])
        #expect(row.missedClaims.isEmpty)
        #expect(row.fate == .unclaimed)
        row.take(["a/b": .pass], baseline: [:], scenarios: [claiming])
        #expect(row.missedClaims == ["a/b"])
    }

    @Test func anEarlierRunIsKeptWhereTheSameScenariosClaimTheFault() throws {
        var scenario = try Cases.expanded("ws/a").scenario
        scenario.kills = ["seen", "more", "new"]
        let known = ["new", "seen", "more", "alive"].map { Mutant(name: $0, summary: "Breaks.", source: "") }
        var rows = ["seen", "more", "alive", "gone"].map {
            self.row($0, killedBy: $0 == "alive" ? [:] : ["ws/a": .fail])
        }
        rows[0].claimedBy = ["ws/a"]
        rows[1].claimedBy = ["ws/b"]
        rows[3].claimedBy = ["ws/a"]
        let made = KillMatrix.Made(
            command: "before", tool: "t", day: "2026-01-01", seconds: 60, scenarios: 9, cases: 50, good: 50,
            claimedOnly: true)
        let earlier = KillMatrix(rows: rows, notGreen: [:], claimless: [], made: made)
        let kept = earlier.stillTrue(of: known, scenarios: [scenario])
        #expect(kept.map(\.mutant) == ["seen"])
        #expect(kept.map(\.summary) == ["Breaks."])

        var later = made
        later.command = "now"
        later.cases = 1
        later.good = 1
        let played = KillMatrix(
            rows: [self.row("alive", killedBy: [:]), self.row("new", killedBy: ["ws/a": .fail])], notGreen: [:],
            claimless: [], made: later)
        let whole = played.after(earlier, keeping: kept, of: known, scenarios: [scenario])
        #expect(whole.rows.map(\.mutant) == ["new", "seen", "alive"])
        #expect(whole.made?.earlier == [KillMatrix.Earlier(command: "before", day: "2026-01-01", rows: 1)])
        #expect(whole.made?.cases == 50)
        #expect(whole.made?.seconds == 120)
        #expect(
            whole.markdown.contains("- 1 faults were killed by the same scenarios before, by `before` on 2026-01-01."))
    }

    @Test func scenariosAboveInfoNeedAClaim() throws {
        var scenario = try Cases.expanded("a/b").scenario
        scenario.kills = []
        scenario.level = .must
        #expect(MutantList.claimless(in: [scenario]).count == 1)
        scenario.level = .info
        #expect(MutantList.claimless(in: [scenario]).isEmpty)
        scenario.level = .may
        scenario.kills = ["m"]
        #expect(MutantList.claimless(in: [scenario]).isEmpty)
    }
}
