import GraphQLCore
import Testing

@Suite struct DocumentLimitsTests {
    private static func problem(_ text: String, _ limits: DocumentLimits) -> String? {
        do {
            _ = try Parser.parseDocument(text, limits: limits)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func countsTokens() {
        #expect(Self.problem("{ a b }", DocumentLimits(tokens: 4)) == nil)
        #expect(Self.problem("{ a b , # c\n}", DocumentLimits(tokens: 4)) == nil)
        #expect(
            Self.problem("{ a b c }", DocumentLimits(tokens: 4))
                == "Syntax Error: Document contains more than 4 tokens. Parsing aborted.")
    }

    @Test(arguments: [
        ("{ a { b { c } } }", 3), ("{ ... { ... { a } } }", 3), ("{ a(b: [[1]]) }", 3), ("{ a(b: {c: {d: 1}}) }", 3),
        ("query ($a: [[[Int]]]) { a }", 3), ("type A { b(c: D = [[[1]]]): E }", 3),
    ])
    func countsLevels(_ text: String, _ depth: Int) {
        #expect(Self.problem(text, DocumentLimits(depth: depth)) == nil)
        #expect(
            Self.problem(text, DocumentLimits(depth: depth - 1))
                == "Syntax Error: Document is nested deeper than \(depth - 1) levels. Parsing aborted.")
    }

    /// Each of these would otherwise recurse as deep as it is long.
    @Test(arguments: [
        ("{a", "}"), ("{...", "}"), ("{a(b:[", "])}"), ("{a(b:{c:", "})}"), ("query($a:[", "]){a}"), ("[", "]"),
    ])
    func survivesDeepNesting(_ open: String, _ close: String) throws {
        let step = open.last == "[" ? "[" : open.hasSuffix("c:") ? "{c:" : open
        let text = open + String(repeating: step, count: 100_000) + "x" + String(repeating: close, count: 100_000)
        let problem = try #require(Self.problem(text, .init()))
        #expect(problem.hasPrefix("Syntax Error: "))
    }
}
