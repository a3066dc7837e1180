import GraphQLCore
import Testing

@Suite struct JSONReaderTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("-1", -1), ("\"\"", ""),
            ("[]", []), ("{}", [:]), (" \t\r\n[ 1 , 2 ] \n", [1, 2]), ("[[],[[]]]", [[], [[]]]),
            (#"{"b":1,"a":{"c":null}}"#, ["b": 1, "a": ["c": nil]]), (#"{"":0}"#, ["": 0]),
            ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("9223372036854775808", .number("9223372036854775808")), ("1e19", 1e19), ("10000000000000000000", 1e19),
            ("1.5", 1.5), ("-0.0", -0.0), ("1.0", 1.0), ("1e2", 100.0), ("1E+2", 100.0), ("12e-1", 1.2),
            ("0.1", 0.1), ("0.10", 0.1), ("1.7976931348623157e308", 1.7976931348623157e308),
            ("5e-324", .double(.leastNonzeroMagnitude)),
            ("123456789.123456789", .number("123456789.123456789")), ("0.30000000000000004", 0.30000000000000004),
            ("0.10000000000000001", .number("0.10000000000000001")), ("1e400", .number("1e400")),
            ("-1e-400", .number("-1e-400")), ("1e99999999999999999999", .number("1e99999999999999999999")),
            ("0e99999999999999999999", 0.0), ("100000000000000000000000", 1e23),
            ("1001", 1001), ("0.0010", 0.001),
        ] as [(String, JSONValue)])
    func readsValue(text: String, expected: JSONValue) throws {
        #expect(try JSONReader.read(text) == expected)
    }

    @Test(arguments: [
        (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
        (#""\uD83D\uDE00""#, "😀"), (#""\u0000""#, "\0"),
        ("\"\u{7F}é€😀\"", "\u{7F}é€😀"), ("\"é\\n€\"", "é\n€"), ("\"\u{2028}\u{FEFF}\"", "\u{2028}\u{FEFF}"),
    ])
    func readsString(text: String, expected: String) throws {
        let value = try #require(try JSONReader.read(text).stringValue)
        #expect(Array(value.utf8) == Array(expected.utf8))
    }

    @Test(arguments: [
        ("", JSONError(.unexpectedEnd, at: 0)), ("  ", JSONError(.unexpectedEnd, at: 2)),
        ("[", JSONError(.unexpectedEnd, at: 1)), ("[1", JSONError(.unexpectedEnd, at: 2)),
        ("[1,", JSONError(.unexpectedEnd, at: 3)), ("[1,]", JSONError(.unexpectedByte(0x5D), at: 3)),
        ("[,1]", JSONError(.unexpectedByte(0x2C), at: 1)), ("[1 2]", JSONError(.unexpectedByte(0x32), at: 3)),
        ("[1}", JSONError(.unexpectedByte(0x7D), at: 2)), ("]", JSONError(.unexpectedByte(0x5D), at: 0)),
        ("{", JSONError(.unexpectedEnd, at: 1)), (#"{"a""#, JSONError(.unexpectedEnd, at: 4)),
        (#"{"a" 1}"#, JSONError(.unexpectedByte(0x31), at: 5)), (#"{"a":}"#, JSONError(.unexpectedByte(0x7D), at: 5)),
        (#"{"a":1,}"#, JSONError(.unexpectedByte(0x7D), at: 7)), ("{a:1}", JSONError(.unexpectedByte(0x61), at: 1)),
        ("{'a':1}", JSONError(.unexpectedByte(0x27), at: 1)), ("{1:1}", JSONError(.unexpectedByte(0x31), at: 1)),
        (#"{"a":1 "b":2}"#, JSONError(.unexpectedByte(0x22), at: 7)), ("1 2", JSONError(.trailingBytes, at: 2)),
        ("{}}", JSONError(.trailingBytes, at: 2)), ("[]\0", JSONError(.trailingBytes, at: 2)),
        ("nul", JSONError(.unexpectedEnd, at: 3)), ("nulx", JSONError(.unexpectedByte(0x78), at: 3)),
        ("True", JSONError(.unexpectedByte(0x54), at: 0)), ("NaN", JSONError(.unexpectedByte(0x4E), at: 0)),
        ("Infinity", JSONError(.unexpectedByte(0x49), at: 0)), ("+1", JSONError(.unexpectedByte(0x2B), at: 0)),
        ("-", JSONError(.invalidNumber, at: 0)), ("01", JSONError(.invalidNumber, at: 0)),
        ("-01", JSONError(.invalidNumber, at: 0)), ("1.", JSONError(.invalidNumber, at: 0)),
        (".5", JSONError(.unexpectedByte(0x2E), at: 0)), ("1.e1", JSONError(.invalidNumber, at: 0)),
        ("1e", JSONError(.invalidNumber, at: 0)), ("1e+", JSONError(.invalidNumber, at: 0)),
        ("0x1", JSONError(.trailingBytes, at: 1)), ("-Infinity", JSONError(.invalidNumber, at: 0)),
        ("1_000", JSONError(.trailingBytes, at: 1)), ("1\u{FF11}", JSONError(.trailingBytes, at: 1)),
        ("\"", JSONError(.unexpectedEnd, at: 1)), ("\"a", JSONError(.unexpectedEnd, at: 2)),
        ("\"a\\n", JSONError(.unexpectedEnd, at: 4)), ("\"\n\"", JSONError(.controlCharacter, at: 1)),
        ("\"\\n\t\"", JSONError(.controlCharacter, at: 3)), ("\"\0\"", JSONError(.controlCharacter, at: 1)),
        (#""\x""#, JSONError(.invalidEscape, at: 1)), (#""\u12G4""#, JSONError(.invalidEscape, at: 1)),
        (#""\U0041""#, JSONError(.invalidEscape, at: 1)), (#""\"#, JSONError(.unexpectedEnd, at: 2)),
        (#""\u12"#, JSONError(.unexpectedEnd, at: 5)), (#""\uD83D""#, JSONError(.loneSurrogate, at: 1)),
        (#""\uDE00""#, JSONError(.loneSurrogate, at: 1)), (#""\uD83D\uD83D""#, JSONError(.loneSurrogate, at: 1)),
        (#""\uD83D\n""#, JSONError(.loneSurrogate, at: 1)), (#""\uD83Dx""#, JSONError(.loneSurrogate, at: 1)),
        (#""\uD83D\u0041""#, JSONError(.loneSurrogate, at: 1)), (#""\uD83D\uzzzz""#, JSONError(.invalidEscape, at: 7)),
        ("// a\n1", JSONError(.unexpectedByte(0x2F), at: 0)), ("[1,/**/2]", JSONError(.unexpectedByte(0x2F), at: 3)),
        ("\u{FEFF}1", JSONError(.byteOrderMark, at: 0)), ("\u{A0}1", JSONError(.unexpectedByte(0xC2), at: 0)),
        ("\u{B}1", JSONError(.unexpectedByte(0x0B), at: 0)), ("'a'", JSONError(.unexpectedByte(0x27), at: 0)),
    ])
    func refuses(text: String, error: JSONError) {
        #expect(throws: error) { try JSONReader.read(text) }
    }

    @Test(
        arguments: [
            ([0x80], 1), ([0x61, 0xFF], 2), ([0xC0, 0xAF], 1), ([0xC1, 0x81], 1), ([0xE0, 0x80, 0x80], 1),
            ([0xED, 0xA0, 0x80], 1), ([0xF0, 0x80, 0x80, 0x80], 1), ([0xF4, 0x90, 0x80, 0x80], 1),
            ([0xF5, 0x80, 0x80, 0x80], 1), ([0xC3], 1), ([0xE2, 0x82], 1), ([0xE2, 0x28, 0xA1], 1),
            ([0xF0, 0x9F, 0x98], 1), ([0xC3, 0xA9, 0xE2, 0x82, 0x41], 3), ([0x5C, 0x6E, 0xC3], 3),
            ([0xE2, 0x82, 0x5C, 0x6E], 1),
        ] as [([UInt8], Int)])
    func refusesInvalidUTF8(content: [UInt8], offset: Int) {
        let text: [UInt8] = [0x22] + content + [0x22]
        #expect(throws: JSONError(.invalidUTF8, at: offset)) { try JSONReader.read(text) }
    }

    @Test func acceptsEveryScalar() throws {
        for range in [0x20...0xD7FF, 0xE000...0x10FFFF] as [ClosedRange<UInt32>] {
            var text = ""
            for value in range where value != 0x22 && value != 0x5C {
                text.unicodeScalars.append(try #require(Unicode.Scalar(value)))
            }
            let value = try #require(try JSONReader.read("\"" + text + "\"").stringValue)
            #expect(value.utf8.elementsEqual(text.utf8))
        }
    }

    @Test func nestsUpToTheLimit() throws {
        let limits = JSONReader.Limits(depth: 3)
        #expect(try JSONReader.read(#"[{"a":[]}]"#, limits: limits) == [["a": []]])
        #expect(throws: JSONError(.tooDeep, at: 7)) { try JSONReader.read(#"[{"a":[[]]}]"#, limits: limits) }
        #expect(throws: JSONError(.tooDeep, at: 3)) { try JSONReader.read("[[[{}]]]", limits: limits) }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError(.tooDeep, at: 64)) { try JSONReader.read(deep) }
    }

    @Test func limitsLength() throws {
        #expect(try JSONReader.read("[1]", limits: .init(bytes: 3)) == [1])
        #expect(throws: JSONError(.tooLong, at: 3)) { try JSONReader.read("[10]", limits: .init(bytes: 3)) }
    }

    @Test func keepsTheLastOfEqualNamesAtThePlaceOfTheFirst() throws {
        let value = try JSONReader.read(#"{"a":1,"b":2,"a":3,"\u0061":4}"#)
        #expect(value.text == #"{"a":4,"b":2}"#)
    }

    @Test func tellsCanonicallyEquivalentNamesApart() throws {
        let value = try JSONReader.read("{\"\u{E9}\":1,\"e\u{301}\":2,\"K\":3,\"\u{212A}\":4}")
        #expect(value.objectValue?.count == 4)
        #expect(value["K"] == 3)
        #expect(value["\u{212A}"] == 4)
        #expect(value["e\u{301}"] == 2)
    }

    @Test func describesErrors() {
        #expect(JSONError(.unexpectedByte(0x7D), at: 5).description == "Unexpected '}' in JSON text at byte 5")
        #expect(JSONError(.unexpectedByte(0x0B), at: 0).description == "Unexpected byte 0xb in JSON text at byte 0")
        let reasons: [JSONError.Reason] = [
            .tooLong, .tooDeep, .byteOrderMark, .unexpectedEnd, .trailingBytes, .invalidNumber, .controlCharacter,
            .invalidEscape, .loneSurrogate, .invalidUTF8,
        ]
        #expect(Set(reasons.map { JSONError($0, at: 1).description }).count == reasons.count)
    }
}
