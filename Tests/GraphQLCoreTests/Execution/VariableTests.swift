import GraphQLCore
import TestSupport
import Testing

@Suite struct VariableTests {
    static let sdl = """
        type Query { echo(int: Int, input: Input, one: One, any: Any): Any }
        enum Color { RED GREEN KELVIN }
        input Input { a: Int, must: String!, color: Color, list: [Int!], nested: Input, preset: Int! = 3 }
        input One @oneOf { a: Int, b: String }
        scalar Any
        scalar Even
        scalar DateTime
        """

    static let engine = Result {
        try GraphQLEngine.make(Self.sdl) { resolvers in
            resolvers.field("Query", "echo") { _ in .null }
            resolvers.scalar("DateTime", .dateTime)
            resolvers.scalar(
                "Even",
                ScalarCoding(
                    serialize: { _ in .null },
                    parse: { value in
                        guard let number = value.intValue else { throw Secret() }
                        guard number.isMultiple(of: 2) else { throw GraphQLError(message: "Odd: \(number)") }
                        return .int(number / 2)
                    }))
        }
    }

    /// The coerced variables, or the messages of the errors, for one variable `$v` that the operation uses.
    static func coerce(_ type: String, _ variables: JSONObject) throws -> Result<JSONObject, RequestError> {
        // Within an object literal for a custom scalar a variable of any type may stand.
        let query = "query ($v: \(type)) { echo(any: {list: [$v]}) }"
        return try Self.engine.get().prepare(GraphQLRequest(query: query, variables: variables)).map(\.variables)
    }

    @Test(
        arguments: [
            ("Int", 1, 1), ("Int", 1.0, 1), ("Int", nil, nil), ("Int!", -5, -5), ("Float", 1, 1.0), ("Float", 1.5, 1.5),
            ("Float", .number("0.10000000000000001"), 0.1), ("String", "x", "x"), ("Boolean", true, true),
            ("ID", "x", "x"),
            ("ID", 5, "5"), ("ID", 5.0, "5"), ("ID", .number("18446744073709551615"), "18446744073709551615"),
            ("Color", "RED", "RED"), ("[Int]", [1, nil, 2.0], [1, nil, 2]), ("[Int]", 1, [1]), ("[Int]", nil, nil),
            ("[[Int]]", 1, [[1]]), ("[[Int]]", [1, [2], nil], [[1], [2], nil]), ("[Int!]!", [], []),
            ("Input", ["must": "x"], ["must": "x", "preset": 3]),
            (
                "Input", ["list": 1, "must": "x", "a": nil, "preset": 4],
                ["a": nil, "must": "x", "list": [1], "preset": 4]
            ),
            (
                "Input", ["must": "x", "nested": ["must": "y", "color": "GREEN"]],
                ["must": "x", "nested": ["must": "y", "color": "GREEN", "preset": 3], "preset": 3]
            ),
            ("One", ["a": 1], ["a": 1]), ("One!", ["b": "x"], ["b": "x"]), ("Any", ["x": [1, nil]], ["x": [1, nil]]),
            ("Even", 4, 2), ("DateTime", "2025-09-01T10:00:00+02:00", "2025-09-01T10:00:00+02:00"),
        ] as [(String, JSONValue, JSONValue)])
    func coerces(type: String, value: JSONValue, coerced: JSONValue) throws {
        #expect(try Self.coerce(type, ["v": value, "unknown": 1]) == .success(["v": coerced]))
    }

