import ConformanceKit
import Synchronization
import Testing

@Suite struct RunProgressTests {
    private final class Screen: Sendable {
        let text = Mutex("")
    }

    private func progress(_ screen: Screen, isTerminal: Bool, _ environment: [String: String]) -> RunProgress {
        RunProgress(
            options: .init(isTerminal: isTerminal, environment: environment),
            reproduction: Reproduction(profile: "p.yaml", suite: nil, seed: 9),
            write: { text in screen.text.withLock { $0 += text } })
    }

    private var history: History {
        History([
            HistoryRecord(
                sequence: 0, time: 1_500_000_000, caseName: "a/b", connection: "c1",
                event: .frameSent(frame: WireFrame(opcode: 1, masked: true, payload: Array("{\"type\":\"x\"}".utf8)))),
            HistoryRecord(
                sequence: 1, time: 1_750_000_000, caseName: "a/b", connection: "c1",
                event: .frameReceived(frame: WireFrame(opcode: 8, masked: false, payload: [3, 232, 98, 121, 101]))),
        ])
    }

    @Test func aFailureTellsAllThatIsNeeded() throws {
        let screen = Screen()
        let progress = self.progress(screen, isTerminal: false, [:])
        let expanded = try Cases.expanded("a/b", uid: "GC-0009", cell: [("t", "x")])
        progress.begin(total: 2)
        progress.observe(.started(expanded))
        progress.observe(.finished(expanded, Cases.result(.pass, of: expanded), self.history))
        progress.observe(.finished(expanded, Cases.result(.fail, of: expanded), self.history))
        progress.end()
        let expected = """
            pass a/b[t=x] (1.2 s, 1/2)

            fail a/b[t=x]  MUST  GC-0009
              A fact
              rule      A document, a section
              finding   the wrong code & <nothing> else (expectation, close)
              at        suite/a, b.yaml:9 expect_close
              expected  close 4400
              or        close 4500 (nonstrict)
              actual    close 1000: "bye·"
              last      1.500 c1 → {"type":"x"}
                        1.750 c1 ← close 1000 "bye"
              again     gqlconform run 'a/b[t=x]' --profile p.yaml --seed 9


            """
        #expect(screen.text.withLock { $0 } == expected)
    }

    @Test func aTerminalShowsWhatRunsAndErasesIt() throws {
        let screen = Screen()
        let progress = self.progress(screen, isTerminal: true, ["TERM": "xterm"])
        let expanded = try Cases.expanded("a/b")
        progress.begin(total: 3)
        progress.observe(.started(expanded))
        #expect(screen.text.withLock { $0 } == "0/3\n  0.0 s  a/b")
        progress.observe(.finished(expanded, Cases.result(.fail, of: expanded), self.history))
        #expect(screen.text.withLock { $0.contains("\r\u{1B}[1A\u{1B}[J\n\u{1B}[31mfail\u{1B}[0m") })
        progress.end()
        #expect(screen.text.withLock { $0.hasSuffix("\r\u{1B}[J") })
    }

    @Test func withoutATerminalALongRunSpeaksEveryFewSecondsAndWhenItIsSilent() throws {
        let screen = Screen()
        let passed = Mutex(Duration.zero)
        let start = ContinuousClock.now
        let progress = RunProgress(
            options: .init(isTerminal: false, environment: [:]),
            reproduction: Reproduction(profile: "p.yaml", suite: nil, seed: 9),
            now: { start + passed.withLock { $0 } }, write: { text in screen.text.withLock { $0 += text } })
        let expanded = try Cases.expanded("a/b")
        progress.begin(total: 100)
        for _ in 0..<10 {
            progress.observe(.started(expanded))
            passed.withLock { $0 += .milliseconds(600) }
            progress.observe(.finished(expanded, Cases.result(.pass, of: expanded), History()))
            progress.tick()
        }
        progress.observe(.started(expanded))
        passed.withLock { $0 += .seconds(3) }
        progress.tick()
        progress.tick()
        // 5.4 s for nine cases leaves 54.6 s for the other 91.
        #expect(screen.text.withLock { $0 } == "9/100  about 55 s left\nrunning for 3 s: a/b\n")
    }

    @Test func coloursAndAnnotationsFollowTheEnvironment() throws {
        let screen = Screen()
        let progress = self.progress(
            screen, isTerminal: true, ["TERM": "xterm", "NO_COLOR": "1", "GITHUB_ACTIONS": "true"])
        let expanded = try Cases.expanded("a/b")
        progress.observe(.finished(expanded, Cases.result(.fail, of: expanded), History()))
        let text = screen.text.withLock { $0 }
        #expect(!text.contains("\u{1B}["))
        #expect(
            text.contains(
                "::error file=suite/a%2C b.yaml,line=9,title=a/b%3A fail::the wrong code & <nothing> else"))
    }
}
