import GraphQLCore
import Testing

@testable import ReferenceDomains

@Suite("Latest events")
struct LatestEventsTests {
    private func event(_ name: String) -> JSONObject {
        ["connection_status": .string(name)]
    }

    @Test("The newest of each is kept, and those not heard of for longest are forgotten first")
    func forgets() {
        let latest = LatestEvents(capacity: 4)
        for id in ["a", "b", "c", "d"] { latest.record(self.event(id), of: id, in: "t") }
        latest.record(self.event("a again"), of: "a", in: "t")
        latest.record(self.event("e"), of: "e", in: "t")
        #expect(latest["b", of: "t"] == nil)
        #expect(latest["c", of: "t"] == nil)
        #expect(latest["a", of: "t"]?["connection_status"] == "a again")
        #expect(latest["d", of: "t"] != nil)
        #expect(latest["e", of: "t"] != nil)
    }
}
