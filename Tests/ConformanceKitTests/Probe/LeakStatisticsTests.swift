import Testing

@testable import ConformanceKit

/// SplitMix64: the same numbers for the same seed on every machine.
private struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    /// From 0 to 1.
    mutating func next() -> Double {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
    }
}

@Suite struct LeakStatisticsTests {
    /// A pool that fills in the beginning, a sawtooth of collections, and noise; with a leak if one is asked for.
    static func series(seed: UInt64, leakPerUnit: Double, noise: Double) -> [LeakStatistics.Sample] {
        var numbers = SeededNumbers(seed: seed)
        return (1...120).map { step in
            let work = Double(step * 20)
            let pool = Double(min(step, 3))
            let saw = Double(step % 7) * noise / 4
            return .init(work: work, used: 40 + pool + saw + numbers.next() * noise + leakPerUnit * work)
        }
    }

    @Test(arguments: [0.0, 1, 4])
    func aLeakOfOneInAHundredIsFound(noise: Double) {
        for seed in 1...50 as ClosedRange<UInt64> {
            let found = LeakStatistics.judge(Self.series(seed: seed, leakPerUnit: 0.01, noise: noise))
            #expect(found.finding == .leak, "seed \(seed): \(found)")
            #expect(abs(found.slope - 0.01) < 0.004, "seed \(seed): \(found)")
            #expect(found.confidence > 0.999)
        }
    }

    @Test func aSeriesThatOnlyWaversIsNotAccused() {
        for seed in 1...200 as ClosedRange<UInt64> {
            let found = LeakStatistics.judge(Self.series(seed: seed, leakPerUnit: 0, noise: 6))
            #expect(found.finding == .none, "seed \(seed): \(found)")
        }
    }

    @Test func nothingAtAllChanging() {
        let flat = (1...40).map { LeakStatistics.Sample(work: Double($0), used: 7) }
        #expect(LeakStatistics.judge(flat).finding == .none)
    }

    @Test func tooLittleSaysNothing() {
        let few = (1...8).map { LeakStatistics.Sample(work: Double($0), used: Double($0)) }
        #expect(LeakStatistics.judge(few).finding == .unclear)
        #expect(LeakStatistics.judge([]).finding == .unclear)
    }

    @Test func aSinkingSeriesIsNoLeak() {
        let sinking = (1...60).map { LeakStatistics.Sample(work: Double($0), used: 100 - Double($0)) }
        #expect(LeakStatistics.judge(sinking).finding == .none)
    }
}
