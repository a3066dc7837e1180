import GraphQLCore
import Testing

@Suite struct RecordTests {
    @Test(arguments: [1, 3, 11, 12, 40])
    func findsFieldsInAnyOrder(count: Int) {
        let record = Record(type: "T", fields: (0..<count).map { ("f\($0)", .int(Int64($0))) })
        #expect(record.typeName == "T" && record.count == count)
        #expect(record.names == (0..<count).map { "f\($0)" })
        for place in (0..<count).reversed() {
            guard case .int(Int64(place)) = record["f\(place)"] else {
                Issue.record("f\(place) is \(String(describing: record["f\(place)"]))")
                continue
            }
        }
        #expect(record["x"] == nil)
    }

    @Test func theFirstOfEqualNamesCounts() {
        for count in [2, 20] {
            let fields = (0..<count).map { ("same", ResolvedValue.int(Int64($0))) }
            #expect(Record(fields: fields)["same"]?.json == 0)
        }
        let literal: Record = ["a": 1]
        #expect(literal["a"]?.json == 1 && literal.typeName == nil)
    }

    @Test func valuesTellWhatTheyAre() {
        struct Pet: ResolvedObject {
            func field(_ name: String) -> ResolvedValue? { name == "__typename" ? "Pet" : nil }
        }
        #expect(ResolvedValue.null.isNull && ResolvedValue.json(nil).isNull && !ResolvedValue.int(0).isNull)
        #expect(ResolvedValue.optional("x").stringValue == "x" && ResolvedValue.optional(nil).isNull)
        #expect(ResolvedValue.json("y").stringValue == "y" && ResolvedValue.int(1).stringValue == nil)
        #expect(ResolvedValue.object(Pet()).typeName == "Pet")
        #expect(ResolvedValue.json(["__typename": "X"]).typeName == "X")
        #expect(ResolvedValue.int(1).typeName == nil && ResolvedValue.int(1).field("x") == nil)
    }
}
