import GraphQLCore
import Testing

@Suite struct ArgumentTests {
    static let sdl = """
        type Query {
          echo(
            int: Int, float: Float, string: String, bool: Boolean, id: ID, color: Color, ints: [Int], must: [Int!]
            matrix: [[Int]], input: Input, any: Any, date: DateTime, preset: Int = 5, presets: [Int] = 1, one: One
          ): Any
          required(value: Int!, preset: Int! = 7): Any
          plain: Plain
        }
        type Plain { field(value: Int! = 1, date: DateTime): Int }
        enum Color { RED BLUE }
        input Input { a: Int, b: String = "b", c: [Int!] = [1, 2], must: Int! = 3, nested: Input }
        input One @oneOf { a: Int, b: String }
        scalar Any
        scalar DateTime
        """

    static let engine = Result {
        try GraphQLEngine.make(Self.sdl, root: ["plain": ["field": 1]]) { resolvers in
            resolvers.field("Query", "echo") { .json(.object($0.arguments.values)) }
            resolvers.field("Query", "required") { .json(.object($0.arguments.values)) }
            resolvers.scalar("DateTime", .dateTime)
        }
    }

    @Test(
        arguments: [
            ("echo", #"{"preset":5,"presets":[1]}"#),
            (
                "echo(int: 1, float: 2, string: \"s\", bool: true, id: 3, color: RED)",
                #"{"int":1,"float":2.0,"string":"s","bool":true,"id":"3","color":"RED","preset":5,"presets":[1]}"#
            ),
            (
                "echo(float: 1.5e3, id: \"x\", string: \"\"\"block\"\"\", preset: null, presets: null)",
                #"{"float":1500.0,"string":"block","id":"x","preset":null,"presets":null}"#
            ),
            (
                "echo(ints: 1, matrix: 1, preset: 1, presets: [])",
                #"{"ints":[1],"matrix":[[1]],"preset":1,"presets":[]}"#
            ),
            (
                "echo(ints: [1, null], must: [1], matrix: [[1], null, [null]], preset: 1, presets: 2)",
                #"{"ints":[1,null],"must":[1],"matrix":[[1],null,[null]],"preset":1,"presets":[2]}"#
            ),
            (
                "echo(input: {}, preset: 1, presets: 2)",
                #"{"preset":1,"presets":[2],"input":{"b":"b","c":[1,2],"must":3}}"#
            ),
            (
                "echo(input: {nested: {a: 1, b: null, c: 5}, must: 0}, preset: 1, presets: 2)",
                #"{"input":{"b":"b","c":[1,2],"must":0,"nested":{"a":1,"b":null,"c":[5],"must":3}},"preset":1,"presets":[2]}"#
            ),
            (
                "echo(any: {a: [1, 2.5, \"s\", RED, null, true], n: 123456789012345678901234567890}, preset: 1, presets: 2)",
                #"{"any":{"a":[1,2.5,"s","RED",null,true],"n":123456789012345678901234567890},"preset":1,"presets":[2]}"#
            ),
            ("echo(one: {b: \"x\"}, preset: 1, presets: 2)", #"{"preset":1,"presets":[2],"one":{"b":"x"}}"#),
            (
                "echo(date: \"2025-09-01t00:00:00z\", preset: 1, presets: 2)",
                #"{"date":"2025-09-01T00:00:00Z","preset":1,"presets":[2]}"#
            ),
            ("required(value: 1)", #"{"value":1,"preset":7}"#),
        ] as [(String, String)])
    func coercesLiterals(field: String, arguments: String) async throws {
        let response = try await Self.engine.get().respond("{ \(field) }")
        let name = field.prefix { $0 != "(" }
        let members = try #require(JSONReader.read(response)["data"]?[String(name)]?.objectValue)
        let expected = try #require(JSONReader.read(arguments).objectValue)
        #expect(Set(members.keys) == Set(expected.keys), "\(response)")
        for (key, value) in expected {
            #expect(members[key] == value)
        }
    }

    @Test(
        arguments: [
            ("($v: Int)", "echo(int: $v, preset: $v, presets: [$v])", [:], #"{"preset":5,"presets":[null]}"#),
            (
                "($v: Int)", "echo(int: $v, preset: $v, presets: [$v])", ["v": nil],
                #"{"int":null,"preset":null,"presets":[null]}"#
            ),
            ("($v: Int)", "echo(int: $v, preset: $v, presets: [$v])", ["v": 2], #"{"int":2,"preset":2,"presets":[2]}"#),
            ("($v: Int = 4)", "echo(int: $v, preset: $v, presets: [$v])", [:], #"{"int":4,"preset":4,"presets":[4]}"#),
            (
                "($v: Int)", "echo(input: {a: $v, must: 1}, preset: 0, presets: 0)", [:],
                #"{"input":{"b":"b","c":[1,2],"must":1},"preset":0,"presets":[0]}"#
            ),
            (
                "($v: Int)", "echo(input: {a: $v, must: 1}, preset: 0, presets: 0)", ["v": nil],
                #"{"input":{"a":null,"b":"b","c":[1,2],"must":1},"preset":0,"presets":[0]}"#
            ),
            (
                "($v: Any)", "echo(any: {x: $v, l: [$v]}, preset: 0, presets: 0)", [:],
                #"{"any":{"l":[null]},"preset":0,"presets":[0]}"#
            ),
            (
                "($v: Any)", "echo(any: {x: $v, l: [$v]}, preset: 0, presets: 0)", ["v": ["k": 1]],
                #"{"any":{"x":{"k":1},"l":[{"k":1}]},"preset":0,"presets":[0]}"#
            ),
            ("($v: Int = 2)", "required(value: $v)", [:], #"{"value":2,"preset":7}"#),
            ("($v: Int)", "required(value: 1, preset: $v)", [:], #"{"value":1,"preset":7}"#),
        ] as [(String, String, JSONObject, String)])
    func coercesVariables(definition: String, field: String, variables: JSONObject, arguments: String) async throws {
        let response = try await Self.engine.get().respond("query \(definition) { \(field) }", variables: variables)
        let name = field.prefix { $0 != "(" }
        #expect(
            try JSONReader.read(response)["data"]?[String(name)].map(Self.sorted)
                == Self.sorted(JSONReader.read(arguments)))
    }

    @Test(
        arguments: [
            (
                "($v: Int = 2)", "required(value: $v)", ["v": nil],
                "Argument \"value\" of non-null type \"Int!\" must not be null."
            ),
            (
                "($v: Int)", "required(value: 1, preset: $v)", ["v": nil],
                "Argument \"preset\" of non-null type \"Int!\" must not be null."
            ),
            ("($v: Int = 1)", "echo(must: [$v])", ["v": nil], "Argument \"must\" has invalid value [$v]."),
            (
                "($v: Int = 1)", "echo(input: {must: $v})", ["v": nil],
                "Argument \"input\" has invalid value {must: $v}."
            ),
            (
                "($v: Int = 1)", "plain { field(value: $v) }", ["v": nil],
                "Argument \"value\" of non-null type \"Int!\" must not be null."
            ),
        ] as [(String, String, JSONObject, String)])
    func failsTheField(definition: String, field: String, variables: JSONObject, message: String) async throws {
        let engine = try Self.engine.get()
        let operation = try engine.prepared("query \(definition) { \(field) }", variables: variables)
        let result = await engine.execute(operation, context: Tester())
        #expect(result.errors.map(\.message) == [message])
        #expect(result.errors.first?.path.isEmpty == false)
        #expect(result.errors.first?.locations.count == 1)
    }

    @Test func givesTypedViews() {
        let arguments = Arguments([
            "s": "text", "i": 5, "d": 1.5, "b": true, "l": ["a", nil, "b"], "o": ["k": 1], "n": nil,
        ])
        #expect(arguments.string("s") == "text" && arguments.string("i") == nil && arguments.string("n") == nil)
        #expect(arguments.int("i") == 5 && arguments.int("d") == nil)
        #expect(arguments.double("d") == 1.5 && arguments.double("i") == 5)
        #expect(arguments.bool("b") == true && arguments.bool("x") == nil)
        #expect(arguments.list("l")?.count == 3 && arguments.strings("l") == ["a", "b"])
        #expect(arguments.object("o") == ["k": 1] && arguments.object("l") == nil)
        #expect(arguments.has("n") && !arguments.has("x"))
        #expect(arguments.value("n") == .null && arguments.value("x") == nil)
    }

    @Test func resolversKnowTheirPlace() async throws {
        let notes = Recorder()
        let engine = try GraphQLEngine.make("type Query { a: [A] } type A { b: Int }") { resolvers in
            resolvers.field("Query", "a") { _ in [["n": 1], ["n": 2]] }
            resolvers.field("A", "b") { input in
                let path = input.path.map(\.description).joined(separator: ".")
                notes.note("\(input.parentTypeName).\(input.fieldName) as \(input.responseName) at \(path)")
                return input.source.field("n") ?? .null
            }
        }
        #expect(await engine.respond("{ x: a { y: b } }") == #"{"data":{"x":[{"y":1},{"y":2}]}}"#)
        #expect(notes.notes == ["A.b as y at x.0.y", "A.b as y at x.1.y"])
    }

    /// The same value with the members of objects sorted by name.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(Self.sorted))
        case .object(let members):
            .object(
                members.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = Self.sorted($1.value) })
        default: value
        }
    }
}
