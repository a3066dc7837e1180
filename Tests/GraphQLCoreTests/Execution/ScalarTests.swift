import GraphQLCore
import Testing

@Suite struct ScalarTests {
    @Test(arguments: [
        ("2025-09-01T12:30:00Z", "2025-09-01T12:30:00Z"), ("2025-09-01t12:30:00z", "2025-09-01T12:30:00Z"),
        ("2025-09-01T12:30:00.123456Z", "2025-09-01T12:30:00.123456Z"),
        ("2025-09-01T12:30:00+05:30", "2025-09-01T12:30:00+05:30"), ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z"), ("0000-01-01T00:00:00-23:59", "0000-01-01T00:00:00-23:59"),
    ])
    func dateTimesGoBothWays(text: String, expected: String) throws {
        #expect(try ScalarCoding.dateTime.parse(.string(text)) == .string(expected))
        #expect(try ScalarCoding.dateTime.serialize(.string(text)) == .string(expected))
        #expect(try ScalarCoding.dateTime.serialize(.json(.string(text))) == .string(expected))
    }

    @Test(arguments: [
        ("2025-09-01T12:30:00", "2025-09-01T12:30:00Z"), ("2025-09-01 12:30:00.5", "2025-09-01T12:30:00.5Z"),
        ("2025-09-01 12:30:00+00:00", "2025-09-01T12:30:00+00:00"),
    ])
    func dateTimesWithoutAnOffsetAreOnlyWritten(text: String, expected: String) throws {
        #expect(try ScalarCoding.dateTime.serialize(.string(text)) == .string(expected))
        #expect(throws: GraphQLError.self) { try ScalarCoding.dateTime.parse(.string(text)) }
    }

    @Test(arguments: [
        "", "2025", "2025-09-01", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2025-04-31T00:00:00Z", "2025-09-01T24:00:00Z", "2025-09-01T12:60:00Z", "2025-09-01T12:30:61Z",
        "2025-09-01T12:30:00.Z", "2025-09-01T12:30:00ZZ", "2025-09-01T12:30:00+5:30", "2025-09-01T12:30:00+24:00",
        "2025-09-01T12:30:00+05:60", "2025-09-01T12:30:00+05:30x", "2025-09-01T12:30", "2025-00-01T00:00:00Z",
        "2025-09-00T00:00:00Z", "20x5-09-01T00:00:00Z", "2025-09-01T12:30:00.1 Z", "２025-09-01T12:30:00Z",
    ])
    func refusesDateTimes(text: String) {
        #expect(throws: GraphQLError.self) { try ScalarCoding.dateTime.parse(.string(text)) }
        #expect(throws: GraphQLError.self) { try ScalarCoding.dateTime.serialize(.string(text)) }
        #expect(throws: GraphQLError.self) { try ScalarCoding.dateTime.parse(1) }
        #expect(throws: GraphQLError.self) { try ScalarCoding.dateTime.serialize(1) }
    }

    @Test(
        arguments: [
            ("12.50", "12.50"), (12, "12"), (-3, "-3"), (1.5, "1.5"), (1e21, "1000000000000000000000"),
            (1e-7, "0.0000001"),
            (.number("123456789012345678901234567890.10"), "123456789012345678901234567890.10"), ("1.50e1", "15"),
            ("-1.25e-1", "-0.125"), ("0", "0"), ("-0.0", "-0.0"), ("12e-1", "1.2"), ("0.001e3", "1"), ("10e-1", "1"),
            ("1.2345e2", "123.45"), ("0e5", "0"),
        ] as [(JSONValue, String)])
    func decimalsKeepTheirDigits(value: JSONValue, expected: String) throws {
        #expect(try ScalarCoding.decimal.parse(value) == .string(expected))
        #expect(try ScalarCoding.decimal.serialize(.json(value)) == .string(expected))
    }

    @Test(
        arguments: [
            "", "x", "1,5", ".5", "1.", "+1", "01", true, nil, ["1"], "1e401", "1e-401", "1e99999999999999999999",
            .double(.nan), .string(String(repeating: "1", count: 401)), " 1",
        ] as [JSONValue])
    func refusesDecimals(value: JSONValue) {
        #expect(throws: GraphQLError.self) { try ScalarCoding.decimal.parse(value) }
        #expect(throws: GraphQLError.self) { try ScalarCoding.decimal.serialize(.json(value)) }
    }

    @Test func jsonTakesWhatIsWhole() throws {
        struct Opaque: ResolvedObject {
            func field(_ name: String) -> ResolvedValue? { nil }
        }
        let value: ResolvedValue = [
            "a": [1, 2.5, true, nil, "x"], "b": .json(["c": []]), "d": .record(Record(type: "T", fields: [("e", 1)])),
        ]
        let json: JSONValue = ["a": [1, 2.5, true, nil, "x"], "b": ["c": []], "d": ["e": 1]]
        #expect(try ScalarCoding.json.serialize(value) == json)
        #expect(try ScalarCoding.json.parse(json) == json)
        for value: ResolvedValue in [
            .object(Opaque()), [.object(Opaque())], ["x": .failure(GraphQLError(message: "no"))],
        ] {
            #expect(throws: GraphQLError.self) { try ScalarCoding.json.serialize(value) }
        }
    }
}
