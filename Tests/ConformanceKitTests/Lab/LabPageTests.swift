import Testing

@testable import ConformanceKit

@Suite struct LabPageTests {
    private func series(_ used: [Double], _ finding: LeakStatistics.Finding = .leak) -> LeakLab.Series {
        .init(
            name: "<channels>", samples: used.enumerated().map { .init(cycles: $0.offset * 10, used: $0.element) },
            finding: finding, slope: 0.1, confidence: 0.9996)
    }

    @Test func aCurveHasAHeightForEachLook() {
        #expect(LabPage.sparkline(self.series([0, 1, 2, 3, 4, 5, 6, 7])) == "▁▂▃▄▅▆▇█")
        #expect(LabPage.sparkline(self.series([5, 5, 5])) == "▁▁▁")
        #expect(LabPage.sparkline(self.series([])) == "")
        #expect(LabPage.sparkline(self.series(Array(repeating: 1, count: 90)), width: 30).count == 30)
    }

    @Test func aFindingSaysHowSureItIs() {
        #expect(
            LabPage.line(self.series([0, 10]))
                == "leak: 0 → 10, 0.1 for each connection, confidence 99 %")
        #expect(LabPage.line(self.series([3, 3.25], .none)) == "no leak: 3 → 3.3")
    }

    @Test func oneLeakIsALeakAndNothingJudgedIsUnclear() {
        func finding(_ findings: LeakStatistics.Finding...) -> LeakStatistics.Finding {
            LeakLab.Result(drop: "rst", cycles: 1, series: findings.map { self.series([1], $0) }).finding
        }
        #expect(finding(.none, .leak, .unclear) == .leak)
        #expect(finding(.none, .unclear) == .none)
        #expect(finding(.unclear) == .unclear)
        #expect(finding() == .unclear)
    }

    @Test func thePagesHoldWhatWasFoundAsText() throws {
        let result = LeakLab.Result(drop: "rst", cycles: 20, series: [self.series([0, 10, 20])], smallest: "<one>")
        let page = try LabPage.html(result, server: "a <b>", reproduce: "gqlconform lab leak")
        #expect(page.contains("&lt;channels&gt;") && page.contains("&lt;one&gt;") && page.contains("a &lt;b&gt;"))
        #expect(page.contains("points=\"50,170 340,90 630,10\""))
        let cells = [
            DisconnectLab.Cell(point: "subscribed", ending: "RST", outcome: .left, text: "after 5000ms: value: 1"),
            DisconnectLab.Cell(point: "subscribed", ending: "FIN", outcome: .clean, text: ""),
        ]
        let matrix = try LabPage.html(cells, server: "x", reproduce: "y")
        #expect(matrix.contains("left: after 5000ms: value: 1") && matrix.contains("1 left something"))
    }
}