    @Test(
        arguments: [
            ("Int!", [:], "Variable \"$v\" of required type \"Int!\" was not provided."),
            ("Int!", ["v": nil], "Variable \"$v\" of non-null type \"Int!\" must not be null."),
            (
                "Int", ["v": "1"],
                "Variable \"$v\" got invalid value \"1\"; Int cannot represent non-integer value: \"1\""
            ),
            ("Int", ["v": 1.5], "Variable \"$v\" got invalid value 1.5; Int cannot represent non-integer value: 1.5"),
            (
                "Int", ["v": true],
                "Variable \"$v\" got invalid value true; Int cannot represent non-integer value: true"
            ),
            (
                "Int", ["v": 2_147_483_648],
                "Variable \"$v\" got invalid value 2147483648; Int cannot represent non 32-bit signed integer value: 2147483648"
            ),
            (
                "Int", ["v": 1e300],
                "Variable \"$v\" got invalid value 1e+300; Int cannot represent non 32-bit signed integer value: 1e+300"
            ),
            (
                "Int", ["v": .number("99999999999999999999")],
                "Variable \"$v\" got invalid value 99999999999999999999; Int cannot represent non 32-bit signed integer value: "
                    + "99999999999999999999"
            ),
            (
                "Int", ["v": .number("0.10000000000000001")],
                "Variable \"$v\" got invalid value 0.10000000000000001; Int cannot represent non-integer value: "
                    + "0.10000000000000001"
            ),
            (
                "Float", ["v": "1"],
                "Variable \"$v\" got invalid value \"1\"; Float cannot represent non numeric value: \"1\""
            ),
            (
                "Float", ["v": .number("1e999")],
                "Variable \"$v\" got invalid value 1e999; Float cannot represent non numeric value: 1e999"
            ),
            ("String", ["v": 1], "Variable \"$v\" got invalid value 1; String cannot represent a non string value: 1"),
            (
                "Boolean", ["v": "true"],
                "Variable \"$v\" got invalid value \"true\"; Boolean cannot represent a non boolean value: \"true\""
            ),
            ("ID", ["v": 1.5], "Variable \"$v\" got invalid value 1.5; ID cannot represent value: 1.5"),
            ("ID", ["v": [1]], "Variable \"$v\" got invalid value [1]; ID cannot represent value: [1]"),
            (
                "Color", ["v": "REDD"],
                "Variable \"$v\" got invalid value \"REDD\"; Value \"REDD\" does not exist in \"Color\" enum. "
                    + "Did you mean the enum value \"RED\"?"
            ),
            (
                "Color", ["v": "\u{212A}ELVIN"],
                "Variable \"$v\" got invalid value \"\u{212A}ELVIN\"; Value \"\u{212A}ELVIN\" does not exist in \"Color\" enum. "
                    + "Did you mean the enum value \"KELVIN\"?"
            ),
            (
                "Color", ["v": 1],
                "Variable \"$v\" got invalid value 1; Enum \"Color\" cannot represent non-string value: 1."
            ),
            (
                "[Int!]", ["v": [1, nil]],
                "Variable \"$v\" got invalid value null at \"v[1]\"; Expected non-nullable type \"Int!\" not to be null."
            ),
            (
                "[[Int]]", ["v": [[1, "x"]]],
                "Variable \"$v\" got invalid value \"x\" at \"v[0][1]\"; Int cannot represent non-integer value: \"x\""
            ),
            ("Input", ["v": 1], "Variable \"$v\" got invalid value 1; Expected type \"Input\" to be an object."),
            (
                "Input", ["v": [:]],
                "Variable \"$v\" got invalid value {}; Field \"must\" of required type \"String!\" was not provided."
            ),
            (
                "Input", ["v": ["must": nil]],
                "Variable \"$v\" got invalid value null at \"v.must\"; Expected non-nullable type \"String!\" not to be null."
            ),
            (
                "Input", ["v": ["must": "x", "lists": 1]],
                "Variable \"$v\" got invalid value { must: \"x\", lists: 1 }; Field \"lists\" is not defined by type \"Input\". "
                    + "Did you mean \"list\" or \"must\"?"
            ),
            (
                "Input", ["v": ["must": "x", "nested": ["must": "x", "list": [0, "y"]]]],
                "Variable \"$v\" got invalid value \"y\" at \"v.nested.list[1]\"; Int cannot represent non-integer value: \"y\""
            ),
            (
                "One", ["v": [:]],
                "Variable \"$v\" got invalid value {}; Exactly one key must be specified for OneOf type \"One\"."
            ),
            (
                "One", ["v": ["a": 1, "b": "x"]],
                "Variable \"$v\" got invalid value { a: 1, b: \"x\" }; Exactly one key must be specified for OneOf type \"One\"."
            ),
            (
                "One", ["v": ["a": nil]],
                "Variable \"$v\" got invalid value null at \"v.a\"; Field \"a\" must be non-null."
            ),
            ("Even", ["v": 3], "Variable \"$v\" got invalid value 3; Odd: 3"),
            ("Even", ["v": "x"], "Variable \"$v\" got invalid value \"x\"; Expected type \"Even\"."),
            (
                "DateTime", ["v": "today"],
                "Variable \"$v\" got invalid value \"today\"; DateTime cannot represent value: \"today\""
            ),
        ] as [(String, JSONObject, String)])
    func refuses(type: String, variables: JSONObject, message: String) throws {
        guard case .failure(let error) = try Self.coerce(type, variables) else {
            Issue.record("accepted")
            return
        }
        #expect(error.step == .variables)
        #expect(error.errors.map(\.message) == [message])
        #expect(error.errors.first?.locations == [SourceLocation(line: 1, column: 8)])
    }

