import Testing

@testable import ConformanceKit

@Suite struct LinkShaperTests {
    static func flow(_ change: (inout LinkBehaviour.Flow) -> Void) -> LinkBehaviour.Flow {
        var flow = LinkBehaviour.Flow()
        change(&flow)
        return flow
    }

    @Test func withoutHarmEverythingIsDueAtOnce() {
        var shaper = LinkShaper()
        let taken = shaper.take([1, 2, 3], at: 10, .init(), random: { 0 })
        #expect(taken.pieces == [.init(bytes: [1, 2, 3], due: 10)])
        #expect(!taken.cuts)
    }

    @Test func piecesWaitAndNeverOvertake() {
        var shaper = LinkShaper()
        let flow = Self.flow {
            $0.latency = 100
            $0.jitter = 50
        }
        #expect(shaper.take([1], at: 0, flow, random: { 1 }).pieces.map(\.due) == [150])
        #expect(shaper.take([2], at: 10, flow, random: { 0 }).pieces.map(\.due) == [150])
        // The latency is gone, but what came before is still under way.
        #expect(shaper.take([3], at: 20, .init(), random: { 0 }).pieces.map(\.due) == [150])
        #expect(shaper.take([4], at: 200, .init(), random: { 0 }).pieces.map(\.due) == [200])
    }

    @Test func aRateIsKept() {
        var shaper = LinkShaper()
        let flow = Self.flow { $0.bytesPerSecond = 1_000 }
        let pieces = shaper.take([UInt8](repeating: 0, count: 500), at: 0, flow, random: { 0 }).pieces
        #expect(pieces.allSatisfy { $0.bytes.count == 50 })
        #expect(pieces.last?.due == 500_000_000)
    }

    @Test func slicesHaveAtMostTheirSize() {
        var shaper = LinkShaper()
        let pieces = shaper.take([1, 2, 3, 4, 5], at: 0, Self.flow { $0.slice = 2 }, random: { 0 }).pieces
        #expect(pieces.map { Array($0.bytes) } == [[1, 2], [3, 4], [5]])
    }

    @Test func aCutCountsAllPieces() {
        var shaper = LinkShaper()
        let flow = Self.flow { $0.cutAfter = 4 }
        #expect(!shaper.take([1, 2, 3], at: 0, flow, random: { 0 }).cuts)
        let last = shaper.take([4, 5], at: 0, flow, random: { 0 })
        #expect(last.cuts)
        #expect(last.pieces.map { Array($0.bytes) } == [[4]])
    }
}
