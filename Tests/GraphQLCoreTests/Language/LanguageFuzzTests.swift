import GraphQLCore
import TestSupport
import Testing

/// Text at random must be read or refused, never trap; and what is read prints to text that reads the same.
@Suite struct LanguageFuzzTests {
    private static let pieces = [
        "{", "}", "(", ")", "[", "]", ":", "=", "@", "$", "!", "|", "&", "...", "on", "query", "mutation",
        "subscription",
        "fragment", "type", "extend", "schema", "scalar", "interface", "union", "enum", "input", "directive",
        "implements",
        "repeatable", "true", "null", "a", "B", "_c1", "FIELD", "0", "-1", "1.5", "2e3", "\"s\"", "\"\\u00e9\"",
        "\"\"\"b\n c\"\"\"", "\"", "\"\"\"", "\\", "\\u{", "#x\n", "\n", "\r", ",", " ", "\u{FEFF}", "é", "😀", "\u{0}",
        "'", ".",
        "-", "%",
    ]
    private static let seeds = [
        "query Q($a: [Int!]! = [1] @d) @e { x: f(a: $a, b: {c: \"d\"}) @g { ...F ... on T { h } } } fragment F on T { i }",
        "\"d\" type A implements B & C @d { e(f: G = 1): H } union U = | A enum E { X } input I { a: B = {c: 1} } "
            + "directive @x(a: Int) repeatable on FIELD | QUERY extend schema @y { query: Q }",
    ]

    @Test func anyTextIsReadOrRefused() {
        var read = 0
        var refused = 0
        Fuzz.run("documents") { random in
            let text = Self.text(&random)
            do throws(GraphQLError) {
                let document = try Parser.parseDocument(text)
                read += 1
                let printed = Printer.print(document)
                let again = Printer.print(try Parser.parseDocument(printed))
                #expect(again == printed, "seed \(random.seed): \(text)")
            } catch {
                refused += 1
                #expect(
                    error.message.hasPrefix("Syntax Error: ") && error.locations.count == 1,
                    "seed \(random.seed): \(text)")
            }
        }
        #expect(read > 0 && refused > 0)
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        if Bool.random(using: &random) {
            return (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                self.pieces[Int.random(in: 0..<self.pieces.count, using: &random)]
            }.joined(separator: Bool.random(using: &random) ? " " : "")
        }
        var scalars = Array(self.seeds[Int.random(in: 0..<self.seeds.count, using: &random)].unicodeScalars)
        for _ in 0..<Int.random(in: 0..<5, using: &random) where !scalars.isEmpty {
            let place = Int.random(in: 0..<scalars.count, using: &random)
            let piece = self.pieces[Int.random(in: 0..<self.pieces.count, using: &random)].unicodeScalars
            switch Int.random(in: 0..<4, using: &random) {
            case 0: scalars.insert(contentsOf: piece, at: place)
            case 1: scalars.remove(at: place)
            case 2: scalars.replaceSubrange(place..<place + 1, with: piece)
            default: scalars = Array(scalars.prefix(place + 1))
            }
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }
}
