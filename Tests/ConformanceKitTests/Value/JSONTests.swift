import TestSupport
import Testing

@testable import ConformanceKit

@Suite struct JSONTests {
    @Test(arguments: [
        #"null"#, #"[1,-0.5,1e9,"a\u00e9\n"]"#, #"{"b":1,"a":{"b":[]},"b":2}"#, #""\ud83d\ude00""#, " {} \r\n",
    ])
    func readsWhatIsJSON(text: String) throws {
        _ = try JSONParser.parse(Array(text.utf8))
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "01", "1.", "-", "+1", "\"\n\"", "\"\\x\"", "tru", "nul", "{'a':1}", "1 2",
        "\u{FEFF}{}", "\"\\u12\"", "NaN", "[1 2]", "{\"a\" 1}", "\"\\u+123\"",
    ])
    func refusesWhatIsNot(text: String) {
        #expect(throws: JSONProblem.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func keepsOrderDuplicatesAndDigits() throws {
        let text = #"{"b":1.50,"a":"x","b":1e3}"#
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(value.text == text)
        #expect(value["b"] == .number("1e3"))
    }

    @Test func refusesBytesThatAreNotUTF8() {
        #expect(throws: JSONProblem.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    }

    @Test func boundsNesting() {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: JSONProblem.self) { try JSONParser.parse(Array(deep.utf8)) }
    }

    @Test func comparesByValue() throws {
        let left = try JSONParser.parse(Array(#"{"a":1.0,"b":[true]}"#.utf8))
        let right = try JSONParser.parse(Array(#"{"b":[true],"a":1}"#.utf8))
        #expect(left.isEquivalent(to: right))
        // Canonically equivalent, but other scalars.
        #expect(!JSON.string("\u{E9}").isEquivalent(to: .string("e\u{301}")))
    }

    @Test func everyValueSurvivesItsText() throws {
        var generator = SeededGenerator()
        print("seed \(generator.seed)")
        for _ in 0..<300 {
            let value = Self.random(depth: 4, &generator)
            #expect(try JSONParser.parse(Array(value.text.utf8)) == value)
        }
    }

    private static func random(depth: Int, _ generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .number(String(Int.random(in: -1_000...1_000, using: &generator)))
        case 3:
            let scalars = (0..<Int.random(in: 0..<8, using: &generator)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0..<0x1_1000, using: &generator))
            }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 4:
            return .array(
                (0..<Int.random(in: 0..<4, using: &generator)).map { _ in random(depth: depth - 1, &generator) })
        default:
            return .object(
                (0..<Int.random(in: 0..<4, using: &generator)).map {
                    .init("k\($0)", random(depth: depth - 1, &generator))
                })
        }
    }

    /// The same text on both sides as often; fewer than none is none of ours.
    @Test(
        arguments: [
            (0, "<f>"), (1, "<a{f}>"), (2, "<a{a{f}}>"), (-2, nil), (-1, "<f>"),
        ] as [(Int, String?)])
    func generatorsCloseWhatTheyOpen(plus: Int, text: String?) {
        let times = plus < 0 ? 1 : 0
        let value = JSON.object([
            .init("$repeat", .string("a{")), .init("times", .int(times)), .init("plus", .int(plus)),
            .init("before", .string("<")), .init("inside", .string("f")), .init("close", .string("}")),
            .init("after", .string(">")),
        ])
        #expect(Generator.string(value) == text)
    }

    @Test func generatorsMakeLongValues() {
        let value = JSON.object([
            .init(
                "a", .object([.init("$repeat", .string("ab")), .init("times", .int(3)), .init("after", .string("!"))])),
            .init("b", .object([.init("$nest", .int(50_000))])),
        ])
        let text = Generator.text(value)
        #expect(text.hasPrefix(#"{"a":"ababab!","b":[[[["#))
        #expect(text.utf8.count == #"{"a":"ababab!","b":}"#.utf8.count + 100_000)
    }
}
