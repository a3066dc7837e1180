import GraphQLCore
import Testing

@testable import ReferenceDomains

@Suite("Latest events")
struct LatestEventsTests {
    private func event(_ name: String) -> PayloadObject {
        PayloadObject(shape: NetworkStatus.shape, members: ["connection_status": .string(name)])
    }

    @Test("The newest of each is kept, and those not heard of for longest are forgotten first")
    func forgets() {
        let latest = LatestEvents(capacity: 4)
        for id in ["a", "b", "c", "d"] { latest.record(self.event(id), of: id) }
        latest.record(self.event("a again"), of: "a")
        latest.record(self.event("e"), of: "e")
        #expect(latest["b"] == nil)
        #expect(latest["c"] == nil)
        #expect(latest["a"]?.members["connection_status"] == "a again")
        #expect(latest["d"] != nil)
        #expect(latest["e"] != nil)
    }
}
