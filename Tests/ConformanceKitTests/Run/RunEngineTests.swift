import ConformanceKit
import Synchronization
import Testing

@Suite struct RunEngineTests {
    private final class Recorder: Sendable {
        let running = Mutex((now: 0, most: 0))
        let played = Mutex<[String]>([])
    }

    private func cases(_ count: Int) throws -> [ExpandedCase] {
        try (0..<count).map { try Cases.expanded("a/c\($0)", uid: "GC-\(1000 + $0)") }
    }

    @Test func everyCaseIsPlayedOnceAndNoMoreThanTheJobsAtATime() async throws {
        let recorder = Recorder()
        let cases = try self.cases(40)
        let engine = RunEngine(
            jobs: 7,
            play: { expanded in
                recorder.running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                for _ in 0..<20 { await Task.yield() }
                recorder.running.withLock { $0.now -= 1 }
                recorder.played.withLock { $0.append(expanded.name) }
                return (Cases.result(.pass, of: expanded), History())
            })
        let outcomes = await engine.run(cases)
        #expect(outcomes.map(\.expanded.name) == cases.map(\.name))
        #expect(outcomes.allSatisfy { $0.verdict == .pass })
        #expect(recorder.played.withLock { $0.count } == 40)
        #expect(recorder.running.withLock { $0.most } <= 7)
    }

    @Test func repetitionsAreCountedAndDifferencesSeen() async throws {
        let recorder = Recorder()
        let engine = RunEngine(
            jobs: 1, repetitions: 3,
            play: { expanded in
                let turn = recorder.played.withLock { played in
                    played.append(expanded.name)
                    return played.count
                }
                return (Cases.result(turn == 2 ? .fail : .pass, of: expanded), History())
            })
        let outcomes = await engine.run(try self.cases(1))
        #expect(outcomes[0].results.map(\.verdict) == [.pass, .fail, .pass])
        #expect(outcomes[0].verdict == .fail)
        #expect(outcomes[0].isFlaky)
    }

    @Test func theFirstFailureCanEndTheRun() async throws {
        let engine = RunEngine(
            jobs: 1, repetitions: 100, untilFail: true,
            play: { expanded in
                (Cases.result(expanded.name == "a/c1" ? .fail : .pass, of: expanded), History())
            })
        let outcomes = await engine.run(try self.cases(3))
        #expect(outcomes.map(\.verdict) == [.pass, .fail, .error])
        #expect(outcomes[2].skipped == .notReached("a case failed"))
        #expect(RunTotals(outcomes, strict: false).exitCode == .harness)
    }

    @Test func aLostServerEndsTheRunOnce() async throws {
        let recorder = Recorder()
        let engine = RunEngine(
            jobs: 2,
            play: { expanded in
                recorder.played.withLock { $0.append(expanded.name) }
                return (Cases.result(.pass, of: expanded), History())
            },
            loss: {
                recorder.played.withLock { $0.count } >= 3 ? HarnessError("gone") : nil
            },
            observe: { event in
                if case .lost = event { recorder.running.withLock { $0.now += 1 } }
            })
        let outcomes = await engine.run(try self.cases(10))
        #expect(recorder.running.withLock { $0.now } == 1)
        let notReached = outcomes.filter { $0.results.isEmpty }
        #expect(!notReached.isEmpty)
        #expect(notReached.allSatisfy { $0.skipped == .notReached("the server had ended") })
    }

    @Test(
        arguments: [
            ([], RunExit.inconclusive, RunStatus.inconclusive, "0 passed, 0 failed, 0 skipped"),
            ([.pass, .info, .nonstrict], .good, .conformant, "3 passed, 0 failed, 0 skipped"),
            ([.pass, .unsupported, .notSelected], .good, .partial, "1 passed, 0 failed, 2 skipped"),
            ([.unsupported, .notSelected], .inconclusive, .inconclusive, "0 passed, 0 failed, 2 skipped"),
            ([.pass, .inconclusive], .inconclusive, .inconclusive, "1 passed, 1 failed, 0 skipped"),
            ([.inconclusive, .fail], .failure, .nonconformant, "0 passed, 2 failed, 0 skipped"),
            ([.misdeclared], .failure, .nonconformant, "0 passed, 1 failed, 0 skipped"),
            ([.error, .fail], .harness, .nonconformant, "0 passed, 2 failed, 0 skipped"),
        ] as [([Verdict], RunExit, RunStatus, String)])
    func totals(verdicts: [Verdict], exit: RunExit, status: RunStatus, line: String) throws {
        let outcomes = try verdicts.enumerated().map { index, verdict in
            let expanded = try Cases.expanded("a/c\(index)")
            switch verdict {
            case .unsupported: return CaseOutcome(expanded, skipped: .unsupported(["fixture.x"]))
            case .notSelected: return CaseOutcome(expanded, skipped: .notSelected)
            default: return CaseOutcome(expanded, results: [Cases.result(verdict, of: expanded)])
            }
        }
        let totals = RunTotals(outcomes, strict: false)
        #expect(totals.exitCode == exit)
        #expect(totals.status == status)
        #expect(totals.line == line)
        if verdicts.contains(.nonstrict) {
            #expect(RunTotals(outcomes, strict: true).exitCode == .failure)
        }
    }
}