    @Test func usesDefaultsOnlyInAbsence() throws {
        #expect(try Self.coerce("Int = 5", [:]) == .success(["v": 5]))
        #expect(try Self.coerce("Int = 5", ["v": nil]) == .success(["v": nil]))
        #expect(try Self.coerce("[Int] = 5", [:]) == .success(["v": [5]]))
        #expect(try Self.coerce("Input = {must: \"x\"}", [:]) == .success(["v": ["must": "x", "preset": 3]]))
        #expect(try Self.coerce("Int", [:]) == .success([:]))
    }

    @Test func reportsAllErrorsUpToALimit() throws {
        let list = JSONValue.array(Array(repeating: "x", count: 60))
        guard case .failure(let error) = try Self.coerce("[Int]", ["v": list]) else {
            Issue.record("accepted")
            return
        }
        #expect(error.errors.count == 51)
        #expect(
            error.errors.last?.message
                == "Too many errors processing variables, error limit reached. Execution aborted.")
        guard case .failure(let few) = try Self.coerce("[Int]", ["v": ["x", 1, "y"]]) else {
            Issue.record("accepted")
            return
        }
        #expect(few.errors.count == 2)
    }

    @Test func hostileNamesCostLittle() throws {
        var many: JSONObject = ["must": "x"]
        for number in 0..<20_000 {
            many["unknown\(number)"] = 1
        }
        let long = String(repeating: "x", count: 100_000)
        for (type, value) in [
            ("Input", JSONValue.object(many)), ("[Input]", [.object(many), .object(many)]),
            ("Input", .object(["must": "x", long: 1])), ("Color", .string(long)), ("Int", .string(long)),
        ] {
            guard case .failure(let error) = try Self.coerce(type, ["v": value]) else {
                Issue.record("accepted")
                continue
            }
            #expect(error.errors.count <= 51)
            #expect(error.body.count < 60_000)
        }
    }

    @Test func namesAreComparedByBytes() throws {
        let engine = try GraphQLEngine.make("type Query { echo(any: Any): Any } scalar Any") { resolvers in
            resolvers.field("Query", "echo") { .json(.object($0.arguments.values)) }
        }
        let operation = try engine.prepared(
            "query ($K: Any) { echo(any: [$K]) }", variables: ["\u{212A}": 1])
        #expect(operation.variables.isEmpty)
        #expect(
            engine.refusals("query K { echo }", operationName: "\u{212A}") == ["Unknown operation named \"\u{212A}\"."])
    }

    /// Whatever comes is either refused or coerced to values that coerce to themselves.
    @Test func coercionIsStable() throws {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        let types = [
            "Int", "Float", "String", "Boolean", "ID", "Color", "[Int!]", "[[Float]]", "Input", "One", "Any",
            "DateTime",
        ]
        var accepted = 0
        for _ in 0..<3_000 {
            let type = types[Int.random(in: types.indices, using: &random)]
            let value = JSONWriterTests.value(levels: 3, using: &random)
            switch try Self.coerce(type, ["v": value]) {
            case .success(let variables):
                accepted += 1
                #expect(try Self.coerce(type, variables) == .success(variables))
            case .failure(let error):
                #expect(error.step == .variables && !error.errors.isEmpty)
                #expect(
                    error.errors.allSatisfy { $0.message.hasPrefix("Variable \"$v\" ") || $0.message.hasPrefix("Too") })
            }
        }
        #expect(accepted > 300)
    }
}
