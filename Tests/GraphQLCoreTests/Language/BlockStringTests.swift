import GraphQLCore
import Testing

/// GraphQL §2.9.4, "BlockStringValue", and back.
@Suite struct BlockStringTests {
    @Test(arguments: [
        ("", ""), ("x", "x"), (" x ", " x "), ("\n  x\n    y\n  z\n", "x\n  y\nz"), ("\r\n  x\r  y\n", "x\ny"),
        ("  first\n  second", "  first\nsecond"), ("\n\n\n x\n\n\n", "x"), ("   \n   ", ""),
        ("\t\tx\n\t\ty\n \t z", "\t\tx\ny\n z"),
        ("a \\\"\"\" b", "a \"\"\" b"), ("\\n \\u1234", "\\n \\u1234"), ("\n  é\n   😀", "é\n 😀"),
    ])
    func takesOutTheLayout(_ raw: String, _ value: String) throws {
        guard case .string(let text, let block) = try Parser.parseValue("\"\"\"\(raw)\"\"\"").kind else {
            Issue.record("no string")
            return
        }
        #expect(text == value && block)
    }

    @Test(arguments: [
        "", "x", " leading", "\tleading", "two\nlines", "x\n  y", "  x\n    y\nz", "ends \"", "ends \\",
        "\"\"\"", "a\"\"\"b", "\"\"\"\"\"\"", "\"\"", "blank\n\nline", "x\n \ny",
        String(repeating: "long ", count: 20) + "x",
    ])
    func printsWhatReadsTheSame(_ value: String) throws {
        let node = ValueNode(.string(value, block: true), location: SourceLocation(line: 1, column: 1))
        guard case .string(let text, _) = try Parser.parseValue(Printer.print(node)).kind else {
            Issue.record("no string")
            return
        }
        #expect(text == value)
    }
}
