import Testing

@testable import ConformanceKit

@Suite struct ExpectationFlipTests {
    private func history(_ body: (inout HistoryBuilder) -> Void) -> History {
        var builder = HistoryBuilder()
        builder.open()
        builder.ping()
        body(&builder)
        builder.end()
        return History(builder.records)
    }

    @Test func everyExpectationOfAGoodCaseDecides() throws {
        let finding = try #require(
            ExpectationFlip.check(try Cases.expanded("a/b"), self.history { $0.ping() }))
        // That of opening and that of the pong: of the same step only the first turn counts.
        #expect(finding == ExpectationFlip.Finding(flipped: 2, dead: []))
    }

    @Test func aCaseThatIsNotGoodSaysNothing() throws {
        let history = self.history { builder in
            builder.expect(
                "c1", [.init(message: .object([.init("type", .string("next"))]))], step: "f:3 expect",
                deadlinePassed: true)
        }
        #expect(ExpectationFlip.check(try Cases.expanded("a/b"), history) == nil)
    }

    @Test func anErrorIsNoKill() {
        #expect(KillMatrix.Row.isKill(.fail, insteadOf: .pass))
        #expect(KillMatrix.Row.isKill(.nonstrict, insteadOf: .pass))
        #expect(!KillMatrix.Row.isKill(.nonstrict, insteadOf: .nonstrict))
        for verdict in [Verdict.error, .inconclusive, .unsupported, .pass, .info] {
            #expect(!KillMatrix.Row.isKill(verdict, insteadOf: .pass))
        }
    }
}
