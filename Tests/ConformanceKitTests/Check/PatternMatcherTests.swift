import Testing

@testable import ConformanceKit

@Suite struct PatternMatcherTests {
    private func parse(_ text: String) throws -> JSON { try JSONParser.parse(Array(text.utf8)) }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1,"b":2}"#), (#"{"a":{"$absent":true}}"#, #"{"b":2}"#),
        (#"{"a":{"$any":true}}"#, #"{"a":null}"#), (#"{"$type":"number"}"#, "1"),
        (#"{"$type":["string","null"]}"#, "null"), (#"{"$exact":{"a":1}}"#, #"{"a":1.0}"#),
        (#"{"$regex":"^a.c$"}"#, #""abc""#), (#"{"$one_of":[1,2]}"#, "2"), (#"{"$not":1}"#, "2"),
        (#"{"$each":{"$type":"integer"},"min":2,"max":2}"#, "[1,2]"), (#"{"$keys":["b","a"]}"#, #"{"b":1,"a":2}"#),
        (#"{"$length":{"max":3}}"#, #""abc""#), (#"{"$all":[{"a":1},{"b":2}]}"#, #"{"a":1,"b":2}"#),
        (#"{"$repeat":"ab","times":2}"#, #""abab""#), ("[1,{}]", #"[1,{"x":1}]"#),
    ])
    func fits(pattern: String, value: String) throws {
        #expect(PatternMatcher.mismatch(try self.parse(value), try self.parse(pattern)) == nil)
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":2}"#, "`a` is 2 instead of 1"), (#"{"a":{"b":1}}"#, #"{"a":{}}"#, "`a.b` is missing"),
        (#"{"a":{"$absent":true}}"#, #"{"a":null}"#, "`a` should not be there"),
        (#"{"a":{"$any":true}}"#, "{}", "`a` is missing"), (#"{"a":{"$not":1}}"#, "{}", "`a` is missing"),
        (#"{"$type":"string"}"#, "1", "the value is 1 instead of string"),
        (#"{"$exact":{"a":1}}"#, #"{"a":1,"b":2}"#, "instead of"), (#"{"$regex":"^b"}"#, #""abc""#, "without /^b/"),
        (#"{"$one_of":[1,2]}"#, "3", "none of"), (#"{"$not":1}"#, "1", "the value is 1"),
        (#"{"$each":{"$any":true},"min":1}"#, "[]", "fewer than 1"),
        (#"{"$keys":["a","b"]}"#, #"{"b":1,"a":2}"#, "keys"),
        (#"{"$length":{"max":2}}"#, #""abc""#, "more than 2"), ("[1]", "[1,2]", "2 items instead of 1"),
        (#"{"$each":1}"#, "[1,2]", "`.1` is 2"),
    ])
    func differs(pattern: String, value: String, difference: String) throws {
        let found = try #require(PatternMatcher.mismatch(try self.parse(value), try self.parse(pattern)))
        #expect(found.contains(difference), "\(found)")
    }

    @Test func onlyNamesTheExtraMember() throws {
        let pattern = MessagePattern(message: .object([.init("type", .string("pong"))]), only: ["type"])
        #expect(pattern.mismatch(try self.parse(#"{"type":"pong"}"#)) == nil)
        #expect(
            pattern.mismatch(try self.parse(#"{"type":"pong","payload":null}"#)) == "the message has a member `payload`"
        )
    }
}
