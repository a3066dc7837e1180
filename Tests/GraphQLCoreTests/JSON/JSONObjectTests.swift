import GraphQLCore
import TestSupport
import Testing

@Suite struct JSONObjectTests {
    @Test func keepsOrderAndReplacesInPlace() {
        var object: JSONObject = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        object.append("a", 5)
        #expect(object.keys == ["b", "a", "c"])
        #expect(object.map(\.value) == [4, 5, 3])
        #expect(object.count == 3 && !object.isEmpty)
    }

    @Test func removesMembers() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = nil
        object["absent"] = nil
        #expect(object == ["b": 2])
        #expect(object["a"] == nil)
        #expect(JSONObject().isEmpty)
    }

    @Test func behavesLikeAListOfPairs() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        for _ in 0..<50 {
            var object = JSONObject()
            object.reserveCapacity(40)
            var model: [(key: String, value: JSONValue)] = []
            for step in 0..<120 {
                let key = "k\(Int.random(in: 0..<40, using: &random))"
                let position = model.firstIndex { $0.key == key }
                if Int.random(in: 0..<5, using: &random) == 0 {
                    object[key] = nil
                    if let position { model.remove(at: position) }
                } else {
                    object[key] = .int(Int64(step))
                    if let position {
                        model[position].value = .int(Int64(step))
                    } else {
                        model.append((key, .int(Int64(step))))
                    }
                }
                #expect(object[key] == model.first { $0.key == key }?.value)
            }
            #expect(object.map(\.key) == model.map(\.key))
            #expect(object.map(\.value) == model.map(\.value))
        }
    }

    @Test func equalityHeedsOrderKindAndBytes() {
        #expect(JSONValue.object(["a": 1, "b": 2]) != ["b": 2, "a": 1])
        #expect(JSONValue.int(1) != .double(1))
        #expect(JSONValue.string("é") != .string("e\u{301}"))
        #expect(JSONValue.number("1") != .int(1))
        #expect(JSONValue.null == nil && JSONValue.bool(true) != false)
        let values: [JSONValue] = [
            .null, true, false, 1, 1.0, .number("1"), "1", "é", "e\u{301}", [], [:], ["1"], ["a": 1], ["a": 1, "b": 2],
        ]
        #expect(Set(values).count == values.count)
        #expect(Set(values + values).count == values.count)
    }

    @Test func hashesBytesAndNotNormalForms() {
        // Every order of these marks has one normal form, so that all the names have one hash as Strings.
        let marks = (0x5B0...0x5B7).compactMap { Unicode.Scalar($0 as UInt32).map(String.init) }
        var random = SeededGenerator(seed: 7)
        let names = Set((0..<2_000).map { _ in ByteString("a" + marks.shuffled(using: &random).joined()) })
        #expect(names.count > 1_500)
        #expect(Set(names.map(\.text.hashValue)).count == 1)
        #expect(Set(names.map(\.hashValue)).count > 1_500)
    }

    @Test func givesViewsOfValues() {
        #expect(JSONValue.string("a").stringValue == "a" && JSONValue.int(1).stringValue == nil)
        #expect(JSONValue.bool(true).boolValue == true && JSONValue.int(1).boolValue == nil)
        #expect(JSONValue.int(1).intValue == 1 && JSONValue.double(1).intValue == nil)
        #expect(JSONValue.int(1).doubleValue == 1 && JSONValue.double(1.5).doubleValue == 1.5)
        #expect(JSONValue.number("1e400").doubleValue == nil && JSONValue.null.doubleValue == nil)
        #expect(JSONValue.number("0.10000000000000001").doubleValue == 0.1)
        #expect(JSONValue.array([1]).arrayValue == [1] && JSONValue.null.arrayValue == nil)
        #expect(JSONValue.object(["a": 1]).objectValue == ["a": 1] && JSONValue.null.objectValue == nil)
        #expect(JSONValue.null.isNull && !JSONValue.bool(false).isNull)
        let value: JSONValue = ["a": [1, ["b": "c"]]]
        #expect(value["a"]?[1]?["b"] == "c")
        #expect(value["x"] == nil && value[0] == nil && value["a"]?[2] == nil && value["a"]?[-1] == nil)
    }
}
