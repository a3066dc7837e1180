import Testing

@testable import ConformanceKit

@Suite struct TimelineTests {
    private func trace(_ events: [HistoryRecord.Event], limit: Int = 400) -> CaseTrace {
        var builder = HistoryBuilder()
        builder.open()
        for event in events { builder.add(event, after: 100) }
        return CaseTrace(History(builder.records), limit: limit)
    }

    private static func outage(_ name: String, _ what: String) -> [HistoryRecord.Event] {
        [
            .fault(name: name, phase: .begins, detail: what), .fault(name: name, phase: .seen, detail: ""),
            .fault(name: name, phase: .heals, detail: ""), .fault(name: name, phase: .healed, detail: ""),
        ]
    }

    @Test func aFaultHasALaneOfWhatItHarms() throws {
        let trace = self.trace(Self.outage("outage", "kill redis"))
        let lane = try #require(trace.lanes.firstIndex(of: "redis"))
        let marks = trace.marks.filter { $0.fault == "outage" }
        #expect(marks.map(\.kind) == [.fault, .seen, .heal, .healed])
        #expect(marks.allSatisfy { $0.lane == lane })
        #expect(self.trace(Self.outage("cut", "blackhole link")).marks.last?.lane == nil)
    }

    @Test func aFaultIsABandOfThreePartsWithoutGaps() throws {
        let values = TimelineModel.values(self.trace(Self.outage("outage", "kill redis")))
        let bands = try #require(values["bands"] as? [[String: Any]])
        #expect(bands.map { $0["kind"] as? String } == ["edge", "holds", "edge"])
        #expect(bands.map { $0["label"] as? String } == [nil, "outage: kill redis", nil])
        #expect(bands.allSatisfy { $0["strip"] is Int })
        for (upper, lower) in zip(bands, bands.dropFirst()) {
            let top = try #require(upper["y"] as? Int)
            let end = top + (try #require(upper["height"] as? Int))
            #expect(end == lower["y"] as? Int)
        }
    }

    @Test func faultsMayOverlapAndMayNotEnd() throws {
        let first = Self.outage("a", "hang redis")
        let second = Self.outage("b", "blackhole link")
        let values = TimelineModel.values(
            self.trace([first[0], first[1], second[0], second[1], first[2], first[3]]))
        let bands = try #require(values["bands"] as? [[String: Any]])
        #expect(bands.compactMap { $0["label"] as? String }.sorted() == ["a: hang redis", "b: blackhole link"])
        #expect(bands.filter { $0["strip"] == nil }.count == 2)
    }

    @Test func faultsAreNeverLeftOut() {
        let noise = [HistoryRecord.Event](repeating: .observed(source: "redis x", value: .int(1)), count: 50)
        let trace = self.trace(noise + Self.outage("outage", "kill redis") + noise, limit: 20)
        #expect(trace.marks.compactMap(\.fault).count == 4)
        #expect(trace.omitted > 0 && trace.marks.count + trace.omitted >= 104)
    }
}
