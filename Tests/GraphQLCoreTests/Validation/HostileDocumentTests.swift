import GraphQLCore
import Testing

/// Documents that are made to be expensive must be answered, or refused, at once.
@Suite(.serialized) struct HostileDocumentTests {
    /// Half as much is the aim on an idle machine. Unoptimised code is some thirty times slower; the bound then only
    /// catches what grows faster than the document.
    private static var bound: Duration {
        #if DEBUG
            .seconds(20)
        #else
            .milliseconds(250)
        #endif
    }

    private static let schema = "type Query { a(x: Int, y: [Int]): Query b: Query s: String list: [Query] } "

    private static func check(_ text: String, _ comment: Comment) throws {
        let schema = try Schema(sdl: self.schema)
        let clock = ContinuousClock()
        var count = 0
        let time = clock.measure {
            guard let document = try? Parser.parseDocument(text) else { return }
            count = validate(document, schema: schema).count
        }
        #expect(time < self.bound, comment)
        #expect(count <= 101)
    }

    private static func lines(_ count: Int, _ line: (Int) -> String) -> String {
        (0..<count).map(line).joined(separator: "\n")
    }

    @Test func manyFields() throws {
        try Self.check("{\n\(Self.lines(10_000) { "a\($0): s" })\n}", "aliases")
        try Self.check("{\n\(Self.lines(10_000) { _ in "s" })\n}", "one field, again and again")
        try Self.check("{\n\(Self.lines(10_000) { "s: a(x: \($0)) { s }" })\n}", "conflicts")
        try Self.check("{\n\(Self.lines(5_000) { "a { s\($0): s }" })\n}", "sets to merge")
        try Self.check("{\n\(Self.lines(5_000) { "a { s: s\($0) }" })\n}", "unknown fields to merge")
        try Self.check("{\n\(Self.lines(10_000) { "nothing\($0)" })\n}", "unknown fields")
        try Self.check("{ a(\(Self.lines(5_000) { "x\($0): 1" })) { s } }", "unknown arguments")
        try Self.check("{ a(y: [\(String(repeating: "1 ", count: 50_000))]) { s } }", "a long list")
        try Self.check("{ s \(String(repeating: "@skip(if: true) ", count: 10_000)) }", "directives")
    }

    @Test func deepNesting() throws {
        let depth = 10_000
        try Self.check(String(repeating: "{ a ", count: depth) + String(repeating: "}", count: depth), "fields")
        try Self.check(
            "{ a(x: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + ") }", "lists")
        try Self.check(
            String(repeating: "{ ...", count: depth) + "{ s }" + String(repeating: "}", count: depth), "fragments")
        let allowed = 190
        try Self.check(
            String(repeating: "{ a ", count: allowed) + "{ s }" + String(repeating: "}", count: allowed),
            "within the limit")
    }

    @Test func manyFragments() throws {
        let count = 10_000
        let last = "\nfragment F\(count) on Query { s }"
        try Self.check(
            "{ ...F0 }" + Self.lines(count) { "fragment F\($0) on Query { ...F\($0 + 1) }" } + last, "a chain")
        try Self.check(
            "{ ...F0 }" + Self.lines(count) { "fragment F\($0) on Query { a { ...F\($0 + 1) } }" } + last,
            "a deep chain")
        try Self.check(
            "{ ...F0 }" + Self.lines(count) { "fragment F\(count - $0) on Query { ...F\(count - $0 + 1) s }" },
            "a chain, upside down and unused")
        try Self.check(
            "{ \(Self.lines(count) { "...F\($0)" }) }" + Self.lines(count) { "fragment F\($0) on Query { x\($0): s }" },
            "side by side")
        try Self.check(
            "{ \(Self.lines(3_000) { "...F\($0)" }) }"
                + Self.lines(3_000) { "fragment F\($0) on Query { x: a(x: \($0)) { s } }" }, "in conflict")
        try Self.check(
            "{ ...F0 }" + Self.lines(count) { "fragment F\($0) on Query { ...F\(($0 + 1) % count) }" }, "a circle")
        try Self.check(
            "{ ...F0 }" + Self.lines(200) { i in "fragment F\(i) on Query { \(Self.lines(200) { "...F\($0)" }) }" },
            "every one in every other")
        try Self.check(
            "{ ...F0 }" + Self.lines(60) { "fragment F\($0) on Query { a { ...F\($0 + 1) } b { ...F\($0 + 1) } }" }
                + "fragment F60 on Query { s }", "doubling")
        try Self.check(
            "{ ...F0 }"
                + Self.lines(60) {
                    "fragment F\($0) on Query { a { ...F\($0 + 1) x: s } b { ...F\($0 + 1) x: list { s } } }"
                } + "fragment F60 on Query { s }", "doubling, in conflict")
    }

    @Test func manyDefinitions() throws {
        try Self.check(Self.lines(10_000) { "query Q\($0) { s }" }, "operations")
        try Self.check(Self.lines(10_000) { _ in "{ s }" }, "anonymous operations")
        try Self.check("query (" + Self.lines(10_000) { "$v\($0): Int" } + ") { s }", "unused variables")
        try Self.check(
            "query (" + Self.lines(5_000) { "$v\($0): Int" } + ") { a(y: [" + Self.lines(5_000) { "$v\($0)" }
                + "]) { s } }", "variables")
    }

    @Test func largeTexts() throws {
        let megabyte = 1 << 20
        try Self.check("{ s } #" + String(repeating: "é", count: megabyte / 2), "a comment")
        try Self.check("{ s(x: \"" + String(repeating: "x", count: megabyte) + "\") }", "a string")
        try Self.check("{ s(x: \"" + String(repeating: "\\n", count: megabyte / 2) + "\") }", "escapes")
        try Self.check("{ s(x: \"\"\"" + String(repeating: "x\n", count: megabyte / 2) + "\"\"\") }", "a block string")
        try Self.check("{ s(x: " + String(repeating: "1", count: megabyte) + ") }", "a number")
        try Self.check("{ " + String(repeating: "s", count: megabyte) + " }", "a name")
        try Self.check(String(repeating: " ,\n\t", count: megabyte / 4) + "{ s }", "white space")
        try Self.check("{ " + String(repeating: "s ", count: megabyte / 2) + "}", "too many tokens")
        try Self.check("{ s(x: \"\\u{" + String(repeating: "0", count: megabyte) + "41}\") }", "zeros")
    }
}
