import GraphQLCore
import TestSupport
import Testing

/// Variables at random are coerced or refused with a message, never trap; and what was coerced is accepted again.
@Suite struct VariableFuzzTests {
    private static let types = [
        "Int", "Int!", "Float", "String", "Boolean!", "ID", "Color", "[Int]", "[[Int!]!]", "Input", "Input!",
        "[Input!]", "One",
        "Any", "Even", "DateTime",
    ]
    private static let keys = ["a", "must", "color", "list", "nested", "preset", "b", "zzz"]

    private static func value(_ depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 10 : 8), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: -5...5, using: &random))
        case 3: return .int(.random(in: .min ... .max, using: &random))
        case 4: return .double(Double(Int.random(in: -9...9, using: &random)) / 2)
        case 5: return .number("18446744073709551616")
        case 6:
            return .string(
                ["RED", "GREEN", "", "x", "1", "2025-09-01T10:00:00Z", "é"].randomElement(using: &random) ?? "")
        case 7: return .double(1e300)
        case 8: return .string(String(repeating: "long", count: .random(in: 0...40, using: &random)))
        case 9:
            return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in Self.value(depth - 1, &random) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                object[Self.keys.randomElement(using: &random) ?? "a"] = Self.value(depth - 1, &random)
            }
            return .object(object)
        }
    }

    @Test func anyVariablesAreCoercedOrRefused() throws {
        var coerced = 0
        var refused = 0
        try Fuzz.run("variables") { random in
            let type = Self.types.randomElement(using: &random) ?? "Int"
            let value = Self.value(4, &random)
            switch try VariableTests.coerce(type, ["v": value]) {
            case .success(let variables):
                coerced += 1
                #expect(variables["v"] != nil, "seed \(random.seed): \(type) \(value)")
            case .failure(let error):
                refused += 1
                #expect(!error.errors.isEmpty, "seed \(random.seed): \(type) \(value)")
                #expect(error.errors.allSatisfy { !$0.message.isEmpty }, "seed \(random.seed): \(type) \(value)")
            }
        }
        #expect(coerced > 0 && refused > 0)
    }
}
