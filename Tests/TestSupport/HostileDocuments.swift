/// Documents that are made to be expensive. Each must be answered, or refused, at once.
package struct HostileDocument: Sendable, CustomStringConvertible {
    /// What it has much of.
    package let name: String
    package let text: String
    package var description: String { self.name }

    private init(_ text: String, _ name: String) {
        self.name = name
        self.text = text
    }

    /// What the documents are written for.
    package static let schema = "type Query { a(x: Int, y: [Int]): Query b: Query s: String list: [Query] } "

    /// All of them, from a few kilobytes to a few megabytes.
    package static var all: [HostileDocument] {
        self.manyFields + self.deepNesting + self.manyFragments + self.manyDefinitions + self.largeTexts
    }

    private static func lines(_ count: Int, _ line: (Int) -> String) -> String {
        (0..<count).map(line).joined(separator: "\n")
    }

    private static var manyFields: [HostileDocument] {
        return [
            HostileDocument("{\n\(Self.lines(10_000) { "a\($0): s" })\n}", "aliases"),
            HostileDocument("{\n\(Self.lines(10_000) { _ in "s" })\n}", "one field, again and again"),
            HostileDocument("{\n\(Self.lines(10_000) { "s: a(x: \($0)) { s }" })\n}", "conflicts"),
            HostileDocument("{\n\(Self.lines(5_000) { "a { s\($0): s }" })\n}", "sets to merge"),
            HostileDocument("{\n\(Self.lines(5_000) { "a { s: s\($0) }" })\n}", "unknown fields to merge"),
            HostileDocument("{\n\(Self.lines(10_000) { "nothing\($0)" })\n}", "unknown fields"),
            HostileDocument("{ a(\(Self.lines(5_000) { "x\($0): 1" })) { s } }", "unknown arguments"),
            HostileDocument("{ a(y: [\(String(repeating: "1 ", count: 50_000))]) { s } }", "a long list"),
            HostileDocument("{ s \(String(repeating: "@skip(if: true) ", count: 10_000)) }", "directives"),
        ]
    }

    private static var deepNesting: [HostileDocument] {
        let depth = 10_000
        let allowed = 190
        return [
            HostileDocument(String(repeating: "{ a ", count: depth) + String(repeating: "}", count: depth), "fields"),
            HostileDocument(
                "{ a(x: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + ") }", "lists"
            ),
            HostileDocument(
                String(repeating: "{ ...", count: depth) + "{ s }" + String(repeating: "}", count: depth), "fragments"),
            HostileDocument(
                String(repeating: "{ a ", count: allowed) + "{ s }" + String(repeating: "}", count: allowed),
                "within the limit"),
        ]
    }

    private static var manyFragments: [HostileDocument] {
        let count = 10_000
        let last = "\nfragment F\(count) on Query { s }"
        return [
            HostileDocument(
                "{ ...F0 }" + Self.lines(count) { "fragment F\($0) on Query { ...F\($0 + 1) }" } + last, "a chain"),
            HostileDocument(
                "{ ...F0 }" + Self.lines(count) { "fragment F\($0) on Query { a { ...F\($0 + 1) } }" } + last,
                "a deep chain"),
            HostileDocument(
                "{ ...F0 }" + Self.lines(count) { "fragment F\(count - $0) on Query { ...F\(count - $0 + 1) s }" },
                "a chain, upside down and unused"),
            HostileDocument(
                "{ \(Self.lines(count) { "...F\($0)" }) }"
                    + Self.lines(count) { "fragment F\($0) on Query { x\($0): s }" },
                "side by side"),
            HostileDocument(
                "{ \(Self.lines(3_000) { "...F\($0)" }) }"
                    + Self.lines(3_000) { "fragment F\($0) on Query { x: a(x: \($0)) { s } }" }, "in conflict"),
            HostileDocument(
                "{ ...F0 }" + Self.lines(count) { "fragment F\($0) on Query { ...F\(($0 + 1) % count) }" }, "a circle"),
            HostileDocument(
                "{ ...F0 }" + Self.lines(200) { i in "fragment F\(i) on Query { \(Self.lines(200) { "...F\($0)" }) }" },
                "every one in every other"),
            HostileDocument(
                "{ ...F0 }" + Self.lines(60) { "fragment F\($0) on Query { a { ...F\($0 + 1) } b { ...F\($0 + 1) } }" }
                    + "fragment F60 on Query { s }", "doubling"),
            HostileDocument(
                "{ ...F0 }"
                    + Self.lines(60) {
                        "fragment F\($0) on Query { a { ...F\($0 + 1) x: s } b { ...F\($0 + 1) x: list { s } } }"
                    } + "fragment F60 on Query { s }", "doubling, in conflict"),
        ]
    }

    private static var manyDefinitions: [HostileDocument] {
        return [
            HostileDocument(Self.lines(10_000) { "query Q\($0) { s }" }, "operations"),
            HostileDocument(Self.lines(10_000) { _ in "{ s }" }, "anonymous operations"),
            HostileDocument("query (" + Self.lines(10_000) { "$v\($0): Int" } + ") { s }", "unused variables"),
            HostileDocument(
                "query (" + Self.lines(5_000) { "$v\($0): Int" } + ") { a(y: [" + Self.lines(5_000) { "$v\($0)" }
                    + "]) { s } }", "variables"),
        ]
    }

    private static var largeTexts: [HostileDocument] {
        let megabyte = 1 << 20
        return [
            HostileDocument("{ s } #" + String(repeating: "é", count: megabyte / 2), "a comment"),
            HostileDocument("{ s(x: \"" + String(repeating: "x", count: megabyte) + "\") }", "a string"),
            HostileDocument("{ s(x: \"" + String(repeating: "\\n", count: megabyte / 2) + "\") }", "escapes"),
            HostileDocument(
                "{ s(x: \"\"\"" + String(repeating: "x\n", count: megabyte / 2) + "\"\"\") }", "a block string"),
            HostileDocument("{ s(x: " + String(repeating: "1", count: megabyte) + ") }", "a number"),
            HostileDocument("{ " + String(repeating: "s", count: megabyte) + " }", "a name"),
            HostileDocument(String(repeating: " ,\n\t", count: megabyte / 4) + "{ s }", "white space"),
            HostileDocument("{ " + String(repeating: "s ", count: megabyte / 2) + "}", "too many tokens"),
            HostileDocument("{ s(x: \"\\u{" + String(repeating: "0", count: megabyte) + "41}\") }", "zeros"),
        ]
    }
}
