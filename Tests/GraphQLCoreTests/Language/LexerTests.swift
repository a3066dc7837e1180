import GraphQLCore
import Testing

/// GraphQL §2.1, through the values that the parser makes of tokens.
@Suite struct LexerTests {
    private static func text(_ literal: String) throws -> String? {
        guard case .string(let value, _) = try Parser.parseValue(literal).kind else { return nil }
        return value
    }

    private static func problem(_ text: String) -> String? {
        do {
            _ = try Parser.parseDocument(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        (#""""#, ""), (#""plain""#, "plain"), (#""\" \\ \/ \b \f \n \r \t""#, "\" \\ / \u{8} \u{C} \n \r \t"),
        (#""é 😀""#, "é 😀"), (#""\u00e9\u00E9""#, "éé"), (#""\u{e9}""#, "é"), (#""\u{1F600}""#, "😀"),
        (#""\u{0000001F600}""#, "😀"), (#""\ud83d\ude00""#, "😀"), (#""\u{10FFFF}""#, "\u{10FFFF}"),
        (#""a\u0000b""#, "a\u{0}b"),
    ])
    func readsStrings(_ literal: String, _ value: String) throws {
        #expect(try Self.text(literal) == value)
    }

    @Test(arguments: [
        (#"{ a(b: "x"#, "Unterminated string. (1:10)"), ("{ a(b: \"x\n\") }", "Unterminated string. (1:10)"),
        (#"{ a(b: "\x") }"#, #"Invalid character escape sequence: "\x". (1:9)"#),
        (#"{ a(b: "\u12G4") }"#, #"Invalid Unicode escape sequence: "\u12G4". (1:9)"#),
        (#"{ a(b: "\ud83d") }"#, #"Invalid Unicode escape sequence: "\ud83d". (1:9)"#),
        (#"{ a(b: "\ud83d\u0041") }"#, #"Invalid Unicode escape sequence: "\ud83d". (1:9)"#),
        (#"{ a(b: "\ude00") }"#, #"Invalid Unicode escape sequence: "\ude00". (1:9)"#),
        (#"{ a(b: "\u{}") }"#, #"Invalid Unicode escape sequence: "\u{}". (1:9)"#),
        (#"{ a(b: "\u{110000}") }"#, #"Invalid Unicode escape sequence: "\u{110000}". (1:9)"#),
        (#"{ a(b: "\u{D800}") }"#, #"Invalid Unicode escape sequence: "\u{D800}". (1:9)"#),
        (#"{ a(b: "\"#, #"Invalid character escape sequence: "\". (1:9)"#),
        (#"{ a(b: "\u"#, #"Invalid Unicode escape sequence: "\u". (1:9)"#),
        (#"{ a(b: """x"#, "Unterminated string. (1:12)"),
    ])
    func refusesStrings(_ text: String, _ message: String) {
        #expect(Self.problem(text) == "Syntax Error: " + message)
    }

    @Test(arguments: [
        ("0", "0", false), ("-0", "-0", false),
        ("123456789012345678901234567890", "123456789012345678901234567890", false),
        ("1.5", "1.5", true), ("-1.5e10", "-1.5e10", true), ("1E-5", "1E-5", true), ("0.0e+00", "0.0e+00", true),
    ])
    func readsNumbers(_ literal: String, _ digits: String, _ isFloat: Bool) throws {
        switch try Parser.parseValue(literal).kind {
        case .int(let text): #expect(text == digits && !isFloat)
        case .float(let text): #expect(text == digits && isFloat)
        default: Issue.record("no number")
        }
    }

    @Test(arguments: [
        ("00", "Invalid number, unexpected digit after 0: \"0\". (1:9)"),
        ("01", "Invalid number, unexpected digit after 0: \"1\". (1:9)"),
        ("1.", "Invalid number, expected digit but got: \" \". (1:10)"),
        ("1.a", "Invalid number, expected digit but got: \"a\". (1:10)"),
        ("1e", "Invalid number, expected digit but got: \" \". (1:10)"),
        ("1x", "Invalid number, expected digit but got: \"x\". (1:9)"),
        ("1.2.3", "Invalid number, expected digit but got: \".\". (1:11)"),
        ("-", "Invalid number, expected digit but got: \" \". (1:9)"),
        ("+1", "Unexpected character: \"+\". (1:8)"), (".5", "Unexpected character: \".\". (1:8)"),
        ("'x'", "Unexpected single quote character ('), did you mean to use a double quote (\")? (1:8)"),
        ("é", "Unexpected character: U+00E9. (1:8)"), ("😀", "Unexpected character: U+1F600. (1:8)"),
        ("\u{0}", "Unexpected character: U+0000. (1:8)"), ("?", "Unexpected character: \"?\". (1:8)"),
    ])
    func refusesOtherCharacters(_ literal: String, _ message: String) {
        #expect(Self.problem("{ a(b: \(literal) ) }") == "Syntax Error: " + message)
    }

    /// Lines end with LF, CR or both; columns count code points, also behind strings, comments and byte order marks.
    @Test(arguments: [
        ("{ a\n  ! }", "2:3"), ("{ a\r\n  ! }", "2:3"), ("{ a\r  ! }", "2:3"), ("{ a\n\r!", "3:1"),
        ("{ a(b: \"é😀\") ! }", "1:14"), ("{ # é😀\n!", "2:1"), ("\u{FEFF}{ a ! }", "1:6"), ("{ a,,,! }", "1:7"),
        ("{ a(b: \"\"\"\n é😀\"\"\") ! }", "2:9"),
    ])
    func knowsWhereTokensStand(_ text: String, _ place: String) {
        let problem = Self.problem(text)
        #expect(problem == "Syntax Error: Expected Name, found \"!\". (\(place))")
    }

    @Test func takesAnEmptyDocumentForAMistake() {
        #expect(Self.problem(" \n# nothing\n") == "Syntax Error: Unexpected <EOF>. (3:1)")
    }
}
