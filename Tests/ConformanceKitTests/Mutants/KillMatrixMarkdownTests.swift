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
