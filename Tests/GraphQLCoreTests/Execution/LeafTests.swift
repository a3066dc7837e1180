import GraphQLCore
import Testing

@Suite struct LeafTests {
    /// A case of result coercion: the type of the field, what its resolver returns, and the JSON or else the message.
    struct Case: Sendable, CustomTestStringConvertible {
        let type: String
        let value: ResolvedValue
        let json: String?
        let message: String?

        init(_ type: String, _ value: ResolvedValue, _ json: String) {
            (self.type, self.value, self.json, self.message) = (type, value, json, nil)
        }

        init(_ type: String, _ value: ResolvedValue, error: String) {
            (self.type, self.value, self.json, self.message) = (type, value, nil, error)
        }

        var testDescription: String { "\(self.type) \(self.json ?? self.message ?? "")" }
    }

    @Test(arguments: [
        Case("Int", 1, "1"), Case("Int", -2_147_483_648, "-2147483648"), Case("Int", 2_147_483_647, "2147483647"),
        Case("Int", 3.0, "3"), Case("Int", true, "1"), Case("Int", false, "0"), Case("Int", "12", "12"),
        Case("Int", .json(7), "7"), Case("Int", .json(7.0), "7"), Case("Int", .json("8"), "8"),
        Case("Int", 2_147_483_648, error: "Int cannot represent non 32-bit signed integer value: 2147483648"),
        Case("Int", 1e10, error: "Int cannot represent non 32-bit signed integer value: 10000000000"),
        Case("Int", 1e300, error: "Int cannot represent non 32-bit signed integer value: 1e+300"),
        Case(
            "Int", .json(.number("99999999999999999999")),
            error: "Int cannot represent non 32-bit signed integer value: 99999999999999999999"),
        Case("Int", 1.5, error: "Int cannot represent non-integer value: 1.5"),
        Case("Int", .double(.nan), error: "Int cannot represent non-integer value: nan"),
        Case("Int", "one", error: "Int cannot represent non-integer value: \"one\""),
        Case("Int", "", error: "Int cannot represent non-integer value: \"\""),
        Case("Int", [1], error: "Int cannot represent non-integer value: [1]"),
        Case("Float", 1, "1"), Case("Float", 1.5, "1.5"), Case("Float", .json(2.5), "2.5"),
        Case("Float", .json(3), "3"),
        Case("Float", true, "1"), Case("Float", "1.25", "1.25"),
        Case("Float", .json(.number("0.10000000000000001")), "0.1"),
        Case("Float", .double(.infinity), error: "Float cannot represent non numeric value: inf"),
        Case("Float", "x", error: "Float cannot represent non numeric value: \"x\""),
        Case("Float", .json([1, 2]), error: "Float cannot represent non numeric value: [1, 2]"),
        Case("String", "a\"b\n", #""a\"b\n""#), Case("String", 1, "\"1\""), Case("String", 1.5, "\"1.5\""),
        Case("String", true, "\"true\""), Case("String", .json(false), "\"false\""),
        Case("String", .json("é"), "\"é\""),
        Case("String", .json(["a": [1, nil, "x"]]), error: "String cannot represent value: { a: [1, null, \"x\"] }"),
        Case("String", ["a", "b"], error: "String cannot represent value: [\"a\", \"b\"]"),
        Case("String", ["a": 1], error: "String cannot represent value: { a }"),
        Case("Boolean", true, "true"), Case("Boolean", .json(false), "false"), Case("Boolean", 0, "false"),
        Case("Boolean", 2, "true"), Case("Boolean", 0.5, "true"),
        Case("Boolean", "true", error: "Boolean cannot represent a non boolean value: \"true\""),
        Case("Boolean", .double(.nan), error: "Boolean cannot represent a non boolean value: nan"),
        Case("ID", "a", "\"a\""), Case("ID", 12, "\"12\""), Case("ID", 12.0, "\"12\""), Case("ID", .json(5), "\"5\""),
        Case("ID", .json(.number("18446744073709551615")), "\"18446744073709551615\""),
        Case("ID", 1.5, error: "ID cannot represent value: 1.5"),
        Case("ID", true, error: "ID cannot represent value: true"),
        Case("Color", "RED", "\"RED\""), Case("Color", .json("BLUE"), "\"BLUE\""),
        Case("Color", "GREEN", error: "Enum \"Color\" cannot represent value: \"GREEN\""),
        Case("Color", 1, error: "Enum \"Color\" cannot represent value: 1"),
        Case("Color", "\u{212A}ELVIN", error: "Enum \"Color\" cannot represent value: \"\u{212A}ELVIN\""),
        Case("[Int]", [1, nil, "2"], "[1,null,2]"), Case("[Int]", .json([1, 2]), "[1,2]"), Case("[Int]", [], "[]"),
        Case("[[String]]", [["a"], [], nil], #"[["a"],[],null]"#),
        Case("[Int]", 1, error: "Expected Iterable, but did not find one for field \"Query.value\"."),
        Case("[Int]", "abc", error: "Expected Iterable, but did not find one for field \"Query.value\"."),
        Case("Any", ["b": 1, "a": [nil, true, 1.5]], #"{"b":1,"a":[null,true,1.5]}"#),
        Case("Any", .json(["x": "y"]), #"{"x":"y"}"#),
        Case("Failing", "x", error: "Failing says no"), Case("Failing", 1, error: "Failing cannot represent value: 1"),
        Case("Failing", true, error: "Internal server error"),
    ])
    func serializes(case: Case) async throws {
        let engine = try GraphQLEngine.make(
            """
            type Query { value: \(`case`.type) }
            enum Color { RED BLUE KELVIN }
            scalar Any
            scalar Failing
            """
        ) { resolvers in
            let value = `case`.value
            resolvers.field("Query", "value") { _ in value }
            resolvers.scalar(
                "Failing",
                ScalarCoding(
                    serialize: { value in
                        switch value {
                        case .int: return .null
                        case .bool: throw Secret()
                        default: throw GraphQLError(message: "Failing says no")
                        }
                    }, parse: { $0 }))
        }
        let result = await engine.execute(try engine.prepared("{ value }"), context: Tester())
        if let message = `case`.message {
            #expect(result.errors.map(\.message) == [message])
            #expect(String(decoding: result.body, as: UTF8.self).hasSuffix(#""data":{"value":null}}"#))
        } else {
            #expect(String(decoding: result.body, as: UTF8.self) == #"{"data":{"value":\#(`case`.json ?? "")}}"#)
        }
    }

    @Test func shortensLongValuesInMessages() async throws {
        let long = String(repeating: "x", count: 1_000)
        let engine = try GraphQLEngine.make(
            "type Query { a: Int, b: Int, c: Int, d: Int }",
            root: [
                "a": .string(long), "b": .json(.array((0..<20).map { .int($0) })),
                "c": .json(["a": ["b": ["c": ["d": 1, "e": [[]]]], "l": [[[[1]]]]]]),
                "d": .json(.object((0..<12).reduce(into: JSONObject()) { $0["k\($1)"] = .int(Int64($1)) })),
            ])
        let result = await engine.execute(try engine.prepared("{ a b c d }"), context: Tester())
        let messages = result.errors.map {
            String($0.message.dropFirst("Int cannot represent non-integer value: ".count))
        }
        #expect(messages.count == 4)
        #expect(messages.first?.count == 240)
        #expect(
            messages[1...] == [
                "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... 10 more items]",
                "{ a: { b: { c: [Object] }, l: [[Array]] } }",
                "{ k0: 0, k1: 1, k2: 2, k3: 3, k4: 4, k5: 5, k6: 6, k7: 7, k8: 8, k9: 9, ... 2 more }",
            ])
    }
}
